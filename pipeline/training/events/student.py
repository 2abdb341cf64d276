"""The student of events: a small convolutional network that learns what the teachers read, and the sentences.

    python -m pipeline.training.events.student FOLDER READ MODEL

FOLDER is what ``data`` and ``meanings`` wrote, READ what ``teacher read`` wrote; MODEL the file that
`pipeline.extract.reader` loads.
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
from pipeline.extract.reader import CLASSES, FLAGS, KINDS, MARKS, MODES, PARTS, SIDES
from pipeline.extract.tagger import PIECES, Words
from pipeline.training import networks
from pipeline.training.events import data, score
from pipeline.training.events.data import Example
from pipeline.training.networks import (
    DEVICE,
    Dropout,
    in_bytes,
    mean_of_pieces,
    mpnet,
    padded,
    piece_table,
    principal,
    restore,
    store,
    together,
    word_vectors,
)

PIECE_WIDTH, ENDING_WIDTH, MEANING_WIDTH, WIDTH = 80, 24, 48, 128
DILATIONS = (1, 2, 4, 8)
EPOCHS = 4
WORDS = 6000
"""Words in a batch, of the teacher's; a sixth as many invented ones beside them."""
RATE = 2e-3
HEADS, DEEP = 4, 192
"""Heads of attention above the convolutions, and width of the layer that weighs all that is pooled there."""
_TABLES, _LINEAR = ("endings", "kinds", "listed", "marks"), ("into", "parts", "whole", "look", "deep", "top", "means")


