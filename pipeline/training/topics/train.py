"""The classifier of topics: a teacher above sentence vectors, and the bag of words that learns from it.

    python -m pipeline.training.topics.train embed VOLUME FOLDER          a quarter of an hour of CPU, once
    python -m pipeline.training.topics.train fit VOLUME FOLDER MODEL      two minutes

VOLUME is ``../shared/data/volume``. Of each article two stretches are read by all-MiniLM-L6-v2 (title and the first 90
words; the next 110): their vectors are what the teacher's linear layer, trained on the labelled articles, looks at.
What it then says of 23,700 articles teaches the student (`pipeline.extract.topics`). Articles that the gold labels are
of are left out everywhere.
"""

from __future__ import annotations

import gzip
import json
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from pipeline.extract.topics import MOST_WORDS, words_of
from pipeline.training.networks import base

FILES = ("articles_6k.jsonl.gz", "unlabelled_18k.jsonl.gz")
HERE = Path(__file__).parent
PIECES, AT_ONCE = 128, 64
MAIN = tuple(f"{n:02}000000" for n in range(1, 18))
LEAST_SECOND = 8
"""Labelled examples that a second-level topic needs to be learned."""
VOCABULARY, WIDTH, EPOCHS = 24_000, 40, 30
GOLD = 300
"""So many of the first file's lines, as `random.Random(5).shuffle` orders them, are the gold."""


def articles(volume: Path) -> list[dict[str, Any]]:
    """All articles, those of the first file first."""
    found = []
    for name in FILES:
        with gzip.open(volume / name, "rt", encoding="utf-8") as lines:
            found += [json.loads(line) for line in lines]
    return found


def invented() -> list[tuple[str, str, str, str]]:
    """Main topic, second-level topic, title and text of each invented article."""
    rows = [line.split(" | ") for line in (HERE / "invented.txt").read_text("utf-8").splitlines() if line.strip()]
    return [(f"{main}000000", second, title, text) for main, second, title, text in rows]


def gold_lines() -> set[int]:
    """Lines of the first file that are labelled for the benchmark: never learned from."""
    import random

    order = list(range(6000))
    random.Random(5).shuffle(order)
    return set(order[:GOLD])


def embed(volume: Path, folder: Path) -> None:
    """Write the vectors of all articles, real and invented."""
    from transformers import AutoModel, AutoTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer, model = AutoTokenizer.from_pretrained(base()), AutoModel.from_pretrained(base()).eval()

    def read(texts: Sequence[str]) -> NDArray[Any]:
        found = np.zeros((len(texts), 384), np.float16)
        order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
        with torch.inference_mode():
            for at in range(0, len(order), AT_ONCE):
                rows = order[at : at + AT_ONCE]
                given = tokenizer(
                    [texts[n] for n in rows], truncation=True, max_length=PIECES, padding=True, return_tensors="pt"
                )
                states = model(**given).last_hidden_state
                mask = given["attention_mask"][..., None].float()
                found[rows] = nn.functional.normalize((states * mask).sum(1) / mask.sum(1), dim=1).numpy()
        return found

    def both(texts: Sequence[tuple[str, str]]) -> NDArray[Any]:
        words = [text.split() for _, text in texts]
        first = read([f"{title}. {' '.join(w[:90])}" for (title, _), w in zip(texts, words, strict=True)])
        return np.hstack([first, read([" ".join(w[90:200]) for w in words])])

    np.save(folder / "news.npy", both([(a["title"] or "", a["text"]) for a in articles(volume)]))
    np.save(folder / "invented.npy", both([(title, text) for _, _, title, text in invented()]))


