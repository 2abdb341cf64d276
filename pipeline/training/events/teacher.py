"""The teacher of events: a small transformer that has read much news, fine-tuned on the sentences with events.

    python -m pipeline.training.events.teacher pretrain FOLDER BASE          goes on learning what words stand in news
    python -m pipeline.training.events.teacher train FOLDER BASE MODEL       fine-tunes; held-out scores on the way
    python -m pipeline.training.events.teacher read FOLDER OUT MODEL …       reads sentences of news, for the student

FOLDER is what ``data`` wrote. Of each sentence it says what `reader` says of one; several teachers' answers are
averaged. On a GPU they take minutes; without one leave `pretrain` out (`BASE` is then not there, and the language model
is taken as it is).
"""

from __future__ import annotations

import random
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from pipeline.extract.reader import CLASSES, FLAGS, MARKS, MODES, PARTS
from pipeline.training.events import data, score
from pipeline.training.events.data import Example
from pipeline.training.networks import DEVICE, Encoder, together

EPOCHS = 12
RATE = 1.5e-4
PIECES = 1280
PIECES_READ = 24_000
LONGEST = 90
HARD = 5
"""Epochs after which words that the model takes for triggers wrongly are learned as what they are not."""

Read = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]
Given = tuple[Sequence[str], Sequence[int], Sequence[int]]
"""Words, which type the lexicon has each for, what each is marked as."""


class Teacher(Encoder):
    """The language model, told what words are marked as, and four answers above."""

    def __init__(self) -> None:
        super().__init__(len(MARKS), len(CLASSES))
        self.drop = nn.Dropout(0.15)
        self.parts = nn.Linear(self.width, len(PARTS))
        self.whole = nn.Linear(3 * self.width, len(CLASSES) + len(MODES) + len(FLAGS))
        self.to(DEVICE)

    def forward(self, sentences: Sequence[Given]) -> Read:
        """Of words and their marks: parts (all words, PARTS), and of the sentences classes, modes, flags; raw."""
        states, mask, marks, words = self.encode(
            [w for w, _, _ in sentences], [m for _, _, m in sentences], [k for _, k, _ in sentences]
        )
        plain = states.masked_fill(mask[..., None] == 0, -1e4)
        is_marked = (marks > 0) & (mask > 0)
        is_marked = is_marked | (~is_marked.any(1)[:, None] & (mask > 0))
        mean = (states * is_marked[..., None]).sum(1) / is_marked.sum(1, keepdim=True)
        whole = self.whole(self.drop(torch.cat([states[:, 0], mean, plain.max(1).values], -1)))
        classes, modes, flags = whole.split([len(CLASSES), len(MODES), len(FLAGS)], -1)
        return self.parts(self.drop(words)), classes, modes, flags


def loss_of(said: Read, examples: Sequence[Example], parts_wanted: Sequence[Sequence[int]]) -> torch.Tensor:
    """How far the answers are from the truth."""
    parts, classes, modes, flags = said
    kinds = torch.tensor([e.kind for e in examples], device=DEVICE)
    found = nn.functional.cross_entropy(classes, kinds, label_smoothing=0.05)
    told = torch.tensor([max(e.mode, 0) for e in examples], device=DEVICE)
    has_mode = torch.tensor([float(e.mode >= 0) for e in examples], device=DEVICE)
    found = found + 0.3 * (nn.functional.cross_entropy(modes, told, reduction="none") * has_mode).mean()
    has_event = (kinds > 0).float()[:, None]
    wanted = torch.tensor([e.flags for e in examples], device=DEVICE)
    by_flag = nn.functional.binary_cross_entropy_with_logits(flags, wanted, reduction="none")
    found = found + 0.5 * (by_flag * has_event).mean()
    of_parts = torch.tensor([part for row in parts_wanted for part in row[:LONGEST]], device=DEVICE)
    return found + nn.functional.cross_entropy(parts, of_parts)


