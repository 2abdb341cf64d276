"""The invented sentences with their events, as words and numbers."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from pipeline.extract.nlp import read
from pipeline.extract.reader import CLASSES, FLAGS, MARKS, MODES, PARTS

FOLDER = Path(__file__).parent
_MARK = re.compile(r"\[([ARB]) ([^\[\]{}]+)\]|\{([^{}\[\]]+)\}")
_LINE = re.compile(r"([A-Z]+)(?:\.([a-z-]+))?((?: (?:negated|hypothetical|future|historical|reported))*) \| (.+)")


@dataclass(slots=True)
class Example:
    """A sentence with one event, or none."""

    words: list[str]
    kind: int
    """Number in `CLASSES`; 0 is none."""
    mode: int
    """Number in `MODES`; -1 where none is said."""
    flags: list[float]
    spans: list[tuple[int, int, str]] = field(default_factory=list)
    """First word, word after the last, and what it is: A, R, B or T."""
    origin: str = ""
    is_held_out: bool = False

    def parts(self) -> list[int]:
        """For each word its number in `PARTS`."""
        found = [0] * len(self.words)
        for first, last, kind in self.spans:
            for at in range(first, last):
                found[at] = PARTS.index(f"{'B' if at == first else 'I'}-{kind}")
        return found

    def marks(self, shown: Sequence[str]) -> list[int]:
        """For each word its number in `MARKS`, of those parts that are `shown`."""
        found = [0] * len(self.words)
        for first, last, kind in self.spans:
            if kind in shown:
                found[first:last] = [MARKS.index(kind)] * (last - first)
        return found


def parse(line: str) -> Example:
    """An example of a line. Raises ValueError where it is not as the codebook says."""
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"no example: {line[:80]}")
    kind, mode, flags, marked = match.groups()
    if kind not in CLASSES or (mode and f"{kind}.{mode}" not in MODES):
        raise ValueError(f"no type of event: {line[:80]}")
    text, spans, at = "", [], 0
    for mark in _MARK.finditer(marked):
        text += marked[at : mark.start()]
        part, said = (mark[1], mark[2]) if mark[1] else ("T", mark[3])
        spans.append((len(text), len(text) + len(said), part))
        text += said
        at = mark.end()
    text += marked[at:]
    cut = read(text)
    words = []
    for start, end, part in spans:
        inside = [n for n in range(len(cut.words)) if cut.starts[n] < end and cut.ends[n] > start]
        words.append((inside[0], inside[-1] + 1, part))
    if kind == "RETREAT" and "future" in flags:
        # PLOVER: who is going to withdraw has so far given in.
        kind, mode = "CONCEDE", None
    if kind == "NONE":
        words = [(a, b, p) for a, b, p in words if p != "T"]
    return Example(
        words=cut.words,
        kind=CLASSES.index(kind),
        mode=MODES.index(f"{kind}.{mode}") if mode else -1,
        flags=[float(flag in flags.split()) for flag in FLAGS],
        spans=words,
    )


class Varied:
    """Examples under other names, with parties marked in part, and within longer sentences."""

    def __init__(self, examples: Sequence[Example], rng: random.Random) -> None:
        self._rng = rng
        self._parties = [e.words[a:b] for e in examples for a, b, part in e.spans if part != "T"]
        self._others = [e.words for e in examples if not e.kind and len(e.words) < 30]

    def varied(self, example: Example) -> tuple[Example, list[int]]:
        """An example as it is this time, and what its words are marked as."""
        rng = self._rng
        if example.spans and rng.random() < 0.4:
            example = self._swapped(example)
        parts = shown(example, rng)
        if parts and rng.random() < 0.25:
            example = self._longer(example)
        marks = example.marks(parts)
        for first, last, part in example.spans:
            # Others mark `German` where we mark `the German government`.
            if part != "T" and part in parts and last - first > 1 and rng.random() < 0.35:
                at = rng.randrange(first, last)
                marks[first:last] = [0] * (last - first)
                marks[at] = MARKS.index(part)
        return example, marks

    def _swapped(self, example: Example) -> Example:
        words: list[str] = []
        spans = []
        at = 0
        for first, last, part in sorted(example.spans):
            words += example.words[at:first]
            own = example.words[first:last]
            new = self._rng.choice(self._parties) if part != "T" and self._rng.random() < 0.5 else own
            spans.append((len(words), len(words) + len(new), part))
            words += new
            at = last
        return replace(example, words=words + example.words[at:], spans=spans)

    def _longer(self, example: Example) -> Example:
        other = self._rng.choice(self._others)
        if self._rng.random() < 0.5:
            return replace(example, words=[*example.words, *other])
        by = len(other)
        return replace(
            example, words=[*other, *example.words], spans=[(a + by, b + by, part) for a, b, part in example.spans]
        )


def examples() -> list[Example]:
    """All of them; one in ten, by its text, is held out."""
    found = []
    for path in sorted(FOLDER.glob("*.txt")):
        for line in path.read_text("utf-8").splitlines():
            if line.strip():
                example = parse(line.strip())
                example.origin = path.stem
                example.is_held_out = sha256(" ".join(example.words).encode()).digest()[0] < 26
                found.append(example)
    return found


def shown(example: Example, rng: random.Random) -> list[str]:
    """Which parts to mark this time: none, the trigger, the parties, one party or all."""
    return rng.choice([[], ["T"], ["A", "R", "B"], ["A", "R", "B"], ["A"], ["A", "R", "B", "T"]])
