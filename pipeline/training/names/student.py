"""The student: a small convolutional network that learns what the teacher reads in real news, and annotated sentences.

    python -m pipeline.training.names.student ../shared/data/ner TEACHER READ MODEL

READ is what ``teacher read`` wrote; MODEL the file that `pipeline.extract.tagger` loads. The pieces' vectors begin as
the teacher's own, brought down to fewer numbers (principal components).
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
from pipeline.extract.tagger import END, LISTS, PIECES, TAGS, Words
from pipeline.training import networks
from pipeline.training.names import data, score
from pipeline.training.names.data import Sentence
from pipeline.training.networks import mean_of_pieces, piece_table, principal, store

PIECE_WIDTH, LOWER_WIDTH, ENDING_WIDTH, SHAPE_WIDTH = 80, 24, 24, 16
WIDTH = 144
DILATIONS = (1, 2, 4, 1)
EPOCHS = 8
STRETCH = 256
AT_ONCE = 32
RATE = 2e-3


class Vocabulary:
    """Words by number, with what `tagger` knows of each."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._numbers: dict[str, int] = {}
        self.texts: list[str] = []
        self.pieces: list[list[int]] = []
        self.counts: list[int] = []
        self.hashes: list[tuple[int, int, int]] = []
        self.lists: list[list[float]] = []
        self[END]

    def __getitem__(self, word: str) -> int:
        number = self._numbers.get(word)
        if number is None:
            number = self._numbers[word] = len(self.texts)
            self.texts.append(word)
            own = [] if word == END else self._words.pieces(word)
            self.counts.append(max(1, len(own)))
            self.pieces.append(own + [-1] * (PIECES - len(own)))
            self.hashes.append(tagger.hashes(word))
            self.lists.append([0.0] * LISTS if word == END else tagger.lists(word))
        return number

    def tensors(self) -> tuple[torch.Tensor, ...]:
        """Pieces (−1: none), their counts, hashed rows, lists; a row a word."""
        return (
            torch.tensor(self.pieces), torch.tensor(self.counts, dtype=torch.float32)[:, None],
            torch.tensor(self.hashes), torch.tensor(self.lists),
        )  # fmt: skip


class Student(nn.Module):
    """The network of `tagger`, to be trained."""

    def __init__(self, pieces: NDArray[Any]) -> None:
        super().__init__()
        self.pieces = piece_table(pieces)
        self.lower = nn.Embedding(tagger.LOWER, LOWER_WIDTH)
        self.endings = nn.Embedding(tagger.ENDINGS, ENDING_WIDTH)
        self.shapes = nn.Embedding(tagger.SHAPES, SHAPE_WIDTH)
        for table in (self.lower, self.endings, self.shapes):
            nn.init.normal_(table.weight, std=0.1)
        self.into = nn.Linear(PIECE_WIDTH + LOWER_WIDTH + ENDING_WIDTH + SHAPE_WIDTH + LISTS, WIDTH)
        self.layers = nn.ModuleList(
            nn.Conv1d(WIDTH, 2 * WIDTH, 3, padding=dilation, dilation=dilation) for dilation in DILATIONS
        )
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in DILATIONS)
        self.drop = nn.Dropout(0.15)
        self.out = nn.Linear(WIDTH, len(TAGS))

    def forward(self, numbers: torch.Tensor, known: tuple[torch.Tensor, ...]) -> torch.Tensor:
        """The logarithms of probabilities, shape (stretches, words, tags), of words by number (stretches, words)."""
        unique, back = torch.unique(numbers, return_inverse=True)
        pieces, counts, hashed, listed = (each[unique] for each in known)
        vectors = mean_of_pieces(self.pieces, pieces, counts)
        if self.training:
            # A name's own words are not to be leaned on: the network must do without them now and then.
            lower = self.lower(hashed[:, 0]) * (torch.rand(len(unique), 1) > 0.3) / 0.7
        else:
            lower = self.lower(hashed[:, 0])
        own = torch.cat([vectors, lower, self.endings(hashed[:, 1]), self.shapes(hashed[:, 2]), listed], dim=1)
        state = nn.functional.leaky_relu(self.into(own), 0.1)[back]
        for layer, norm in zip(self.layers, self.norms, strict=True):
            found = layer(self.drop(state).transpose(1, 2)).transpose(1, 2)
            state = state + norm(torch.maximum(found[..., :WIDTH], found[..., WIDTH:]))
        return nn.functional.log_softmax(self.out(self.drop(state)), dim=-1)

    def save(self, path: Path) -> None:
        """Write it as `tagger` reads it."""
        store(path, self, tables=("lower", "endings", "shapes"), linear=("into", "out"), dilations=DILATIONS)


