"""The tagger of names: a small convolutional network that NumPy runs (`pipeline/training/names` makes it).

What is known of a word by itself (its pieces, its ending, how it is written, the lists it is in) is one row of numbers,
kept for the next time the word comes. Convolutions over the words of the whole text look at what stands around; the
likeliest tags that can follow one another are the answer (Viterbi).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from pipeline.extract.cues import cues
from pipeline.extract.gazetteer import gazetteer

Array = NDArray[np.float32]

MODEL = Path(__file__).with_name("names_en.npz")
TYPES = ("PER", "ORG", "LOC", "GRP", "EVT", "WRK", "OTH")
TAGS = ("O", *(f"{place}-{kind}" for kind in TYPES for place in "BIES"))
"""Outside; the beginning, inside and end of a name of several words; a name of a single one."""

END = "\x00"
"""Stands between sentences."""
PIECES = 6
"""Pieces of a word that are looked at."""
LOWER, ENDINGS, SHAPES = 16384, 4096, 512
"""Rows of the hashed tables."""
LISTS = 28
"""How many lists a word may be in."""
_LONGEST_SHAPE = 8
_LONGEST = 100
"""Letters of a word that are looked at."""
_AT_ONCE = 5_000
_KINDS = ("country", "demonym", "group", "region", "organization", "city")
_RUNS = re.compile(r"\w+|[^\w\s]")


class Words:
    """What is known of a word by itself, for the model and for what trains it."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._vocabulary = {piece: number for number, piece in enumerate(vocabulary)}
        self._unknown = self._vocabulary["[UNK]"]

    def pieces(self, word: str) -> list[int]:
        """WordPiece: the longest pieces of the vocabulary, from the left, in small letters without accents."""
        bare = unicodedata.normalize("NFD", word[:_LONGEST].lower())
        plain = "".join(c for c in bare if unicodedata.category(c) != "Mn")
        found: list[int] = []
        for run in _RUNS.findall(plain):
            own, start = [], 0
            while start < len(run):
                prefix = "##" if start else ""
                for end in range(len(run), start, -1):
                    number = self._vocabulary.get(prefix + run[start:end])
                    if number is not None:
                        break
                else:
                    own = [self._unknown]
                    break
                own.append(number)
                start = end
            found += own
            if len(found) >= PIECES:
                break
        return found[:PIECES] or [self._unknown]


def hashes(word: str) -> tuple[int, int, int]:
    """Rows of the tables of small letters, endings and shapes."""
    word = word[:_LONGEST]
    lower = word.lower()
    return (
        crc32(lower.encode()) % LOWER,
        crc32(lower[-3:].encode()) % ENDINGS,
        crc32(shape(word).encode()) % SHAPES,
    )


def shape(word: str) -> str:
    """How a word is written: `Xx`, `x-Xx`, `X.X.`, `dd`; three of a kind are as good as any number."""
    found: list[str] = []
    for letter in word:
        kind = "X" if letter.isupper() else "x" if letter.isalpha() else "d" if letter.isdigit() else letter
        if found[-3:] != [kind] * 3:
            found.append(kind)
    return "".join(found[: 2 * _LONGEST_SHAPE])


def lists(word: str) -> list[float]:
    """In which lists a word is, 0 or 1 for each."""
    c, places = cues("en"), _parts()
    entries = gazetteer("en").known(word)
    kinds = {entry.kind for entry in entries}
    lower, title = word.lower(), word.title()
    shouted = {entry.kind for entry in gazetteer("en").known(title)} if word.isupper() and len(word) > 3 else set()
    found = [
        *(kind in kinds for kind in _KINDS),
        *(kind in shouted for kind in ("country", "region", "city")),
        any(entry.kind == "city" and entry.population > 500_000 for entry in entries),
        word in c.given, title in c.given and word not in c.given, word in c.titles, lower in c.lower_titles,
        word in c.particles, word in c.org_tail, word in c.org_head, word in c.place_tail, word in c.place_head,
        word in c.event_tail, word in c.work_tail, word in c.calendar, lower in c.common,
        word in places[0], word in places[1], word in places[2], len(word) == 1, lower in c.org_cues,
    ]  # fmt: skip
    assert len(found) == LISTS
    return [float(each) for each in found]


