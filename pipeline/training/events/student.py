"""The student of events: a small convolutional network that learns what the teacher reads, and the invented sentences.

    python -m pipeline.training.events.student TEACHER READ MODEL

READ is what ``teacher read`` wrote; MODEL the file that `pipeline.extract.reader` loads.
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
from numpy.typing import NDArray
from torch import nn

from pipeline.extract import tagger
from pipeline.extract.reader import CLASSES, FLAGS, KINDS, MARKS, MODES, PARTS
from pipeline.extract.tagger import PIECES, Words
from pipeline.training import networks
from pipeline.training.events import data, score
from pipeline.training.events.data import Example
from pipeline.training.events.teacher import kinds_of
from pipeline.training.networks import mean_of_pieces, piece_table, principal, store, together

PIECE_WIDTH, ENDING_WIDTH, WIDTH = 80, 24, 128
DILATIONS = (1, 2, 4, 8)
EPOCHS = 4
WORDS = 6000
"""Words in a batch, of the teacher's; a sixth as many invented ones beside them."""
RATE = 2e-3


class Vocabulary:
    """Words by number, with their pieces and endings."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._numbers: dict[str, int] = {}
        self.pieces: list[list[int]] = []
        self.counts: list[int] = []
        self.endings: list[int] = []

    def __getitem__(self, word: str) -> int:
        number = self._numbers.get(word)
        if number is None:
            number = self._numbers[word] = len(self.pieces)
            own = self._words.pieces(word)
            self.counts.append(len(own))
            self.pieces.append(own + [-1] * (PIECES - len(own)))
            self.endings.append(tagger.hashes(word)[1])
        return number

    def tensors(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Pieces (−1: none), their counts, endings; a row a word."""
        counts = torch.tensor(self.counts, dtype=torch.float32)[:, None]
        return torch.tensor(self.pieces), counts, torch.tensor(self.endings)