class Silver:
    """What the teacher read, as words by number and the teacher's probabilities."""

    def __init__(self, path: Path, vocabulary: Vocabulary, seed: int = 0) -> None:
        with np.load(path) as stored:
            words = stored["words"].tobytes().decode().split("\n")
            ends, logs = stored["ends"].tolist(), stored["logs"]
        self._rng = random.Random(seed)
        self._vocabulary = vocabulary
        outside = np.full((1, len(TAGS)), -12.0, np.float16)
        outside[0, 0] = 0.0
        parts, numbers, at = [], [], 0
        for end in ends:
            numbers += [vocabulary[word] for word in words[at:end]]
            numbers.append(0)
            parts += [logs[at:end], outside]
            at = end
        self.numbers, self.logs = np.array(numbers), np.concatenate(parts)
        self.people = self._people()

    def _people(self) -> list[tuple[int, int]]:
        """Persons the teacher is sure of, as stretches."""
        best = self.logs.argmax(axis=1)
        sure = self.logs.max(axis=1) > np.log(0.9)
        found, first = [], 0
        for at in np.flatnonzero(sure & (best > 0)).tolist():
            tag = TAGS[best[at]]
            if tag in ("B-PER", "S-PER"):
                first = at
            if tag in ("E-PER", "S-PER") and at - first < 4 and sure[first : at + 1].all():
                found.append((first, at + 1))
        return found

    def epoch(self, names: Sequence[Sequence[str]]) -> NDArray[Any]:
        """The words of one turn: persons under other names, some sentences spelled otherwise."""
        rng, vocabulary = self._rng, self._vocabulary
        numbers = self.numbers.copy()
        for first, last in self.people:
            if rng.random() < 0.35:
                other = rng.choice(names)
                new = [other[-1]] if last - first == 1 else [*other[: last - first - 1], *other[-1:]]
                if len(new) == last - first:
                    numbers[first:last] = [vocabulary[word] for word in new]
        ends = np.flatnonzero(self.numbers == 0).tolist()
        at = 0
        for end in ends:
            chance = rng.random()
            if chance < 0.11:
                how = str.lower if chance < 0.04 else str.upper if chance < 0.07 else data.bare
                numbers[at:end] = [vocabulary[how(vocabulary.texts[n])] for n in numbers[at:end].tolist()]
            at = end + 1
        return numbers