def pretrain(folder: Path, out: Path, *, epochs: int, words: int) -> None:
    """Go on with what the language model was first trained for: which words are hidden (Devlin et al., 2019)."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    model = Encoder().to(DEVICE)
    head = nn.Linear(model.width, model.width).to(DEVICE)
    bias = nn.Parameter(torch.zeros(model.bert.config.vocab_size, device=DEVICE))
    table = model.bert.embeddings.word_embeddings
    rows = _rows(model, folder, words)
    size = rows[0].shape[1]
    print(f"{rows[0].shape[0]:,} rows of {size} pieces", flush=True)
    at_once = 128
    total = epochs * (len(rows[0]) // at_once)
    optimizer = torch.optim.AdamW([*model.parameters(), *head.parameters(), bias], lr=3e-4, weight_decay=0.01)
    plan = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda n: min((n + 1) / 200, max(0.0, 1 - n / total)))
    began, losses = time.monotonic(), []
    for step in range(total):
        chosen = rng.integers(0, len(rows[0]), at_once)
        ids = torch.tensor(rows[0][chosen].astype(np.int64), device=DEVICE)
        how = torch.tensor(rows[1][chosen].astype(np.int64), device=DEVICE)
        hidden = torch.rand(ids.shape, device=DEVICE) < 0.15
        given = torch.where(hidden & (torch.rand(ids.shape, device=DEVICE) < 0.9), model.tokenizer.mask_token_id, ids)
        with torch.autocast(DEVICE, torch.bfloat16):
            states = model.bert(inputs_embeds=table(given) + model.written(how)).last_hidden_state
            said = nn.functional.gelu(head(states[hidden])) @ table.weight.T + bias
        loss = nn.functional.cross_entropy(said.float(), ids[hidden])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        plan.step()
        losses.append(loss.detach())
        if step % 500 == 499 or step == total - 1:
            mean = float(torch.stack(losses).mean())
            print(f"step {step + 1} of {total}: loss {mean:.3f}, {time.monotonic() - began:.0f} s", flush=True)
            losses = []
    torch.save({name: value.cpu() for name, value in model.state_dict().items()}, out)


def _rows(
    model: Encoder, folder: Path, most: int, size: int = 128
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """So many words of the news as rows of pieces, and how each is written."""
    count = 0
    ids: list[int] = []
    how: list[int] = []
    for words, _, _ in data.news(folder):
        count += len(words)
        if count > most:
            break
        for word in words:
            own = model.pieces(word)
            ids += own
            how += [model.spelling(word)] * len(own)
    rows = len(ids) // (size - 2)
    first, last = model.tokenizer.cls_token_id, model.tokenizer.sep_token_id
    tables = []
    for values, begin, end in ((ids, first, last), (how, 6, 6)):
        table = np.full((rows, size), end, np.uint16)
        table[:, 0] = begin
        table[:, 1:-1] = np.array(values[: rows * (size - 2)], np.uint16).reshape(rows, size - 2)
        tables.append(table)
    return tables[0], tables[1]


def train(folder: Path, base: Path, out: Path, *, everything: bool, seed: int) -> None:
    """Fine-tune, tell what it is worth on what was held out, and keep it."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    examples = data.prepared(folder)
    held = [e for e in examples if e.is_held_out]
    learned = examples if everything else [e for e in examples if not e.is_held_out]
    print(f"{len(learned):,} examples, {sum(e.kind > 0 for e in learned):,} of them events; {len(held):,} held out")
    model = Teacher()
    if base.is_file():
        missing = model.load_state_dict(torch.load(base, weights_only=True), strict=False)
        print(f"from {base.name}; {len(missing.missing_keys)} tables begin anew", flush=True)
    fresh = [value for name, value in model.named_parameters() if not name.startswith("bert.")]
    optimizer = torch.optim.AdamW(
        [{"params": model.bert.parameters(), "lr": RATE}, {"params": fresh, "lr": 5 * RATE}], weight_decay=0.01
    )
    sets = together([model.size(e.words[:LONGEST]) for e in learned], PIECES)
    total, step, began = EPOCHS * len(sets), 0, time.monotonic()
    plan = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda n: min((n + 1) / (0.1 * total), max(0.0, (1.02 * total - n) / (0.92 * total)))
    )
    hard: list[Example] = []
    for epoch in range(EPOCHS):
        if epoch >= HARD and epoch % 2:
            hard = mistaken(model, learned)
            sets = together([model.size(e.words[:LONGEST]) for e in [*learned, *hard]], PIECES)
            print(f"  {len(hard):,} words taken for triggers")
        pool = [*learned, *hard]
        variety = data.Varied(pool, rng)
        model.train()
        losses = []
        rng.shuffle(sets)
        for some in sets:
            varied = [variety.varied(pool[n]) for n in some]
            said = model([(e.words[:LONGEST], e.listed[:LONGEST], marks[:LONGEST]) for e, marks, _ in varied])
            loss = loss_of(said, [e for e, _, _ in varied], [parts for _, _, parts in varied])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            step += 1
            plan.step(min(step, total))
            losses.append(loss.detach())
        mean = float(torch.stack(losses).mean())
        print(f"epoch {epoch}: loss {mean:.4f}, {time.monotonic() - began:.0f} s", flush=True)
        if epoch % 4 == 3 or epoch == EPOCHS - 1:
            score.report(held, lambda rows: answers(model, [(e.words, e.listed, marks) for e, marks in rows]))
    torch.save({name: value.cpu() for name, value in model.state_dict().items()}, out)