class Student(nn.Module):
    """The network of `reader`, to be trained."""

    def __init__(self, pieces: NDArray[Any]) -> None:
        super().__init__()
        self.pieces = piece_table(pieces)
        self.endings = nn.Embedding(tagger.ENDINGS, ENDING_WIDTH)
        self.kinds = nn.Embedding(len(KINDS), WIDTH)
        self.marks = nn.Embedding(len(MARKS), WIDTH)
        for embedding in (self.endings, self.kinds, self.marks):
            nn.init.normal_(embedding.weight, std=0.1)
        self.into = nn.Linear(PIECE_WIDTH + ENDING_WIDTH, WIDTH)
        self.layers = nn.ModuleList(
            nn.Conv1d(WIDTH, 2 * WIDTH, 3, padding=dilation, dilation=dilation) for dilation in DILATIONS
        )
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in DILATIONS)
        self.drop = nn.Dropout(0.2)
        self.parts = nn.Linear(WIDTH, len(PARTS))
        self.whole = nn.Linear(3 * WIDTH, len(CLASSES) + len(MODES) + len(FLAGS))

    def forward(
        self, numbers: torch.Tensor, kinds: torch.Tensor, marks: torch.Tensor, known: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Parts (sentences, words, PARTS) and what is said of each whole; raw. Numbers below 0 are no words."""
        mask = (numbers >= 0).float()[..., None]
        unique, back = torch.unique(numbers.clamp(min=0), return_inverse=True)
        pieces, counts, endings = (each[unique] for each in known)
        vectors = mean_of_pieces(self.pieces, pieces, counts)
        own = self.into(torch.cat([self.drop(vectors), self.endings(endings)], 1))[back]
        state = nn.functional.leaky_relu(own + self.kinds(kinds) + self.marks(marks), 0.1) * mask
        for layer, norm in zip(self.layers, self.norms, strict=True):
            found = layer(self.drop(state).transpose(1, 2)).transpose(1, 2)
            state = state + norm(torch.maximum(found[..., :WIDTH], found[..., WIDTH:])) * mask
        marked = ((marks > 0) & (numbers >= 0)).float()[..., None]
        marked = torch.where(marked.sum(1, keepdim=True) > 0, marked, mask)
        mean = (state * marked).sum(1) / marked.sum(1)
        most = state.masked_fill(mask == 0, -1e4).max(1).values
        all_ = state.sum(1) / mask.sum(1)
        return self.parts(self.drop(state)), self.whole(self.drop(torch.cat([mean, most, all_], -1)))

    def save(self, path: Path) -> None:
        """Write it as `reader` reads it."""
        tables, linear = ("endings", "kinds", "marks"), ("into", "parts", "whole")
        store(path, self, tables=tables, linear=linear, dilations=DILATIONS)


def padded(rows: Sequence[Sequence[int]], value: int) -> torch.Tensor:
    """Rows of different length as one table."""
    return nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], True, value)


def train(teacher: Path, silver: Path, out: Path, *, everything: bool) -> None:
    """Train, tell what it is worth on what was held out, and write it."""
    torch.manual_seed(0)
    rng = random.Random(0)
    vectors = torch.load(teacher, weights_only=True)["bert.embeddings.word_embeddings.weight"].numpy()
    vocabulary = Vocabulary(Words(networks.vocabulary()))
    with np.load(silver) as stored:
        taught = {name: stored[name] for name in stored.files}
    numbers = np.array([vocabulary[word] for word in taught["words"].tobytes().decode().split("\n")])
    ends = taught["ends"].tolist()
    begins = [0, *ends[:-1]]
    examples = data.examples()
    kinds = [kinds_of(e.words, *tagger.tagger().names([e.words])) for e in examples]
    of = {id(e): k for e, k in zip(examples, kinds, strict=True)}
    held = [e for e in examples if e.is_held_out]
    learned = examples if everything else [e for e in examples if not e.is_held_out]
    for e in examples:
        for word in e.words:
            vocabulary[word]
    known = vocabulary.tensors()
    variety = data.Varied(learned, rng)
    model = Student(principal(vectors, PIECE_WIDTH))
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    silver_sets = together([b - a for a, b in zip(begins, ends, strict=True)], WORDS)
    gold_sets = together([len(e.words) for e in learned], WORDS // 3)
    total, step, began = EPOCHS * len(silver_sets), 0, time.monotonic()
    plan = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda n: min((n + 1) / 200, max(0.02, 1 - n / total)))
    print(f"{len(ends):,} queries of {len(numbers):,} words", flush=True)
    for epoch in range(EPOCHS):
        model.train()
        rng.shuffle(silver_sets)
        losses = []
        for some in silver_sets:
            spans = [(begins[n], ends[n]) for n in some]
            said, whole = model(
                padded([numbers[a:b].tolist() for a, b in spans], -1),
                padded([taught["kinds"][a:b].tolist() for a, b in spans], 0),
                padded([taught["marks"][a:b].tolist() for a, b in spans], 0),
                known,
            )
            answer = torch.tensor(taught["whole"][some].astype(np.float32))
            soft = _divergence(whole, answer)
            parts = torch.cat([said[row, : b - a] for row, (a, b) in enumerate(spans)]).log_softmax(-1)
            wanted = torch.tensor(np.concatenate([taught["parts"][a:b] for a, b in spans]).astype(np.float32)).exp()
            happens = torch.cat([1 - answer[row, :1].exp().expand(b - a) for row, (a, b) in enumerate(spans)])
            soft = soft + (-(wanted * parts).sum(-1) * happens).sum() / happens.sum()
            chosen = [learned[n] for n in rng.choice(gold_sets)]
            hard = _loss(model, [variety.varied(e) for e in chosen], vocabulary, known)
            optimizer.zero_grad()
            (soft + hard).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            if step < total - 1:
                plan.step()
            step += 1
            losses.append((float(soft.detach()), float(hard.detach())))
        soft_loss, hard_loss = np.mean(losses, axis=0)
        print(f"epoch {epoch}: loss {soft_loss:.4f}, {hard_loss:.4f}; {time.monotonic() - began:.0f} s", flush=True)
        for name, marks in (("parties given", "ARB"), ("trigger given", "T"), ("nothing given", "")):
            found = [answer_of(model, e.words, of[id(e)], e.marks(marks), vocabulary, known) for e in held]
            print(f"  {name}: {score.line(held, found)}", flush=True)
    model.save(out)


def _divergence(whole: torch.Tensor, answer: torch.Tensor) -> torch.Tensor:
    """From what the teacher says of each whole; modes count as far as there is an event, flags alike."""
    a, b = len(CLASSES), len(CLASSES) + len(MODES)
    happens = 1 - answer[:, 0].exp()
    found = -(answer[:, :a].exp() * whole[:, :a].log_softmax(-1)).sum(-1).mean()
    of_modes = -(answer[:, a:b].exp() * whole[:, a:b].log_softmax(-1)).sum(-1)
    of_flags = nn.functional.binary_cross_entropy_with_logits(whole[:, b:], answer[:, b:], reduction="none").sum(-1)
    return found + ((0.3 * of_modes + 0.5 * of_flags) * happens).sum() / happens.sum()


def _loss(
    model: Student, varied: Sequence[tuple[Example, list[int]]], vocabulary: Vocabulary, known: Any
) -> torch.Tensor:
    chosen = [e for e, _ in varied]
    names = tagger.tagger().names([e.words for e in chosen])
    said, whole = model(
        padded([[vocabulary[w] for w in e.words] for e in chosen], -1),
        padded([kinds_of(e.words, named) for e, named in zip(chosen, names, strict=True)], 0),
        padded([marks for _, marks in varied], 0),
        known,
    )
    a, b = len(CLASSES), len(CLASSES) + len(MODES)
    kinds = torch.tensor([e.kind for e in chosen])
    found = nn.functional.cross_entropy(whole[:, :a], kinds, label_smoothing=0.05)
    has_mode = torch.tensor([float(e.mode >= 0) for e in chosen])
    modes = torch.tensor([max(e.mode, 0) for e in chosen])
    found = found + 0.3 * (nn.functional.cross_entropy(whole[:, a:b], modes, reduction="none") * has_mode).mean()
    has_event = (kinds > 0).float()
    flags = torch.tensor([e.flags for e in chosen])
    by_flag = nn.functional.binary_cross_entropy_with_logits(whole[:, b:], flags, reduction="none").mean(-1)
    found = found + 0.5 * (by_flag * has_event).mean()
    parts = torch.cat([said[row, : len(e.words)] for row, e in enumerate(chosen)])
    wanted = torch.tensor([part for e in chosen for part in e.parts()])
    counted = torch.tensor([float(e.kind > 0) for e in chosen for _ in e.words])
    by_word = nn.functional.cross_entropy(parts, wanted, reduction="none")
    return found + (by_word * counted).sum() / counted.sum().clamp(min=1)


def answer_of(
    model: Student, words: Sequence[str], kinds: Sequence[int], marks: Sequence[int], vocabulary: Vocabulary, known: Any
) -> tuple[NDArray[Any], ...]:
    """The four answers for one sentence."""
    model.eval()
    with torch.inference_mode():
        said, whole = model(
            torch.tensor([[vocabulary[w] for w in words]]),
            torch.tensor([list(kinds)]),
            torch.tensor([list(marks)]),
            known,
        )
    a, b = len(CLASSES), len(CLASSES) + len(MODES)
    return (
        said[0].log_softmax(-1).numpy(), whole[0, :a].log_softmax(-1).numpy(),
        whole[0, a:b].log_softmax(-1).numpy(), whole[0, b:].sigmoid().numpy(),
    )  # fmt: skip


def main() -> None:
    """Train it."""
    parser = ArgumentParser(description=__doc__)
    for name in ("teacher", "silver", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--everything", action="store_true", help="train on what is held out as well")
    given = parser.parse_args()
    train(given.teacher, given.silver, given.out, everything=given.everything)


if __name__ == "__main__":
    main()