@cache
def _parts() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Words with which names of several words begin, or go on: of places; of organisations."""
    first: set[str] = set()
    later: set[str] = set()
    bodies: set[str] = set()
    for phrase, entries in gazetteer("en").phrases():
        if len(phrase) > 1:
            if entries[0].type == "location":
                first.add(phrase[0])
                later.update(word for word in phrase[1:] if word[0].isupper())
            elif entries[0].type == "organization":
                bodies.update(word for word in phrase if word[0].isupper())
    return frozenset(first), frozenset(later), frozenset(bodies)


class Tagger:
    """The network."""

    def __init__(self, path: Path = MODEL) -> None:
        with np.load(path, allow_pickle=False) as stored:
            part = {name: stored[name] for name in stored.files}
        self._words = Words(part["vocabulary"].tobytes().decode().split("\n"))
        self._pieces = part["pieces"].astype(np.float32) * part["pieces_scale"].astype(np.float32)
        self._tables = [part[name].astype(np.float32) for name in ("lower", "endings", "shapes")]
        self._into = part["into"].astype(np.float32)
        self._into_bias = part["into_bias"].astype(np.float32)
        self._layers = layers_of(part)
        self._out, self._out_bias = part["out"].astype(np.float32), part["out_bias"].astype(np.float32)
        self._rows: dict[str, int] = {}
        self._known = np.zeros((0, self._into.shape[1]), np.float32)
        self._count = 0

    def names(self, sentences: Sequence[Sequence[str]]) -> list[list[tuple[int, int, str, float]]]:
        """The names of each sentence: first word, word after the last, type, and the probability of its words' tags."""
        found: list[list[tuple[int, int, str, float]]] = []
        some: list[Sequence[str]] = []
        size = 0
        for sentence in sentences:
            if len(sentence) > _AT_ONCE:
                found += [*self._names(some), self._in_pieces(sentence)]
                some, size = [], 0
                continue
            some.append(sentence)
            size += len(sentence)
            if size >= _AT_ONCE:
                found += self._names(some)
                some, size = [], 0
        return found + self._names(some)

    def _names(self, sentences: Sequence[Sequence[str]]) -> list[list[tuple[int, int, str, float]]]:
        words: list[str] = []
        for sentence in sentences:
            words += sentence
            words.append(END)
        logs = self.logs(words)
        chances = np.exp(logs)
        found = []
        at = 0
        outside = logs.argmax(axis=1) == 0
        for sentence in sentences:
            stop = at + len(sentence)
            names: list[tuple[int, int, str, float]] = []
            if len(sentence) and not outside[at:stop].all():
                path = best_path(logs[at:stop])
                for first, last, kind in spans(path):
                    sure = chances[np.arange(at + first, at + last), path[first:last]].mean()
                    names.append((first, last, kind, float(sure)))
            found.append(names)
            at = stop + 1
        return found

    def _in_pieces(self, sentence: Sequence[str]) -> list[tuple[int, int, str, float]]:
        """The names of what is no sentence: a million words without a full stop."""
        found = []
        for start in range(0, len(sentence), _AT_ONCE):
            for first, last, kind, sure in self._names([sentence[start : start + _AT_ONCE]])[0]:
                found.append((start + first, start + last, kind, sure))
        return found

    def logs(self, words: Sequence[str]) -> Array:
        """The logarithms of the tags' probabilities, shape (words, tags)."""
        if not words:
            return np.zeros((0, len(TAGS)), np.float32)
        with one_thread():
            state = self._vectors(words)
            for dilation, weights, bias, scale, shift in self._layers:
                state = state + normal(convolved(state, weights, bias, dilation), scale, shift)
            odds = state @ self._out + self._out_bias
        odds -= odds.max(axis=1, keepdims=True)
        found: Array = odds - np.log(np.exp(odds).sum(axis=1, keepdims=True))
        return found

    def _vectors(self, words: Sequence[str]) -> Array:
        """The rows of some words: computed where they are new."""
        new = [word for word in dict.fromkeys(words) if word not in self._rows]
        if new:
            if self._count + len(new) > 200_000:
                self._rows, self._count = {}, 0
                new = list(dict.fromkeys(words))
            rows = self._new(new)
            if self._count + len(rows) > len(self._known):
                larger = np.zeros((2 * (self._count + len(rows)), rows.shape[1]), np.float32)
                larger[: self._count] = self._known[: self._count]
                self._known = larger
            self._known[self._count : self._count + len(rows)] = rows
            for word in new:
                self._rows[word] = self._count
                self._count += 1
        known = self._rows
        found: Array = self._known[[known[word] for word in words]]
        return found

    def _new(self, words: Sequence[str]) -> Array:
        pieces = np.zeros((len(words), self._pieces.shape[1]), np.float32)
        hashed = np.zeros((len(words), len(self._tables)), np.int64)
        listed = np.zeros((len(words), LISTS), np.float32)
        for row, word in enumerate(words):
            if word != END:
                pieces[row] = self._pieces[self._words.pieces(word)].mean(axis=0)
                listed[row] = lists(word)
            hashed[row] = hashes(word)
        tables = [table[hashed[:, number]] for number, table in enumerate(self._tables)]
        rows = np.hstack([pieces, *tables, listed]) @ self._into + self._into_bias
        found: Array = np.maximum(rows, 0.1 * rows)
        return found