def stretches(
    sentences: Sequence[Sentence], vocabulary: Vocabulary, rng: random.Random
) -> tuple[torch.Tensor, torch.Tensor]:
    """Annotated sentences one behind another, cut into stretches: words by number, and the tags each may have."""
    numbers, masks = [], []
    for sentence in rng.sample(list(sentences), len(sentences)):
        numbers += [*(vocabulary[word] for word in sentence.words), 0]
        masks += [*sentence.masks(), 1]
    size = STRETCH * (len(numbers) // STRETCH)
    bits = (np.array(masks[:size], np.int64)[:, None] >> np.arange(len(TAGS))) & 1
    return (
        torch.tensor(numbers[:size]).reshape(-1, STRETCH),
        torch.tensor(bits, dtype=torch.bool).reshape(-1, STRETCH, len(TAGS)),
    )


def read(model: Student, vocabulary: Vocabulary, sentences: Sequence[Sentence]) -> list[NDArray[Any]]:
    """The tags' logarithms of each sentence alone."""
    model.eval()
    found = []
    with torch.inference_mode():
        numbers = [torch.tensor([[0, *(vocabulary[word] for word in s.words), 0]]) for s in sentences]
        known = vocabulary.tensors()
        for each in numbers:
            found.append(model(each, known)[0, 1:-1].numpy())
    return found


def train(folder: Path, teacher: Path, silver_path: Path, out: Path, *, everything: bool) -> None:
    """Train, tell what it is worth on what was held out, and write it."""
    torch.manual_seed(0)
    rng = random.Random(0)
    vectors = torch.load(teacher, weights_only=True)["bert.embeddings.word_embeddings.weight"].numpy()
    vocabulary = Vocabulary(Words(networks.vocabulary()))
    silver = Silver(silver_path, vocabulary)
    sentences = data.all_sentences(folder)
    held = [s for s in sentences if s.is_held_out]
    learned = sentences if everything else [s for s in sentences if not s.is_held_out]
    swapper = data.Swapper(learned, 1)
    model = Student(principal(vectors, PIECE_WIDTH))
    print(f"{len(silver.numbers):,} words of silver, {len(vocabulary.texts):,} different", flush=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    per_epoch = len(silver.numbers) // (STRETCH * AT_ONCE)
    total, step, began = EPOCHS * per_epoch, 0, time.monotonic()
    plan = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda n: min((n + 1) / 200, max(0.02, 1 - n / total)))
    for epoch in range(EPOCHS):
        model.train()
        numbers = silver.epoch(swapper.people)
        gold_numbers, gold_masks = stretches(
            [swapper.respelled(swapper.swapped(s) if rng.random() < 0.6 else s) for s in learned for _ in range(2)],
            vocabulary,
            rng,
        )
        known = vocabulary.tensors()
        offset = rng.randrange(STRETCH)
        size = STRETCH * ((len(numbers) - offset) // STRETCH)
        words = torch.tensor(numbers[offset : offset + size]).reshape(-1, STRETCH)
        soft = silver.logs[offset : offset + size].reshape(-1, STRETCH, len(TAGS))
        order = torch.randperm(len(words))
        golden = torch.randperm(len(gold_numbers))
        share = max(1, len(golden) * AT_ONCE // len(words))
        losses, at = [], 0
        for start in range(0, len(order), AT_ONCE):
            some = order[start : start + AT_ONCE]
            also = golden[at : at + share]
            at += share
            logs = model(torch.cat([words[some], gold_numbers[also]]), known)
            taught = torch.tensor(soft[some.numpy()].astype(np.float32))
            loss = -(taught.exp() * logs[: len(some)]).sum(-1).mean()
            hard = torch.zeros(())
            if len(also):
                hard = -torch.logsumexp(logs[len(some) :].masked_fill(~gold_masks[also], -torch.inf), -1).mean()
            optimizer.zero_grad()
            (loss + 0.5 * hard).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            if step < total - 1:
                plan.step()
            step += 1
            losses.append((float(loss.detach()), float(hard.detach())))
        soft_loss, hard_loss = np.mean(losses, axis=0)
        print(f"epoch {epoch}: loss {soft_loss:.4f}, {hard_loss:.4f}; {time.monotonic() - began:.0f} s", flush=True)
        found = read(model, vocabulary, held)
        for origin in sorted({s.origin for s in held}):
            print(
                f"  {origin:24}",
                score.line([(s, f) for s, f in zip(held, found, strict=True) if s.origin == origin]),
                flush=True,
            )
        model.save(out)


def main() -> None:
    """Train it."""
    parser = ArgumentParser(description=__doc__)
    for name in ("folder", "teacher", "silver", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--everything", action="store_true", help="train on what is held out as well")
    given = parser.parse_args()
    train(given.folder, given.teacher, given.silver, given.out, everything=given.everything)


if __name__ == "__main__":
    main()
