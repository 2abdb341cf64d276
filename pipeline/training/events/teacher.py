"""The teacher of events: a transformer, fine-tuned on the sentences with events.

    python -m pipeline.training.events.teacher train FOLDER MODEL            fine-tunes; held-out scores on the way
    python -m pipeline.training.events.teacher read FOLDER OUT MODEL …       reads sentences of news, for the student

FOLDER is what ``data`` wrote. Of each sentence it says what `reader` says of one; several teachers' answers are
averaged. In brain floats: two cores with AMX take 70 minutes to train one for four epochs, and ask it 85 times a
second. Without AMX leave the lower half of the layers as they are (`FIXED`, 6 of twelve): that takes 50 minutes.
"""

from __future__ import annotations

import random
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from pipeline.extract.reader import CLASSES, FLAGS, MARKS, MODEL, MODES, PARTS, Query, Reader
from pipeline.training.events import data, score
from pipeline.training.events.data import Example
from pipeline.training.networks import DEVICE, Dropout, Encoder, mpnet, together

EPOCHS = 5
FIXED = 0
"""Layers, of twelve, that stay as they are."""
RATE = 6e-5
PIECES = 3200
PIECES_READ = 4_000
LONGEST = 90
HARD = 3
"""Epochs after which words that the model takes for triggers wrongly are learned as what they are not."""

Read = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]
Given = tuple[Sequence[str], Sequence[int], Sequence[int]]
"""Words, which type the lexicon has each for, what each is marked as."""
Asked = tuple[list[str], list[int], list[int], list[int]]
"""Words, what each is the name of, which type the lexicon has it for, what it is marked as."""
_AT_ONCE = 6_000


class Teacher(Encoder):
    """The language model, told what words are marked as, and four answers above."""

    def __init__(self, folder: Path) -> None:
        super().__init__(len(MARKS), len(CLASSES), mpnet(folder), FIXED)
        self.drop = Dropout(0.15)
        for layer in self.bert.encoder.layer[FIXED:]:
            layer.attention.dropout = layer.output.dropout = Dropout(0.1)
            layer.attention.attn.dropout = nn.Identity()
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
    has_event = (kinds > 0).float()
    wanted = torch.tensor([e.flags for e in examples], device=DEVICE)
    # The sum: with their mean, a tenth of that, five epochs taught no flag at all.
    by_flag = nn.functional.binary_cross_entropy_with_logits(flags, wanted, reduction="none").sum(-1)
    found = found + 0.5 * (by_flag * has_event).mean()
    of_parts = torch.tensor([part for row in parts_wanted for part in row[:LONGEST]], device=DEVICE)
    return found + nn.functional.cross_entropy(parts, of_parts)


