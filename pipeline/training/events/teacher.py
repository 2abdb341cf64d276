"""The teacher of events: a small transformer fine-tuned on the invented sentences.

    python -m pipeline.training.events.teacher train MODEL            fine-tunes; held-out scores on the way
    python -m pipeline.training.events.teacher read MODEL OUT FILE …  reads sentences of articles, for the student

Of each sentence it says what `reader` says of one.
"""

from __future__ import annotations

import random
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from pipeline.extract.nlp import read
from pipeline.extract.reader import CLASSES, FLAGS, MARKS, MODES, PARTS
from pipeline.extract.tagger import TYPES, tagger
from pipeline.training.events import data, score
from pipeline.training.events.data import Example
from pipeline.training.names import data as names
from pipeline.training.networks import Encoder, together

EPOCHS = 10
RATE = 1.5e-4
PIECES = 1280
LONGEST = 90

Read = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


class Teacher(Encoder):
    """The language model, told what words are marked as, and four answers above."""

    def __init__(self) -> None:
        super().__init__(len(MARKS))
        self.drop = nn.Dropout(0.15)
        self.parts = nn.Linear(self.width, len(PARTS))
        self.whole = nn.Linear(3 * self.width, len(CLASSES) + len(MODES) + len(FLAGS))

    def forward(self, sentences: Sequence[tuple[Sequence[str], Sequence[int]]]) -> Read:
        """Of words and their marks: parts (all words, PARTS), and of the sentences classes, modes, flags; raw."""
        states, mask, marks, words = self.encode([w for w, _ in sentences], [m for _, m in sentences])
        plain = states.masked_fill(mask[..., None] == 0, -1e4)
        is_marked = (marks > 0) & (mask > 0)
        is_marked = is_marked | (~is_marked.any(1)[:, None] & (mask > 0))
        mean = (states * is_marked[..., None]).sum(1) / is_marked.sum(1, keepdim=True)
        whole = self.whole(self.drop(torch.cat([states[:, 0], mean, plain.max(1).values], -1)))
        classes, modes, flags = whole.split([len(CLASSES), len(MODES), len(FLAGS)], -1)
        return self.parts(self.drop(words)), classes, modes, flags


def loss_of(said: Read, examples: Sequence[Example]) -> torch.Tensor:
    """How far the answers are from the truth."""
    parts, classes, modes, flags = said
    of_parts = torch.tensor([part for e in examples for part in e.parts()[:LONGEST]])
    # What stands in a sentence without an event has a part in none; whom its marks show is not asked.
    kinds = torch.tensor([e.kind for e in examples])
    found = nn.functional.cross_entropy(classes, kinds, label_smoothing=0.05)
    told = torch.tensor([max(e.mode, 0) for e in examples])
    has_mode = torch.tensor([float(e.mode >= 0) for e in examples])
    found = found + 0.3 * (nn.functional.cross_entropy(modes, told, reduction="none") * has_mode).mean()
    has_event = (kinds > 0).float()[:, None]
    wanted = torch.tensor([e.flags for e in examples])
    found = (
        found
        + 0.5 * (nn.functional.binary_cross_entropy_with_logits(flags, wanted, reduction="none") * has_event).mean()
    )
    counted = torch.tensor([float(e.kind > 0) for e in examples for _ in e.words[:LONGEST]])
    by_word = nn.functional.cross_entropy(parts, of_parts, reduction="none")
    return found + (by_word * counted).sum() / counted.sum().clamp(min=1)


def train(out: Path, *, everything: bool) -> None:
    """Fine-tune, tell what it is worth on what was held out, and keep it."""
    torch.manual_seed(0)
    random.seed(0)
    rng = random.Random(0)
    examples = data.examples()
    held = [e for e in examples if e.is_held_out]
    learned = examples if everything else [e for e in examples if not e.is_held_out]
    variety = data.Varied(learned, rng)
    model = Teacher()
    fresh = [value for name, value in model.named_parameters() if not name.startswith("bert.")]
    optimizer = torch.optim.AdamW(
        [{"params": model.bert.parameters(), "lr": RATE}, {"params": fresh, "lr": 5 * RATE}], weight_decay=0.01
    )
    sets = together([model.size(e.words[:LONGEST]) for e in learned], PIECES)
    total, began = EPOCHS * len(sets), time.monotonic()
    plan = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda n: min((n + 1) / (0.1 * total), max(0.0, (1.02 * total - n) / (0.92 * total)))
    )
    for epoch in range(EPOCHS):
        model.train()
        losses = []
        random.shuffle(sets)
        for some in sets:
            varied = [variety.varied(learned[n]) for n in some]
            chosen = [e for e, _ in varied]
            said = model([(e.words[:LONGEST], marks[:LONGEST]) for e, marks in varied])
            loss = loss_of(said, chosen)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            plan.step()
            losses.append(float(loss.detach()))
        print(f"epoch {epoch}: loss {np.mean(losses):.4f}, {time.monotonic() - began:.0f} s", flush=True)
        if epoch % 2 or epoch == EPOCHS - 1:
            for name, marks in (("parties given", "ARB"), ("trigger given", "T"), ("nothing given", "")):
                found = answers(model, [(e.words, e.marks(marks)) for e in held])
                print(f"  {name}: {score.line(held, found)}", flush=True)
    torch.save(model.state_dict(), out)