class Labels:
    """What is known of each labelled article, as numbers."""

    def __init__(self) -> None:
        rows = [json.loads(line) for line in (HERE / "news.jsonl").read_text("utf-8").splitlines()]
        own = invented()
        self.lines = [6000 + row["line"] for row in rows]
        counts = Counter([row["second"] for row in rows if row["second"]] + [second for _, second, _, _ in own])
        self.second = tuple(sorted(code for code, count in counts.items() if count >= LEAST_SECOND))
        self.main = [MAIN.index(row["main"]) for row in rows] + [MAIN.index(main) for main, *_ in own]
        self.any = np.zeros((len(self.main), len(MAIN)), np.float32)
        for n, row in enumerate(rows):
            for code in [row["main"], *row["also"]]:
                self.any[n, MAIN.index(code)] = 1
        for n, (main, *_) in enumerate(own, len(rows)):
            self.any[n, MAIN.index(main)] = 1
        seconds = [row["second"] for row in rows] + [second for _, second, _, _ in own]
        self.of_second = [self.second.index(code) if code in self.second else -1 for code in seconds]


Answers = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def loss(said: torch.Tensor, main: torch.Tensor, any_: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Of raw answers (main topics, all topics, second-level ones) from labels; −1 is no label."""
    a, b, c = said.split([len(MAIN), len(MAIN), said.shape[1] - 2 * len(MAIN)], 1)
    found = nn.functional.cross_entropy(a, main) + 3 * nn.functional.binary_cross_entropy_with_logits(b, any_)
    return found + 0.5 * nn.functional.cross_entropy(c, second, ignore_index=-1)


def teach(vectors: torch.Tensor, labels: Labels, rows: Sequence[int], *, decay: float = 0.02) -> nn.Linear:
    """A linear layer above the vectors."""
    torch.manual_seed(0)
    layer = nn.Linear(vectors.shape[1], 2 * len(MAIN) + len(labels.second))
    optimizer = torch.optim.AdamW(layer.parameters(), lr=0.02, weight_decay=decay)
    main, any_ = torch.tensor(labels.main)[list(rows)], torch.tensor(labels.any)[list(rows)]
    second = torch.tensor(labels.of_second)[list(rows)]
    given = vectors[list(rows)]
    for _ in range(250):
        optimizer.zero_grad()
        loss(layer(given), main, any_, second).backward()
        optimizer.step()
    return layer


def fit(volume: Path, folder: Path, out: Path) -> None:
    """Train teacher and student, tell what they are worth, and write the student."""
    labels = Labels()
    news = torch.tensor(np.load(folder / "news.npy").astype(np.float32))
    own = torch.tensor(np.load(folder / "invented.npy").astype(np.float32))
    # The second stretch counts less: articles tell first what they are about.
    weights = torch.cat([torch.ones(384), torch.full((384,), 0.6)]) * 8
    given = torch.cat([news[labels.lines], own]) * weights
    real = len(labels.lines)
    right = 0
    for fold in range(5):
        layer = teach(given, labels, [n for n in range(len(given)) if n >= real or n % 5 != fold])
        held = [n for n in range(real) if n % 5 == fold]
        said = layer(given[held])[:, : len(MAIN)].argmax(1)
        right += int((said == torch.tensor(labels.main)[held]).sum())
    print(f"teacher: main topic of {right / real:.3f} of {real} real articles, each held out once", flush=True)
    teacher = teach(given, labels, range(len(given)))
    with torch.no_grad():
        answers = teacher(news * weights)
    read = [words_of(a["title"] or "", a["text"].split()[:MOST_WORDS]) for a in articles(volume)]
    read += [words_of(title, text.split()) for _, _, title, text in invented()]
    student(read, answers, labels, out)


def student(read: Sequence[Sequence[str]], answers: torch.Tensor, labels: Labels, out: Path) -> None:
    """A vector for each word; their mean, weighted, says the topics."""
    torch.manual_seed(0)
    counts = Counter(word for words in read for word in set(words))
    vocabulary = [word for word, count in counts.most_common(VOCABULARY) if count >= 3]
    numbers = {word: n for n, word in enumerate(vocabulary)}
    bags = [torch.tensor([numbers[w] for w in words if w in numbers]) for words in read]
    split = (len(MAIN), len(MAIN), len(labels.second))
    gold = gold_lines()
    learned = [n for n in range(len(answers)) if n not in gold and len(bags[n]) and n % 20]
    checked = [n for n in range(len(answers)) if n not in gold and len(bags[n]) and not n % 20]
    table = nn.EmbeddingBag(len(vocabulary), WIDTH, mode="mean")
    layer = nn.Linear(WIDTH, sum(split))
    drop = nn.Dropout(0.1)
    optimizer = torch.optim.AdamW([*table.parameters(), *layer.parameters()], lr=0.01, weight_decay=0.01)
    total = EPOCHS * (len(learned) // 256 + 1)
    plan = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda n: max(0.01, 1 - n / total))
    generator = np.random.default_rng(0)

    def raw(rows: Sequence[int]) -> torch.Tensor:
        sizes = torch.tensor([0, *(len(bags[n]) for n in rows[:-1])]).cumsum(0)
        return torch.as_tensor(layer(drop(table(torch.cat([bags[n] for n in rows]), sizes))))

    extra = list(range(len(answers), len(read)))
    for epoch in range(EPOCHS):
        drop.train()
        order = generator.permutation(learned)
        losses = []
        for at in range(0, len(order), 256):
            rows = order[at : at + 256].tolist()
            said, wanted = raw(rows).split(split, 1), answers[rows].split(split, 1)
            soft = -(wanted[0].softmax(1) * said[0].log_softmax(1)).sum(1).mean()
            soft = soft + 3 * nn.functional.binary_cross_entropy_with_logits(said[1], wanted[1].sigmoid())
            soft = soft - 0.5 * (wanted[2].softmax(1) * said[2].log_softmax(1)).sum(1).mean()
            # The labelled ones themselves, real and invented.
            some = generator.choice(len(labels.main), 64).tolist()
            own = [labels.lines[n] if n < len(labels.lines) else extra[n - len(labels.lines)] for n in some]
            hard = loss(
                raw(own),
                torch.tensor([labels.main[n] for n in some]),
                torch.tensor(labels.any[some]),
                torch.tensor([labels.of_second[n] for n in some]),
            )
            optimizer.zero_grad()
            (soft + 0.5 * hard).backward()
            optimizer.step()
            plan.step()
            losses.append(soft.detach())
        if epoch % 10 == 9:
            drop.eval()
            with torch.inference_mode():
                said = raw(checked)[:, : len(MAIN)].argmax(1)
            same = float((said == answers[checked][:, : len(MAIN)].argmax(1)).float().mean())
            print(
                f"epoch {epoch}: loss {torch.stack(losses).mean():.3f}; says what the teacher says of {same:.3f}",
                flush=True,
            )
    weights = table.weight.detach().numpy()
    scale = np.abs(weights).max(axis=0) / 127
    np.savez_compressed(
        out, words=np.frombuffer("\n".join(vocabulary).encode(), np.uint8),
        table=np.round(weights / scale).astype(np.int8), scale=scale.astype(np.float32),
        layer=layer.weight.detach().numpy().T.astype(np.float16),
        bias=layer.bias.detach().numpy(), second=np.frombuffer("\n".join(labels.second).encode(), np.uint8),
    )  # fmt: skip


def main() -> None:
    """Embed or fit."""
    parser = ArgumentParser(description=__doc__)
    sub = parser.add_subparsers(dest="command", required=True)
    for name in ("embed", "fit"):
        own = sub.add_parser(name)
        own.add_argument("volume", type=Path)
        own.add_argument("folder", type=Path)
    own.add_argument("model", type=Path)
    given = parser.parse_args()
    if given.command == "embed":
        embed(given.volume, given.folder)
    else:
        fit(given.volume, given.folder, given.model)


if __name__ == "__main__":
    main()
