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

from pipeline.extract.convolutions import Array, Rows, convolved, layers_of, one_thread, softmax
from pipeline.extract.tagger import Words, ending
from pipeline.extract.triggers import Trigger
from pipeline.schema import ontology

MODEL = Path(__file__).with_name("events_en.npz")
FLAGS = ("negated", "hypothetical", "future", "historical", "reported")
CLASSES = ("NONE", *ontology("plover")["types"])
MODES = tuple(f"{kind}.{mode}" for kind, said in ontology("plover")["types"].items() for mode in said.get("modes", ()))
MARKS = ("", "A", "R", "B", "T")
"""What a word may be marked as: actor, recipient, both, trigger."""
SIDES = ((1, 3), (2, 3), (4,))
"""Marks whose words are weighed together: who does it, to whom, what tells it."""
PARTS = ("O", *(f"{place}-{part}" for part in MARKS[1:] for place in "BI"))
"""What a word may be in an event."""
KINDS = ("", "person", "organization", "location", "group", "event", "work", "other")
"""What a word may be the name of."""
LONGEST = 90
"""Words of the longest sentences that the network was taught."""
_AT_ONCE = 6_000
"""Words read at once."""


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
        meant = part["meant"].tobytes().decode().split("\n")
        self._meant = {word: number for number, word in enumerate(meant)}
        meanings = part["meanings"].astype(np.float32) * part["meanings_scale"].astype(np.float32)
        meanings = np.vstack([meanings, np.zeros((1, meanings.shape[1]), np.float32)])
        self._meanings = meanings @ part["means"].astype(np.float32) + part["means_bias"].astype(np.float32)
        self._kinds, self._marks = part["kinds"].astype(np.float32), part["marks"].astype(np.float32)
        self._listed = part["listed"].astype(np.float32)
        self._layers = layers_of(part)
        self._parts, self._parts_bias = part["parts"].astype(np.float32), part["parts_bias"].astype(np.float32)
        self._whole, self._whole_bias = part["whole"].astype(np.float32), part["whole_bias"].astype(np.float32)
        self._look, self._look_bias = part["look"].astype(np.float32), part["look_bias"].astype(np.float32)
        self._deep, self._deep_bias = part["deep"].astype(np.float32), part["deep_bias"].astype(np.float32)
        self._top, self._top_bias = part["top"].astype(np.float32), part["top_bias"].astype(np.float32)
        # A model in the making has none: its `skim` passes all.
        self._glance = part.get("glance", np.append(np.zeros(3 * self._into.shape[1]), 1)).astype(np.float32)
        self._rows = Rows(self._into.shape[1], self._new)

    def read(self, queries: Sequence[Query]) -> list[Answer]:
        """An answer for each; of at least one word."""
        return [answer for answer in self._answers(queries, skim=False) if answer is not None]

    def skim(self, queries: Sequence[Query]) -> list[Answer | None]:
        """An answer for each that may tell an event; none for those that a glance at their words rules out.

        The glance is a linear layer on the words' own rows, before any of the convolutions, which are nearly all of the
        time. It passes 99 in 100 of the sentences that the network itself holds likely to tell an event.
        """
        return self._answers(queries, skim=True)

    def _answers(self, queries: Sequence[Query], *, skim: bool) -> list[Answer | None]:
        found: list[Answer | None] = []
        some: list[Query] = []
        size = 0
        with one_thread():
            for query in queries:
                if some and size + len(query.words) > _AT_ONCE:
                    found += self._read(some, skim)
                    some, size = [], 0
                some.append(query)
                size += len(query.words)
            return found + self._read(some, skim) if some else found

    def _read(self, queries: Sequence[Query], skim: bool) -> list[Answer | None]:
        sizes = np.array([len(query.words) for query in queries])
        marks = np.array([mark for query in queries for mark in query.marks], np.intp)
        state = self._given(queries, marks)
        asked = np.ones(len(queries), bool)
        if skim:
            asked = (pooled(state, sizes) @ self._glance[:-1] + self._glance[-1] > 0) | (sizes > LONGEST)
            if not asked.any():
                return [None] * len(queries)
            words = np.repeat(asked, sizes)
            state, marks, sizes = state[words], marks[words], sizes[asked]
        answers = iter(self._looked(state, marks, sizes))
        return [next(answers) if each else None for each in asked]

    def _looked(self, state: Array, marks: NDArray[np.intp], sizes: NDArray[np.intp]) -> list[Answer]:
        state = convolved(state, self._layers, sizes)
        ends = np.cumsum(sizes)
        starts = ends - sizes
        # Whose words are weighed together: the marked ones (where nothing is marked all), all, each side's, what draws
        # each head's attention.
        marked = marks > 0
        has_none = np.repeat(np.add.reduceat(marked.astype(np.intp), starts) == 0, sizes)
        weights = np.empty((len(state), 5 + self._look.shape[1]), np.float32)
        weights[:, 0] = marked | has_none
        weights[:, 1] = 1
        for column, side in enumerate(SIDES, 2):
            weights[:, column] = np.isin(marks, side)
        looked = state @ self._look + self._look_bias
        weights[:, 5:] = np.exp(looked - np.repeat(np.maximum.reduceat(looked, starts), sizes, axis=0))
        weights /= np.repeat(np.maximum(np.add.reduceat(weights, starts), 1e-9), sizes, axis=0)
        pooled = np.empty((len(sizes), weights.shape[1] + 1, state.shape[1]), np.float32)
        for number, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
            np.matmul(weights[start:end].T, state[start:end], out=pooled[number, 1:])
        # In the order of the training: mean of the marked, maximum, mean of all, sides, heads.
        pooled[:, 0] = pooled[:, 1]
        pooled[:, 1] = np.maximum.reduceat(state, starts)
        given = pooled.reshape(len(sizes), -1)
        deep = given @ self._deep + self._deep_bias
        whole = given[:, : len(self._whole)] @ self._whole + self._whole_bias
        whole += np.maximum(deep, 0.1 * deep) @ self._top + self._top_bias
        parts = np.split(softmax(state @ self._parts + self._parts_bias), starts[1:])
        a, b = len(CLASSES), len(CLASSES) + len(MODES)
        classes, modes, flags = softmax(whole[:, :a]), softmax(whole[:, a:b]), 1 / (1 + np.exp(-whole[:, b:]))
        return [Answer(*each) for each in zip(parts, classes, modes, flags, strict=True)]

    def _given(self, queries: Sequence[Query], marks: NDArray[np.intp]) -> Array:
        state = self._rows.of([word for query in queries for word in query.words])
        state += self._kinds[[kind for query in queries for kind in query.kinds]]
        state += self._listed[[kind for query in queries for kind in query.listed]]
        state += self._marks[marks]
        return np.asarray(np.maximum(state, 0.1 * state), np.float32)

    def rows(self, query: Query) -> Array:
        """What the network is given of a query's words, shape (words, width)."""
        return self._given([query], np.array(query.marks))

    def _new(self, words: Sequence[str]) -> Array:
        pieces = self._words.mean_of_pieces(words, self._pieces)
        endings = self._endings[[ending(word) for word in words]]
        meanings = self._meanings[[self._meant.get(word.lower(), len(self._meant)) for word in words]]
        found: Array = np.hstack([pieces, endings]) @ self._into + self._into_bias + meanings
        return found


def pooled(state: Array, sizes: NDArray[np.intp]) -> Array:
    """Of each sentence the greatest, the least and the mean of its words' rows, shape (sentences, 3 · width)."""
    starts = np.cumsum(sizes) - sizes
    mean = np.add.reduceat(state, starts) / sizes.astype(np.float32)[:, None]
    return np.hstack([np.maximum.reduceat(state, starts), np.minimum.reduceat(state, starts), mean])


@cache
def reader() -> Reader:
    """The shipped model."""
    return Reader()
