"""The reader of events: a small convolutional network that NumPy runs (`pipeline/training/events` makes it).

It reads a sentence in which some words may be marked as actor, recipient or trigger, and says for each word what part
it has in the event, and for the sentence which event it is, of what mode, and whether it is denied, planned, long ago.
With a trigger marked it says whether that word tells an event here; with nothing marked, which words may.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.extract.tagger import Array, Words, convolved, hashes, layers_of, normal, one_thread
from pipeline.extract.triggers import Trigger
from pipeline.schema import ontology

MODEL = Path(__file__).with_name("events_en.npz")
FLAGS = ("negated", "hypothetical", "future", "historical", "reported")
CLASSES = ("NONE", *ontology("plover")["types"])
MODES = tuple(f"{kind}.{mode}" for kind, said in ontology("plover")["types"].items() for mode in said.get("modes", ()))
MARKS = ("", "A", "R", "B", "T")
"""What a word may be marked as: actor, recipient, both, trigger."""
PARTS = ("O", *(f"{place}-{part}" for part in MARKS[1:] for place in "BI"))
"""What a word may be in an event."""
KINDS = ("", "person", "organization", "location", "group", "event", "work", "other")
"""What a word may be the name of."""
_AT_ONCE = 6_000


@dataclass(frozen=True, slots=True)
class Query:
    """A sentence to read: words, what each is the name of (number in `KINDS`), which type of event the lexicon has it
    for (in `CLASSES`) and what it is marked as (in `MARKS`)."""

    words: Sequence[str]
    kinds: Sequence[int]
    listed: Sequence[int]
    marks: Sequence[int]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was read."""

    parts: Array
    """Probabilities, shape (words, PARTS)."""
    classes: Array
    """Probabilities, shape (CLASSES,)."""
    modes: Array
    """Probabilities, shape (MODES,)."""
    flags: Array
    """Probabilities, shape (FLAGS,)."""


def listed_of(triggers: Iterable[Trigger], first: int, last: int) -> list[int]:
    """Of the words `first` to `last`: which type the lexicon has each for, as numbers of `CLASSES`."""
    found = [0] * (last - first)
    for trigger in triggers:
        for at in (*range(trigger.first, trigger.last), trigger.theme):
            if at is not None and first <= at < last:
                found[at - first] = CLASSES.index(trigger.type)
    return found


class Reader:
    """The network."""

    def __init__(self, path: Path = MODEL) -> None:
        with np.load(path, allow_pickle=False) as stored:
            part: dict[str, Any] = {name: stored[name] for name in stored.files}
        self._words = Words(part["vocabulary"].tobytes().decode().split("\n"))
        self._pieces = part["pieces"].astype(np.float32) * part["pieces_scale"].astype(np.float32)
        self._endings = part["endings"].astype(np.float32)
        self._into, self._into_bias = part["into"].astype(np.float32), part["into_bias"].astype(np.float32)
        self._kinds, self._marks = part["kinds"].astype(np.float32), part["marks"].astype(np.float32)
        self._listed = part["listed"].astype(np.float32)
        self._layers = layers_of(part)
        self._parts, self._parts_bias = part["parts"].astype(np.float32), part["parts_bias"].astype(np.float32)
        self._whole, self._whole_bias = part["whole"].astype(np.float32), part["whole_bias"].astype(np.float32)
        self._known: dict[str, Array] = {}

    def read(self, queries: Sequence[Query]) -> list[Answer]:
        """An answer for each; sentences of like length are read together."""
        found: list[Any] = [None] * len(queries)
        with one_thread():
            self._read_all(queries, found)
        return found

    def _read_all(self, queries: Sequence[Query], found: list[Any]) -> None:
        some: list[int] = []
        longest = 0
        for number in sorted(range(len(queries)), key=lambda n: len(queries[n].words)):
            longest = len(queries[number].words)
            if some and longest * (len(some) + 1) > _AT_ONCE:
                self._read(queries, some, found)
                some = []
            some.append(number)
        if some:
            self._read(queries, some, found)

    def _read(self, queries: Sequence[Query], numbers: Sequence[int], found: list[Any]) -> None:
        longest = max(len(queries[n].words) for n in numbers)
        width = self._into.shape[1]
        state = np.zeros((len(numbers), longest, width), np.float32)
        mask = np.zeros((len(numbers), longest, 1), np.float32)
        marked = np.zeros((len(numbers), longest, 1), np.float32)
        for row, number in enumerate(numbers):
            query = queries[number]
            size = len(query.words)
            marks = np.asarray(query.marks, np.intp)
            state[row, :size] = self._rows(query.words)
            state[row, :size] += self._kinds[np.asarray(query.kinds, np.intp)]
            state[row, :size] += self._listed[np.asarray(query.listed, np.intp)]
            state[row, :size] += self._marks[marks]
            mask[row, :size] = 1
            # Where nothing is marked the whole sentence is asked for.
            marked[row, :size, 0] = marks > 0 if marks.any() else 1
        state = np.maximum(state, 0.1 * state) * mask
        for dilation, weights, bias, scale, shift in self._layers:
            state = state + normal(convolved(state, weights, bias, dilation), scale, shift) * mask
        mean = (state * marked).sum(1) / marked.sum(1)
        most = np.where(mask > 0, state, -1e4).max(1)
        all_ = state.sum(1) / mask.sum(1)
        whole = np.concatenate([mean, most, all_], axis=1) @ self._whole + self._whole_bias
        parts = _softmax(state @ self._parts + self._parts_bias)
        split = len(CLASSES), len(CLASSES) + len(MODES)
        classes = _softmax(whole[:, : split[0]])
        modes, flags = _softmax(whole[:, split[0] : split[1]]), 1 / (1 + np.exp(-whole[:, split[1] :]))
        for row, number in enumerate(numbers):
            size = len(queries[number].words)
            found[number] = Answer(parts[row, :size], classes[row], modes[row], flags[row])

    def _rows(self, words: Sequence[str]) -> Array:
        known = self._known
        if len(known) > 100_000:
            known.clear()
        for word in words:
            if word not in known:
                pieces = self._pieces[self._words.pieces(word)].mean(axis=0)
                row = np.concatenate([pieces, self._endings[hashes(word)[1]]])
                known[word] = (row @ self._into + self._into_bias).astype(np.float32)
        return np.stack([known[word] for word in words])


def _softmax(odds: NDArray[Any]) -> Array:
    odds = odds - odds.max(axis=-1, keepdims=True)
    found: Array = np.exp(odds)
    found /= found.sum(axis=-1, keepdims=True)
    return found


@cache
def reader() -> Reader:
    """The shipped model."""
    return Reader()