def one_thread() -> AbstractContextManager[Any]:
    """Keep the products of matrices within it to one thread.

    They are small: two threads spent 60 % more of the processor's time on them and were no faster (433 articles), and
    batches have processes side by side.
    """
    limit: AbstractContextManager[Any] = _threads().limit(limits=1, user_api="blas")
    return limit


@cache
def _threads() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def convolved(state: Array, weights: Array, bias: Array, dilation: int) -> Array:
    """Each word (of the last axis but one) with those `dilation` before and after it; of two outcomes the greater."""
    *rows, count, width = state.shape
    padded = np.zeros((*rows, count + 2 * dilation, width), np.float32)
    padded[..., dilation : dilation + count, :] = state
    # Three products of the padded rows are added: no row is copied.
    found = padded[..., :count, :] @ weights[0]
    found += state @ weights[1]
    found += padded[..., 2 * dilation :, :] @ weights[2]
    found += bias
    half = found.shape[-1] // 2
    chosen: Array = np.maximum(found[..., :half], found[..., half:])
    return chosen


def normal(state: Array, scale: Array, shift: Array) -> Array:
    """Layer normalisation."""
    state = state - state.mean(axis=-1, keepdims=True)
    variance = np.einsum("...j,...j->...", state, state)[..., None] / state.shape[-1]
    state *= scale / np.sqrt(variance + 1e-5)
    state += shift
    return state


def layers_of(part: dict[str, Any]) -> list[tuple[int, Array, Array, Array, Array]]:
    """The convolutions of a stored network: dilation, weights, bias, and scale and shift of the normalisation."""
    return [
        (dilation, *(part[f"{name}_{number}"].astype(np.float32) for name in ("w", "b", "scale", "shift")))
        for number, dilation in enumerate(part["dilations"].tolist())
    ]


@cache
def tagger() -> Tagger:
    """The shipped model."""
    return Tagger()


def _follows(one: str, other: str) -> bool:
    """Whether a tag may stand after another."""
    if one[0] in "BI":
        return other[0] in "IE" and other[1:] == one[1:]
    return other[0] in "OBS"


_FORBIDDEN = np.array([[0.0 if _follows(one, other) else -1e4 for other in TAGS] for one in TAGS], np.float32)
_FIRST = np.array([0.0 if tag[0] in "OBS" else -1e4 for tag in TAGS], np.float32)
_LAST = np.array([0.0 if tag[0] in "OES" else -1e4 for tag in TAGS], np.float32)


def best_path(logs: NDArray[Any]) -> NDArray[Any]:
    """The likeliest tags that can follow one another (Viterbi), shape (words,), of their logarithms (words, tags)."""
    count = len(logs)
    # Where the likeliest tags can follow one another as they are, no other path is likelier.
    best: NDArray[Any] = logs.argmax(axis=1)
    if _FIRST[best[0]] == 0 and _LAST[best[-1]] == 0 and not _FORBIDDEN[best[:-1], best[1:]].any():
        return best
    back = np.zeros((count, len(TAGS)), np.int8)
    state = logs[0] + _FIRST
    for at in range(1, count):
        reached = state[:, None] + _FORBIDDEN
        back[at] = reached.argmax(axis=0)
        state = reached.max(axis=0) + logs[at]
    path = np.zeros(count, np.int64)
    path[-1] = int((state + _LAST).argmax())
    for at in range(count - 1, 0, -1):
        path[at - 1] = back[at, path[at]]
    return path


def spans(path: NDArray[Any]) -> list[tuple[int, int, str]]:
    """First word, word after the last, and type of each name."""
    found = []
    first = 0
    for at, number in enumerate(path.tolist()):
        place, _, kind = TAGS[number].partition("-")
        if place in ("B", "S"):
            first = at
        if place in ("E", "S"):
            found.append((first, at + 1, kind))
    return found