class Vocabulary:
    """Words by number, with their pieces and endings."""

    def __init__(self, words: Words, meanings: Sequence[str]) -> None:
        self._words = words
        self._known = {word: number for number, word in enumerate(meanings)}
        self.meanings: list[int] = []
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
            self.endings.append(tagger.ending(word))
            self.meanings.append(self._known.get(word.lower(), len(self._known)))
        return number

    def tensors(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Pieces (−1: none), their counts, endings, meanings; a row a word."""
        counts = torch.tensor(self.counts, dtype=torch.float32)[:, None]
        return (
            torch.tensor(self.pieces).to(DEVICE), counts.to(DEVICE), torch.tensor(self.endings).to(DEVICE),
            torch.tensor(self.meanings).to(DEVICE),
        )  # fmt: skip


class Student(nn.Module):
    """The network of `reader`, to be trained."""

    def __init__(self, pieces: NDArray[Any], meant: Sequence[str], meanings: NDArray[Any]) -> None:
        super().__init__()
        self.meant = meant
        self.pieces = piece_table(pieces)
        self.meanings = piece_table(meanings)
        # As they are: learned on, the words that come often would part from those like them that do not.
        self.meanings.requires_grad_(False)
        self.endings = nn.Embedding(tagger.ENDINGS, ENDING_WIDTH)
        self.kinds = nn.Embedding(len(KINDS), WIDTH)
        self.listed = nn.Embedding(len(CLASSES), WIDTH)
        self.marks = nn.Embedding(len(MARKS), WIDTH)
        for embedding in (self.endings, self.kinds, self.listed, self.marks):
            nn.init.normal_(embedding.weight, std=0.1)
        self.into = nn.Linear(PIECE_WIDTH + ENDING_WIDTH, WIDTH)
        self.means = nn.Linear(MEANING_WIDTH, WIDTH)
        nn.init.zeros_(self.means.weight)
        nn.init.zeros_(self.means.bias)
        self.layers = nn.ModuleList(
            nn.Conv1d(WIDTH, 2 * WIDTH, 3, padding=dilation, dilation=dilation) for dilation in DILATIONS
        )
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in DILATIONS)
        self.drop = Dropout(0.2)
        self.parts = nn.Linear(WIDTH, len(PARTS))
        answers = len(CLASSES) + len(MODES) + len(FLAGS)
        self.whole = nn.Linear(3 * WIDTH, answers)
        self.look = nn.Linear(WIDTH, HEADS)
        self.deep = nn.Linear((3 + len(SIDES) + HEADS) * WIDTH, DEEP)
        self.top = nn.Linear(DEEP, answers)
        nn.init.zeros_(self.top.weight)
        nn.init.zeros_(self.top.bias)

    def forward(
        self, numbers: torch.Tensor, kinds: torch.Tensor, listed: torch.Tensor, marks: torch.Tensor, known: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Parts (sentences, words, PARTS) and what is said of each whole; raw. Numbers below 0 are no words."""
        mask = (numbers >= 0).float()[..., None]
        unique, back = torch.unique(numbers.clamp(min=0), return_inverse=True)
        pieces, counts, endings, meanings = (each[unique] for each in known)
        vectors = mean_of_pieces(self.pieces, pieces, counts)
        own = self.into(torch.cat([self.drop(vectors), self.endings(endings)], 1))
        own = (own + self.means(self.drop(self.meanings(meanings))))[back]
        state = nn.functional.leaky_relu(own + self.kinds(kinds) + self.listed(listed) + self.marks(marks), 0.1) * mask
        for layer, norm in zip(self.layers, self.norms, strict=True):
            given = nn.functional.pad(self.drop(state), (0, 0, layer.dilation[0], layer.dilation[0]))
            size = state.shape[1]
            beside = torch.cat([given[:, at : at + size] for at in (0, layer.dilation[0], 2 * layer.dilation[0])], -1)
            # A product of matrices is several times faster here than torch's convolution.
            found = nn.functional.linear(beside, layer.weight.transpose(1, 2).flatten(1), layer.bias)
            state = state + norm(torch.maximum(found[..., :WIDTH], found[..., WIDTH:])) * mask
        marked = ((marks > 0) & (numbers >= 0)).float()[..., None]
        marked = torch.where(marked.sum(1, keepdim=True) > 0, marked, mask)
        mean = (state * marked).sum(1) / marked.sum(1)
        most = state.masked_fill(mask == 0, -1e4).max(1).values
        all_ = state.sum(1) / mask.sum(1)
        sides = []
        for numbers_ in SIDES:
            own = sum((marks == number).float() for number in numbers_)[..., None]
            sides.append((state * own).sum(1) / own.sum(1).clamp(min=1))
        looked = self.look(state).masked_fill(mask == 0, -1e4).softmax(1)
        heads = torch.einsum("bwh,bwd->bhd", looked, state).flatten(1)
        pooled = self.drop(torch.cat([mean, most, all_, *sides, heads], -1))
        deep = nn.functional.leaky_relu(self.deep(pooled), 0.1)
        return self.parts(self.drop(state)), self.whole(pooled[:, : 3 * WIDTH]) + self.top(self.drop(deep))

    def save(self, path: Path) -> None:
        """Write it as `reader` reads it."""
        meanings, scale = in_bytes(self.meanings)
        meant = np.frombuffer("\n".join(self.meant).encode(), np.uint8)
        store(
            path, self, tables=_TABLES, linear=_LINEAR, dilations=DILATIONS,
            meant=meant, meanings=meanings, meanings_scale=scale,
        )  # fmt: skip


def train(
    folder: Path,
    silver: Path,
    out: Path,
    *,
    everything: bool,
    epochs: int,
    rate: float,
    start: Path | None,
    seed: int = 0,
) -> None:
    """Train, tell what it is worth on what was held out, and write it."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    with np.load(folder / "meanings.npz") as stored:
        meant, meanings = stored["words"].tobytes().decode().split("\n"), stored["vectors"]
    vocabulary = Vocabulary(Words(networks.vocabulary()), meant)
    with np.load(silver) as stored:
        taught = {name: stored[name] for name in stored.files}
    numbers = np.array([vocabulary[word] for word in taught["words"].tobytes().decode().split("\n")])
    ends = taught["ends"].tolist()
    begins = [0, *ends[:-1]]
    examples = data.prepared(folder)
    held = [e for e in examples if e.is_held_out]
    learned = examples if everything else [e for e in examples if not e.is_held_out]
    for e in examples:
        for word in e.words:
            vocabulary[word]
    known = vocabulary.tensors()
    variety = data.Varied(learned, rng)
    model = Student(principal(word_vectors(mpnet(folder)), PIECE_WIDTH), meant, meanings).to(DEVICE)
    if start is not None:
        restore(start, model, tables=_TABLES, linear=_LINEAR)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01)
    silver_sets = [
        _batch(taught, numbers, [(begins[n], ends[n]) for n in some], some)
        for some in together([b - a for a, b in zip(begins, ends, strict=True)], WORDS)
    ]
    gold_sets = together([len(e.words) for e in learned], WORDS // 3)
    total, step, began = epochs * len(silver_sets), 0, time.monotonic()
    plan = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda n: min((n + 1) / 200, max(0.02, 1 - n / total)))
    print(f"{len(ends):,} queries of {len(numbers):,} words; {total:,} steps", flush=True)
    for epoch in range(epochs):
        model.train()
        rng.shuffle(silver_sets)
        losses = []
        for given, mask, parts_wanted, answer in silver_sets:
            with torch.autocast(DEVICE, torch.bfloat16):
                said, whole = model(*given, known)
            said, whole, answer = said.float(), whole.float(), answer.float()
            by_word = -(parts_wanted.float().exp() * said[mask].log_softmax(-1)).sum(-1).mean()
            soft = _divergence(whole, answer) + by_word
            hard = _loss(model, [variety.varied(learned[n]) for n in rng.choice(gold_sets)], vocabulary, known)
            optimizer.zero_grad()
            (soft + hard).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            if step < total - 1:
                plan.step()
            step += 1
            losses.append(torch.stack([soft.detach(), hard.detach()]))
        soft_loss, hard_loss = torch.stack(losses).mean(0).tolist()
        model.save(out)
        print(f"epoch {epoch}: loss {soft_loss:.4f}, {hard_loss:.4f}; {time.monotonic() - began:.0f} s", flush=True)
        if epoch % 4 == 3 or epoch == epochs - 1:
            score.report(held, lambda rows: [answer_of(model, e, marks, vocabulary, known) for e, marks in rows])


def _batch(taught: Any, numbers: NDArray[Any], spans: Sequence[tuple[int, int]], rows: Sequence[int]) -> Any:
    """What is asked (numbers, kinds, listed, marks), which words there are, and the teacher's answers."""
    given = tuple(
        padded([table[a:b].tolist() for a, b in spans], value)
        for table, value in ((numbers, -1), (taught["kinds"], 0), (taught["listed"], 0), (taught["marks"], 0))
    )
    parts = torch.tensor(np.concatenate([taught["parts"][a:b] for a, b in spans]), device=DEVICE)
    return given, given[0] >= 0, parts, torch.tensor(taught["whole"][rows], device=DEVICE)


def _divergence(whole: torch.Tensor, answer: torch.Tensor) -> torch.Tensor:
    """From what the teacher says of each whole; modes count as far as there is an event, flags alike."""
    a, b = len(CLASSES), len(CLASSES) + len(MODES)
    happens = 1 - answer[:, 0].exp()
    found = -(answer[:, :a].exp() * whole[:, :a].log_softmax(-1)).sum(-1).mean()
    of_modes = -(answer[:, a:b].exp() * whole[:, a:b].log_softmax(-1)).sum(-1)
    of_flags = nn.functional.binary_cross_entropy_with_logits(whole[:, b:], answer[:, b:], reduction="none").sum(-1)
    return found + ((0.3 * of_modes + 0.5 * of_flags) * happens).sum() / happens.sum()


def _loss(
    model: Student, varied: Sequence[tuple[Example, list[int], list[int]]], vocabulary: Vocabulary, known: Any
) -> torch.Tensor:
    chosen = [e for e, _, _ in varied]
    given = (
        padded([[vocabulary[w] for w in e.words] for e in chosen], -1),
        padded([e.kinds for e in chosen], 0),
        padded([e.listed for e in chosen], 0),
        padded([marks for _, marks, _ in varied], 0),
    )
    with torch.autocast(DEVICE, torch.bfloat16):
        said, whole = model(*given, known)
    said, whole = said.float(), whole.float()
    a, b = len(CLASSES), len(CLASSES) + len(MODES)
    kinds = torch.tensor([e.kind for e in chosen], device=DEVICE)
    found = nn.functional.cross_entropy(whole[:, :a], kinds, label_smoothing=0.05)
    has_mode = torch.tensor([float(e.mode >= 0) for e in chosen], device=DEVICE)
    modes = torch.tensor([max(e.mode, 0) for e in chosen], device=DEVICE)
    found = found + 0.3 * (nn.functional.cross_entropy(whole[:, a:b], modes, reduction="none") * has_mode).mean()
    has_event = (kinds > 0).float()
    flags = torch.tensor([e.flags for e in chosen], device=DEVICE)
    by_flag = nn.functional.binary_cross_entropy_with_logits(whole[:, b:], flags, reduction="none").sum(-1)
    found = found + 0.3 * (by_flag * has_event).mean()
    wanted = torch.tensor([part for _, _, parts in varied for part in parts], device=DEVICE)
    return found + nn.functional.cross_entropy(said[given[0] >= 0], wanted)


def answer_of(
    model: Student, e: Example, marks: Sequence[int], vocabulary: Vocabulary, known: Any
) -> tuple[NDArray[Any], ...]:
    """The four answers for one sentence."""
    model.eval()
    with torch.inference_mode():
        rows = [[vocabulary[w] for w in e.words]], [list(e.kinds)], [list(e.listed)], [list(marks)]
        said, whole = (x.cpu() for x in model(*(torch.tensor(row, device=DEVICE) for row in rows), known))
    a, b = len(CLASSES), len(CLASSES) + len(MODES)
    return (
        said[0].log_softmax(-1).numpy(), whole[0, :a].log_softmax(-1).numpy(),
        whole[0, a:b].log_softmax(-1).numpy(), whole[0, b:].sigmoid().numpy(),
    )  # fmt: skip


def main() -> None:
    """Train it."""
    parser = ArgumentParser(description=__doc__)
    for name in ("folder", "silver", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--everything", action="store_true", help="train on what is held out as well")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--start", type=Path, help="a model to train further, or one whose pieces of words are taken over"
    )
    given = parser.parse_args()
    train(
        given.folder, given.silver, given.out, everything=given.everything, epochs=given.epochs, rate=given.rate,
        start=given.start, seed=given.seed,
    )  # fmt: skip


if __name__ == "__main__":
    main()