def mistaken(model: Teacher, examples: Sequence[Example]) -> list[Example]:
    """Of the examples' sentences those words that the model takes for triggers of events, and are none."""
    sentences = {tuple(e.words): e for e in examples if not e.only}
    some = list(sentences.values())
    found = []
    for e, (parts, *_) in zip(
        some, answers(model, [(e.words, e.listed, [0] * len(e.words)) for e in some]), strict=True
    ):
        told = [*e.beside, *(span for span in e.spans if span[2] == "T" and e.kind)]
        for first, last in triggers_in(np.exp(parts)):
            if not any(first < b and last > a for a, b, _ in told):
                found.append(data.without(e, first, last, told))
    return found


def triggers_in(parts: np.ndarray[Any, Any], least: float = 0.2) -> Iterator[tuple[int, int]]:
    """Stretches of words that may be triggers."""
    begins, goes_on = parts[:, PARTS.index("B-T")], parts[:, PARTS.index("I-T")]
    at, size = 0, len(parts)
    while at < size:
        if begins[at] + goes_on[at] < least:
            at += 1
            continue
        stop = at + 1
        while stop < size and goes_on[stop] >= least and goes_on[stop] > begins[stop]:
            stop += 1
        yield at, stop
        at = stop


def answers(model: Teacher, sentences: Sequence[Given]) -> list[tuple[np.ndarray[Any, Any], ...]]:
    """Of each sentence the four answers, as logarithms of probabilities; flags as probabilities."""
    model.eval()
    found: list[Any] = [None] * len(sentences)
    with torch.inference_mode():
        for some in together([model.size(words[:LONGEST]) for words, _, _ in sentences], PIECES_READ):
            given = [tuple(each[:LONGEST] for each in sentences[n]) for n in some]
            with torch.autocast(DEVICE, torch.bfloat16, enabled=DEVICE == "cuda"):
                said = model(given)
            parts, classes, modes = (x.float().log_softmax(-1).cpu().numpy() for x in said[:3])
            odds = said[3].float().sigmoid().cpu().numpy()
            at = 0
            for row, number in enumerate(some):
                size = len(given[row][0])
                found[number] = (parts[at : at + size], classes[row], modes[row], odds[row])
                at += size
    return found


def mean_of(several: Sequence[list[tuple[np.ndarray[Any, Any], ...]]]) -> list[tuple[np.ndarray[Any, Any], ...]]:
    """The mean of what several teachers say (of their probabilities)."""
    if len(several) == 1:
        return several[0]
    found: list[tuple[np.ndarray[Any, Any], ...]] = []
    for answers_ in zip(*several, strict=True):
        parts, classes, modes = (np.log(np.mean([np.exp(a[n]) for a in answers_], axis=0)) for n in range(3))
        found.append((parts, classes, modes, np.mean([a[3] for a in answers_], axis=0)))
    return found


