"""The tagger of names: a small convolutional network that NumPy runs (`pipeline/training/names` makes it).

What is known of a word by itself (its pieces, its ending, how it is written, the lists it is in) is one row of numbers,
kept for the next time the word comes. Convolutions over the words of the whole text look at what stands around; the
likeliest tags that can follow one another are the answer (Viterbi).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from pipeline.extract.convolutions import Array, Rows, convolved, layers_of, one_thread
from pipeline.extract.cues import cues
from pipeline.extract.gazetteer import gazetteer

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

    def mean_of_pieces(self, words: Sequence[str], vectors: Array) -> Array:
        """The mean of the vectors of each word's pieces, shape (words, width)."""
        pieces = [self.pieces(word) for word in words]
        sizes = np.array([len(own) for own in pieces])
        sums = np.add.reduceat(vectors[[each for own in pieces for each in own]], np.cumsum(sizes) - sizes)
        return np.asarray(sums / sizes[:, None], np.float32)


def ending(word: str) -> int:
    """Row of the table of endings."""
    return crc32(word[:_LONGEST].lower()[-3:].encode()) % ENDINGS


def hashes(word: str) -> tuple[int, int, int]:
    """Rows of the tables of small letters, endings and shapes."""
    word = word[:_LONGEST]
    lower = word.lower()
    return (
        crc32(lower.encode()) % LOWER,
        ending(word),
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
        self._rows = Rows(self._into.shape[1], self._new)

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
            odds = convolved(self._rows.of(words), self._layers) @ self._out + self._out_bias
        odds -= odds.max(axis=1, keepdims=True)
        found: Array = odds - np.log(np.exp(odds).sum(axis=1, keepdims=True))
        return found

    def _new(self, words: Sequence[str]) -> Array:
        own = [word for word in words if word != END]
        at = [row for row, word in enumerate(words) if word != END]
        pieces = np.zeros((len(words), self._pieces.shape[1]), np.float32)
        listed = np.zeros((len(words), LISTS), np.float32)
        if own:
            pieces[at] = self._words.mean_of_pieces(own, self._pieces)
            listed[at] = [lists(word) for word in own]
        hashed = np.array([hashes(word) for word in words])
        tables = [table[hashed[:, number]] for number, table in enumerate(self._tables)]
        rows = np.hstack([pieces, *tables, listed]) @ self._into + self._into_bias
        found: Array = np.maximum(rows, 0.1 * rows)
        return found


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