def train(folder: Path, out: Path, *, everything: bool, seed: int, epochs: int, start: Path | None) -> None:
    """Fine-tune, tell what it is worth on what was held out, and keep it."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    examples = data.prepared(folder)
    held = [e for e in examples if e.is_held_out]
    learned = examples if everything else [e for e in examples if not e.is_held_out]
    print(f"{len(learned):,} examples, {sum(e.kind > 0 for e in learned):,} of them events; {len(held):,} held out")
    model = Teacher(folder)
    if start is not None:
        model.load_state_dict(torch.load(start, weights_only=True))
    # The words' vectors stay as they are too: a quarter of the numbers, and our sentences have few of the words.
    for part in (model.bert.embeddings, model.bert.encoder.layer[:FIXED], model.bert.encoder.relative_attention_bias):
        part.requires_grad_(False)
    rate = RATE if start is None else 0.6 * RATE
    fresh = [value for name, value in model.named_parameters() if not name.startswith("bert.")]
    optimizer = torch.optim.AdamW(
        [
            {"params": [value for value in model.bert.parameters() if value.requires_grad], "lr": rate},
            {"params": fresh, "lr": 10 * rate},
        ],
        weight_decay=0.01,
        fused=True,
    )
    total = epochs * round(sum(model.size(e.words[:LONGEST]) for e in learned) * 1.35 / PIECES)
    step, began = 0, time.monotonic()
    plan = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda n: min((n + 1) / (0.1 * total), max(0.01, 1 - n / total))
    )
    pool = list(learned)
    for epoch in range(epochs):
        if epoch == HARD:
            pool += mistaken(model, learned)
            print(f"  {len(pool) - len(learned):,} words taken for triggers")
        variety = data.Varied(pool, rng)
        varied = [variety.varied(e) for e in pool]
        sets = together([model.size(e.words[:LONGEST]) for e, _, _ in varied], PIECES)
        model.train()
        losses = []
        rng.shuffle(sets)
        for numbers in sets:
            some = [varied[n] for n in numbers]
            with torch.autocast(DEVICE, torch.bfloat16):
                said = model([(e.words[:LONGEST], e.listed[:LONGEST], marks[:LONGEST]) for e, marks, _ in some])
            loss = loss_of(tuple(x.float() for x in said), [e for e, _, _ in some], [parts for _, _, parts in some])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            plan.step()
            step += 1
            losses.append(loss.detach())
            if step % 20 == 0:
                print(f"  step {step} of {total}: {losses[-1]:.3f}, {time.monotonic() - began:.0f} s", flush=True)
        mean = float(torch.stack(losses).mean())
        print(f"epoch {epoch}: loss {mean:.4f}, {time.monotonic() - began:.0f} s", flush=True)
        if epoch % 4 == 3 or epoch == epochs - 1:
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
            with torch.autocast(DEVICE, torch.bfloat16):
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


def read_news(models: Sequence[Teacher], folder: Path, out: Path, most: int, beside: Path) -> None:
    """Read the examples' sentences and sentences of articles: unmarked, with words marked that may be a trigger, and
    with pairs marked of which some may be parties.

    Of the articles' sentences those that a student, `beside`, holds for likely to tell an event, and one in seven of
    the others: nine in ten have none, and a few of them say it all. The answers are three parts the teachers' and two
    parts the student's, and the flags are the student's; without teachers all is the student's, so that one trained on
    from it forgets little.
    """
    rng = random.Random(0)
    began, count = time.monotonic(), 0
    kept: dict[str, list[Any]] = {name: [] for name in ("words", "ends", "marks", "kinds", "listed", "parts", "whole")}
    student = Reader(beside)

    def read(given: Sequence[Asked]) -> list[tuple[np.ndarray[Any, Any], ...]]:
        own = student.read([Query(*asked) for asked in given])
        if not models:
            return [(*(np.log(each + 1e-7) for each in (o.parts, o.classes, o.modes)), o.flags) for o in own]
        rows = [(words, listed, marks) for words, _, listed, marks in given]
        found = mean_of([answers(model, rows) for model in models])
        return [
            (
                *(
                    np.log(0.6 * np.exp(a) + 0.4 * b)
                    for a, b in zip(taught, (o.parts, o.classes, o.modes), strict=False)
                ),
                o.flags,
            )
            for taught, o in zip(found, own, strict=True)
        ]

    def keep(asked: Asked, answer: tuple[np.ndarray[Any, Any], ...]) -> None:
        words, kinds, listed, marks = asked
        kept["words"] += words
        kept["ends"].append(len(kept["words"]))
        for name, values in (("marks", marks), ("kinds", kinds), ("listed", listed)):
            kept[name] += values
        kept["parts"].append(answer[0].astype(np.float16))
        kept["whole"].append(np.concatenate(answer[1:]).astype(np.float16))

    for some in _batches(folder, most, student, rng):
        bare = [(words, kinds, listed if rng.random() < 0.7 else [0] * len(words)) for words, kinds, listed in some]
        count += sum(len(words) for words, _, _ in bare)
        more: list[Asked] = []
        given: list[Asked] = [(*each, [0] * len(each[0])) for each in bare]
        for asked, answer in zip(given, read(given), strict=True):
            keep(asked, answer)
            more += _marked(asked, answer, 1 - float(np.exp(answer[1][0])), rng)
        for asked, answer in zip(more, read(more), strict=True):
            keep(asked, answer)
        print(f"{count:,} words, {len(kept['ends']):,} queries, {time.monotonic() - began:.0f} s", flush=True)
    np.savez(
        out, words=np.array("\n".join(kept["words"]).encode()), ends=np.array(kept["ends"]),
        marks=np.array(kept["marks"], np.int8), kinds=np.array(kept["kinds"], np.int8),
        listed=np.array(kept["listed"], np.int8), parts=np.concatenate(kept["parts"]), whole=np.array(kept["whole"]),
    )  # fmt: skip


def _batches(
    folder: Path, most: int, student: Reader, rng: random.Random
) -> Iterator[list[tuple[list[str], list[int], list[int]]]]:
    """Some thousand sentences each: first those of the examples that are not held out, then news; so many words."""
    known = {tuple(e.words): e for e in data.prepared(folder) if not e.is_held_out}
    some = [(e.words, e.kinds, e.listed) for e in known.values() if len(e.words) <= LONGEST]
    yield some
    count = sum(len(words) for words, _, _ in some)
    news = (each for each in data.news(folder) if len(each[0]) <= LONGEST)
    while count < most and (some := list(islice(news, _AT_ONCE))):
        said = student.skim([Query(*asked, [0] * len(asked[0])) for asked in some])
        some = [
            asked
            for asked, answer in zip(some, said, strict=True)
            if rng.random() < 1 / 7 or (answer is not None and answer.classes[0] < 0.95)
        ]
        count += sum(len(words) for words, _, _ in some)
        yield some


def _marked(
    asked: Asked, answer: tuple[np.ndarray[Any, Any], ...], happens: float, rng: random.Random
) -> Iterator[Asked]:
    """A sentence with up to three triggers marked, one at a time, and up to three pairs."""
    words, kinds, listed, _ = asked
    chances = np.exp(answer[0])
    may_be = [*triggers_in(chances, 0.1), *((a, b) for a, b in _stretches(listed))]
    for a, b in rng.sample(may_be, min(3, len(may_be))):
        yield words, kinds, listed, _marks(len(words), (a, b, "T"))
    spans = _stretches(kinds)
    parties = _stretches([int(PARTS[number][2:] in ("A", "R", "B")) for number in answer[0].argmax(-1)])
    for pool in (spans, [*spans, *parties], parties):
        if len(pool) >= 2 and (happens > 0.2 or rng.random() < 0.1):
            (a, b), (c, d) = rng.sample(pool, 2)
            yield words, kinds, listed, _marks(len(words), (a, b, "A"), (c, d, "R"))


def _marks(size: int, *spans: data.Span) -> list[int]:
    marks = [0] * size
    for first, last, part in spans:
        marks[first:last] = [MARKS.index(part)] * (last - first)
    return marks


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
    reading = sub.add_parser("read")
    for each in (training, reading):
        each.add_argument("folder", type=Path)
    training.add_argument("model", type=Path)
    training.add_argument("--everything", action="store_true", help="train on what is held out as well")
    training.add_argument("--seed", type=int, default=0)
    training.add_argument("--epochs", type=int, default=EPOCHS)
    training.add_argument("--start", type=Path, help="a teacher to train further")
    reading.add_argument("out", type=Path)
    reading.add_argument("models", type=Path, nargs="*", help="none: only the student answers")
    reading.add_argument("--beside", type=Path, default=MODEL, help="a student that chooses sentences, and is mixed in")
    reading.add_argument("--words", type=int, default=1_200_000)
    given = parser.parse_args()
    if given.command == "train":
        train(
            given.folder,
            given.model,
            everything=given.everything,
            seed=given.seed,
            epochs=given.epochs,
            start=given.start,
        )
        return
    models = []
    for path in given.models:
        model = Teacher(given.folder)
        model.load_state_dict(torch.load(path, weights_only=True))
        models.append(model)
    read_news(models, given.folder, given.out, given.words, given.beside)


if __name__ == "__main__":
    main()