def answers(
    model: Teacher, sentences: Sequence[tuple[Sequence[str], Sequence[int]]]
) -> list[tuple[np.ndarray[Any, Any], ...]]:
    """Of each sentence the four answers, as logarithms of probabilities; flags as probabilities."""
    model.eval()
    found: list[Any] = [None] * len(sentences)
    with torch.inference_mode():
        for some in together([model.size(words[:LONGEST]) for words, _ in sentences], PIECES):
            given = [(sentences[n][0][:LONGEST], sentences[n][1][:LONGEST]) for n in some]
            parts, classes, modes, flags = model(given)
            parts, classes, modes = (x.log_softmax(-1).numpy() for x in (parts, classes, modes))
            odds = flags.sigmoid().numpy()
            at = 0
            for row, number in enumerate(some):
                size = len(given[row][0])
                found[number] = (parts[at : at + size], classes[row], modes[row], odds[row])
                at += size
    return found


def read_news(model: Teacher, files: Sequence[Path], out: Path, most: int) -> None:
    """Read sentences of articles, unmarked, with their trigger marked, and with pairs of names marked."""
    rng = random.Random(0)
    began, count = time.monotonic(), 0
    kept: dict[str, list[Any]] = {name: [] for name in ("words", "ends", "marks", "kinds", "parts", "whole")}
    waiting: list[tuple[list[str], list[int]]] = []

    def keep(given: Sequence[tuple[list[str], list[int], list[int]]]) -> list[tuple[np.ndarray[Any, Any], ...]]:
        found = answers(model, [(words, marks) for words, _, marks in given])
        for (words, kinds, marks), (parts, classes, modes, flags) in zip(given, found, strict=True):
            size = len(words[:LONGEST])
            kept["words"] += words[:size]
            kept["ends"].append(len(kept["words"]))
            kept["marks"] += marks[:size]
            kept["kinds"] += kinds[:size]
            kept["parts"].append(parts.astype(np.float16))
            kept["whole"].append(np.concatenate([classes, modes, flags]).astype(np.float16))
        return found

    def flush() -> None:
        found = keep([(words, kinds, [0] * len(words)) for words, kinds in waiting])
        more = []
        for (words, kinds), (parts, classes, _, _) in zip(waiting, found, strict=True):
            size = len(words[:LONGEST])
            happens = 1 - float(np.exp(classes[0]))
            trigger = [0] * len(words)
            best = parts.argmax(-1)
            for at in range(size):
                if PARTS[best[at]].endswith("-T"):
                    trigger[at] = MARKS.index("T")
            if any(trigger) and (happens > 0.2 or rng.random() < 0.2):
                more.append((words, kinds, trigger))
            spans = _stretches(kinds[:size])
            parties = _stretches([int(PARTS[b][2:] in ("A", "R", "B")) for b in best])
            for pool in (spans, [*spans, *parties]):
                if len(pool) >= 2 and (happens > 0.2 or rng.random() < 0.2):
                    (a, b), (c, d) = rng.sample(pool, 2)
                    marks = [0] * len(words)
                    marks[a:b] = [MARKS.index("A")] * (b - a)
                    marks[c:d] = [MARKS.index("R")] * (d - c)
                    more.append((words, kinds, marks))
        keep(more)
        waiting.clear()

    for title, text in names.news(files):
        for part in (title, text[:2500]):
            cut = read(part, "en")
            sentences = [cut.words[first:last] for first, last in cut.sentences]
            for words, named in zip(sentences, tagger().names(sentences), strict=True):
                if 4 <= len(words) <= LONGEST:
                    waiting.append((words, kinds_of(words, named)))
                    count += len(words)
        if len(waiting) > 3000:
            flush()
            print(f"{count:,} words, {len(kept['ends']):,} queries, {time.monotonic() - began:.0f} s", flush=True)
            if count >= most:
                break
    if waiting:
        flush()
    np.savez(
        out, words=np.array("\n".join(kept["words"]).encode()), ends=np.array(kept["ends"]),
        marks=np.array(kept["marks"], np.int8), kinds=np.array(kept["kinds"], np.int8),
        parts=np.concatenate(kept["parts"]), whole=np.array(kept["whole"]),
    )  # fmt: skip


def kinds_of(words: Sequence[str], named: Sequence[tuple[int, int, str, float]]) -> list[int]:
    """What each word is the name of, as numbers of `KINDS`."""
    found = [0] * len(words)
    for first, last, kind, _ in named:
        found[first:last] = [1 + TYPES.index(kind)] * (last - first)
    return found


def _stretches(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Where the same number, not 0, goes on."""
    found, at = [], 0
    while at < len(numbers):
        stop = at + 1
        while stop < len(numbers) and numbers[stop] == numbers[at]:
            stop += 1
        if numbers[at]:
            found.append((at, stop))
        at = stop
    return found


def main() -> None:
    """Train, or read."""
    parser = ArgumentParser(description=__doc__)
    sub = parser.add_subparsers(dest="command", required=True)
    training = sub.add_parser("train")
    training.add_argument("model", type=Path)
    training.add_argument("--everything", action="store_true")
    reading = sub.add_parser("read")
    reading.add_argument("model", type=Path)
    reading.add_argument("out", type=Path)
    reading.add_argument("files", type=Path, nargs="+")
    reading.add_argument("--words", type=int, default=1_200_000)
    given = parser.parse_args()
    if given.command == "train":
        train(given.model, everything=given.everything)
        return
    model = Teacher()
    model.load_state_dict(torch.load(given.model, weights_only=True))
    read_news(model, given.files, given.out, given.words)


if __name__ == "__main__":
    main()