def read_news(models: Sequence[Teacher], folder: Path, out: Path, most: int) -> None:
    """Read sentences of articles, unmarked, with words marked that may be a trigger, and with pairs of names marked."""
    rng = random.Random(0)
    began, count = time.monotonic(), 0
    kept: dict[str, list[Any]] = {name: [] for name in ("words", "ends", "marks", "kinds", "listed", "parts", "whole")}
    waiting: list[tuple[list[str], list[int], list[int]]] = []

    def keep(
        given: Sequence[tuple[list[str], list[int], list[int], list[int]]],
    ) -> list[tuple[np.ndarray[Any, Any], ...]]:
        rows = [(words, listed, marks) for words, _, listed, marks in given]
        found = mean_of([answers(model, rows) for model in models])
        for (words, kinds, listed, marks), (parts, classes, modes, flags) in zip(given, found, strict=True):
            size = len(words[:LONGEST])
            kept["words"] += words[:size]
            kept["ends"].append(len(kept["words"]))
            for name, values in (("marks", marks), ("kinds", kinds), ("listed", listed)):
                kept[name] += values[:size]
            kept["parts"].append(parts.astype(np.float16))
            kept["whole"].append(np.concatenate([classes, modes, flags]).astype(np.float16))
        return found

    def flush() -> None:
        found = keep([(words, kinds, listed, [0] * len(words)) for words, kinds, listed in waiting])
        more = []
        for (words, kinds, listed), (parts, classes, _, _) in zip(waiting, found, strict=True):
            size = len(words[:LONGEST])
            happens = 1 - float(np.exp(classes[0]))
            may_be = [*triggers_in(np.exp(parts), 0.1), *((a, b) for a, b in _stretches(listed[:size]))]
            for a, b in rng.sample(may_be, min(3, len(may_be))):
                marks = [0] * len(words)
                marks[a:b] = [MARKS.index("T")] * (b - a)
                more.append((words, kinds, listed, marks))
            spans = _stretches(kinds[:size])
            parties = _stretches([int(PARTS[b][2:] in ("A", "R", "B")) for b in parts.argmax(-1)])
            for pool in (spans, [*spans, *parties]):
                if len(pool) >= 2 and (happens > 0.2 or rng.random() < 0.1):
                    (a, b), (c, d) = rng.sample(pool, 2)
                    marks = [0] * len(words)
                    marks[a:b] = [MARKS.index("A")] * (b - a)
                    marks[c:d] = [MARKS.index("R")] * (d - c)
                    more.append((words, kinds, listed, marks))
        keep(more)
        waiting.clear()

    for words, kinds, listed in data.news(folder):
        if len(words) > LONGEST:
            continue
        waiting.append((words, kinds, listed if rng.random() < 0.7 else [0] * len(words)))
        count += len(words)
        if len(waiting) > 6000:
            flush()
            print(f"{count:,} words, {len(kept['ends']):,} queries, {time.monotonic() - began:.0f} s", flush=True)
            if count >= most:
                break
    if waiting:
        flush()
    np.savez(
        out, words=np.array("\n".join(kept["words"]).encode()), ends=np.array(kept["ends"]),
        marks=np.array(kept["marks"], np.int8), kinds=np.array(kept["kinds"], np.int8),
        listed=np.array(kept["listed"], np.int8), parts=np.concatenate(kept["parts"]), whole=np.array(kept["whole"]),
    )  # fmt: skip


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
    """Pretrain, train, or read."""
    parser = ArgumentParser(description=__doc__)
    sub = parser.add_subparsers(dest="command", required=True)
    first = sub.add_parser("pretrain")
    training = sub.add_parser("train")
    reading = sub.add_parser("read")
    for each in (first, training, reading):
        each.add_argument("folder", type=Path)
    first.add_argument("base", type=Path)
    first.add_argument("--epochs", type=int, default=3)
    first.add_argument("--words", type=int, default=5_000_000)
    training.add_argument("base", type=Path)
    training.add_argument("model", type=Path)
    training.add_argument("--everything", action="store_true", help="train on what is held out as well")
    training.add_argument("--seed", type=int, default=0)
    reading.add_argument("out", type=Path)
    reading.add_argument("models", type=Path, nargs="+")
    reading.add_argument("--words", type=int, default=1_200_000)
    given = parser.parse_args()
    if given.command == "pretrain":
        pretrain(given.folder, given.base, epochs=given.epochs, words=given.words)
        return
    if given.command == "train":
        train(given.folder, given.base, given.model, everything=given.everything, seed=given.seed)
        return
    models = []
    for path in given.models:
        model = Teacher()
        model.load_state_dict(torch.load(path, weights_only=True))
        models.append(model)
    read_news(models, given.folder, given.out, given.words)


if __name__ == "__main__":
    main()
