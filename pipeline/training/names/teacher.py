"""The teacher: a small transformer fine-tuned on annotated sentences, and what it reads in real news.

    python -m pipeline.training.names.teacher train ../shared/data/ner MODEL     fine-tunes; held-out scores on the way
    python -m pipeline.training.names.teacher read MODEL OUT FILE …              tags articles, for the student

It writes for each word the logarithms of the tags' probabilities.
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

from pipeline.extract.nlp import read as cut
from pipeline.extract.tagger import TAGS
from pipeline.training.names import data, score
from pipeline.training.networks import Encoder, together

EPOCHS = 5
RATE = 1.5e-4
PIECES = 1280
"""Word pieces in a batch."""
_READ = 2500
"""Characters of an article that are read: many articles teach more than long ones."""
LONGEST = 180
"""Words of a stretch that is read at once; longer sentences are cut."""


class Teacher(Encoder):
    """The language model with tags above."""

    def __init__(self) -> None:
        super().__init__()
        self.drop = nn.Dropout(0.1)
        self.tags = nn.Linear(self.width, len(TAGS))

    def forward(self, sentences: Sequence[Sequence[str]]) -> torch.Tensor:
        """The logarithms of probabilities, shape (words of all sentences, tags)."""
        *_, words = self.encode(sentences)
        return nn.functional.log_softmax(self.tags(self.drop(words)), dim=-1)


def train(folder: Path, out: Path) -> None:
    """Fine-tune, tell what it is worth on what was held out, and keep it."""
    torch.manual_seed(0)
    random.seed(0)
    sentences = data.all_sentences(folder)
    learned = [s for s in sentences if not s.is_held_out]
    held = [s for s in sentences if s.is_held_out]
    model = Teacher()
    swapper = data.Swapper(learned, 0)
    groups = [
        {"params": list(model.bert.parameters()), "lr": RATE},
        {"params": [*model.written.parameters(), *model.tags.parameters()], "lr": RATE * 5},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    steps, began = 0, time.monotonic()
    total = EPOCHS * len(together([model.size(s.words) for s in learned], PIECES))
    plan = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (0.1 * total), max(0.0, (1.02 * total - step) / (0.92 * total)))
    )
    for epoch in range(EPOCHS):
        model.train()
        shown = [
            swapper.respelled(
                swapper.swapped(s) if (epoch or s.origin.startswith("corpus")) and random.random() < 0.6 else s
            )
            for s in learned
        ]
        losses = []
        sets = together([model.size(s.words) for s in shown], PIECES)
        random.shuffle(sets)
        for numbers in sets:
            some = [shown[n] for n in numbers]
            logs = model([s.words[:LONGEST] for s in some])
            masks = [mask for s in some for mask in s.masks()[:LONGEST]]
            allowed = torch.tensor(
                [[mask >> number & 1 for number in range(len(TAGS))] for mask in masks], dtype=torch.bool
            )
            loss = -torch.logsumexp(logs.masked_fill(~allowed, -torch.inf), dim=1).mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            plan.step()
            losses.append(float(loss.detach()))
            steps += 1
        print(
            f"epoch {epoch}: loss {np.mean(losses):.4f}, {steps} of {total} steps, {time.monotonic() - began:.0f} s",
            flush=True,
        )
        found = tags_of(model, [s.words for s in held])
        for origin in sorted({s.origin for s in held}):
            pairs = [(s, f) for s, f in zip(held, found, strict=True) if s.origin == origin]
            print(f"  {origin:24}", score.line(pairs), flush=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), out)


def tags_of(model: Teacher, sentences: Sequence[Sequence[str]]) -> list[np.ndarray[Any, Any]]:
    """For each sentence the logarithms of its words' tags, shape (words, tags)."""
    model.eval()
    found: list[Any] = [None] * len(sentences)
    short = [words[:LONGEST] for words in sentences]
    with torch.inference_mode():
        for some in together([model.size(words) for words in short], PIECES):
            logs = model([short[n] for n in some]).numpy()
            at = 0
            for number in some:
                found[number] = logs[at : at + len(short[number])]
                at += len(short[number])
    return found


def read_news(model: Teacher, files: Sequence[Path], out: Path, most: int) -> None:
    """Tag articles: their words, where sentences end, and the tags' logarithms as the student needs them."""
    began, words, ends, logs = time.monotonic(), [], [], []
    waiting: list[list[str]] = []

    def flush() -> None:
        for each, of_words in zip(waiting, tags_of(model, waiting), strict=True):
            words.extend(each[:LONGEST])
            ends.append(len(words))
            logs.append(of_words.astype(np.float16))
        waiting.clear()

    for title, text in data.news(files):
        for part in (title, text[:_READ]):
            found = cut(part, "en")
            waiting += [found.words[first:last] for first, last in found.sentences]
        if len(waiting) > 4000:
            flush()
            print(f"{len(words):,} words, {time.monotonic() - began:.0f} s", flush=True)
            if len(words) >= most:
                break
    flush()
    np.savez(out, words=np.array("\n".join(words).encode()), ends=np.array(ends), logs=np.concatenate(logs))


def main() -> None:
    """Train, or read."""
    parser = ArgumentParser(description=__doc__)
    sub = parser.add_subparsers(dest="command", required=True)
    training = sub.add_parser("train")
    training.add_argument("folder", type=Path)
    training.add_argument("model", type=Path)
    reading = sub.add_parser("read")
    reading.add_argument("model", type=Path)
    reading.add_argument("out", type=Path)
    reading.add_argument("files", type=Path, nargs="+")
    reading.add_argument("--words", type=int, default=2_000_000)
    given = parser.parse_args()
    if given.command == "train":
        train(given.folder, given.model)
        return
    model = Teacher()
    model.load_state_dict(torch.load(given.model, weights_only=True))
    read_news(model, given.files, given.out, given.words)


if __name__ == "__main__":
    main()
