"""The sentences with their events, invented and real ones, as words and numbers; and news to read.

    python -m pipeline.training.events.data VOLUME FOLDER     writes both to FOLDER, where the trainings find them

VOLUME is ``../shared/data/volume``. What follows needs no other part of the pipeline and may run on another machine.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.extract.nlp import Text, read
from pipeline.extract.reader import CLASSES, FLAGS, MARKS, MODES, PARTS, listed_of
from pipeline.extract.tagger import TYPES, tagger
from pipeline.extract.triggers import matches
from pipeline.training.names import data as names

FOLDER = Path(__file__).parent
NEWS = FOLDER / "news.jsonl"
_MARK = re.compile(r"\[([ARB]) ([^\[\]{}]+)\]|\{([^{}\[\]]+)\}")
_LINE = re.compile(r"([A-Z]+)(?:\.([a-z-]+))?((?: (?:negated|hypothetical|future|historical|reported))*) \| (.+)")

Span = tuple[int, int, str]
"""First word, word after the last, and what it is: A, R, B or T."""


@dataclass(slots=True)
class Example:
    """A sentence with one event, or none."""

    words: list[str]
    kind: int
    """Number in `CLASSES`; 0 is none."""
    mode: int
    """Number in `MODES`; -1 where none is said."""
    flags: list[float]
    spans: list[Span] = field(default_factory=list)
    origin: str = ""
    is_held_out: bool = False
    beside: list[Span] = field(default_factory=list)
    """Triggers of the sentence's other events."""
    only: str = ""
    """What alone is to be marked, for examples made for that; else any."""
    kinds: list[int] = field(default_factory=list)
    """What each word is the name of (number in `reader.KINDS`)."""
    listed: list[int] = field(default_factory=list)
    """Which type the lexicon has each word for (number in `CLASSES`)."""

    def parts(self, shown: Sequence[str] = ("T",)) -> list[int]:
        """For each word its number in `PARTS`; where nothing is `shown`, the triggers of all events."""
        found = [0] * len(self.words)
        if not self.kind and (shown or not self.beside):
            return found
        for first, last, kind in [*(() if shown else self.beside), *(self.spans if self.kind else ())]:
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
    if kind == "NONE":
        spans = [span for span in spans if span[2] != "T"]
    return _example(cut, (0, len(cut.words)), kind, mode, flags.split(), spans)


def _example(
    cut: Text, sentence: tuple[int, int], kind: str, mode: str | None, flags: Sequence[str], spans: Iterable[Span]
) -> Example:
    first, last = sentence
    words = []
    for start, end, part in spans:
        inside = [n for n in range(first, last) if cut.starts[n] < end and cut.ends[n] > start]
        words.append((inside[0] - first, inside[-1] + 1 - first, part))
    if kind == "RETREAT" and "future" in flags:
        # PLOVER: who is going to withdraw has so far given in.
        kind, mode = "CONCEDE", None
    if kind in ("CONSULT", "SUPPORT", "COOPERATE", "AID") and "future" in flags:
        # And who is going to meet or to help has so far agreed to.
        kind, mode = "AGREE", None
    return Example(
        words=cut.words[first:last],
        kind=CLASSES.index(kind),
        mode=MODES.index(f"{kind}.{mode}") if mode else -1,
        flags=[float(flag in flags) for flag in FLAGS],
        spans=words,
    )


class Varied:
    """Examples under other names, with parties marked in part, and within longer sentences."""

    def __init__(self, examples: Sequence[Example], rng: random.Random) -> None:
        self._rng = rng
        self._parties = [
            (e.words[a:b], e.kinds[a:b], e.listed[a:b]) for e in examples for a, b, part in e.spans if part != "T"
        ]
        self._others = [e for e in examples if not e.kind and not e.only and not e.beside and len(e.words) < 30]

    def varied(self, example: Example) -> tuple[Example, list[int], list[int]]:
        """An example as it is this time, what its words are marked as, and what part each has."""
        rng = self._rng
        if not example.only and example.spans and not example.beside and rng.random() < 0.4:
            example = self._swapped(example)
        parts = [example.only] if example.only else shown(example, rng)
        if parts and rng.random() < 0.25:
            example = self._longer(example)
        marks = example.marks(parts)
        for first, last, part in example.spans:
            # Others mark `German` where we mark `the German government`.
            if part != "T" and part in parts and last - first > 1 and rng.random() < 0.35:
                at = rng.randrange(first, last)
                marks[first:last] = [0] * (last - first)
                marks[at] = MARKS.index(part)
        if rng.random() < 0.3:
            # Not every word that tells an event is in the lexicon.
            example = replace(example, listed=[0] * len(example.words))
        return example, marks, example.parts(parts)

    def _swapped(self, example: Example) -> Example:
        words: list[str] = []
        kinds: list[int] = []
        listed: list[int] = []
        spans = []
        at = 0
        for first, last, part in [*sorted(example.spans), (len(example.words), len(example.words), "")]:
            for into, own in ((words, example.words), (kinds, example.kinds), (listed, example.listed)):
                into += own[at:first]  # type: ignore[operator]
            own_ = (example.words[first:last], example.kinds[first:last], example.listed[first:last])
            new = self._rng.choice(self._parties) if part in ("A", "R", "B") and self._rng.random() < 0.5 else own_
            if part:
                spans.append((len(words), len(words) + len(new[0]), part))
            words += new[0]
            kinds += new[1]
            listed += new[2]
            at = last
        return replace(example, words=words, kinds=kinds, listed=listed, spans=spans)

    def _longer(self, example: Example) -> Example:
        other = self._rng.choice(self._others)
        pair = (example, other) if self._rng.random() < 0.5 else (other, example)
        by = 0 if pair[0] is example else len(other.words)
        return replace(
            example,
            words=[w for e in pair for w in e.words],
            kinds=[k for e in pair for k in e.kinds],
            listed=[k for e in pair for k in e.listed],
            spans=[(a + by, b + by, part) for a, b, part in example.spans],
            beside=[(a + by, b + by, part) for a, b, part in example.beside],
        )


def examples(volume: Path | None = None) -> list[Example]:
    """All of them; one in ten, by its text, is held out. Those of real news only with the folder `volume`.

    Of each sentence also the words that the lexicon has, but tell no event there.
    """
    found = []
    for path in sorted(FOLDER.glob("*.txt")):
        for line in path.read_text("utf-8").splitlines():
            if line.strip():
                example = parse(line.strip())
                example.origin = path.stem
                found.append(example)
    if volume is not None and NEWS.is_file():
        found += real(volume)
    by_text: dict[tuple[str, ...], list[Example]] = defaultdict(list)
    for e in found:
        by_text[tuple(e.words)].append(e)
    sentences = list(by_text)
    names = tagger().names([list(words) for words in sentences])
    for words, named in zip(sentences, names, strict=True):
        some = by_text[words]
        lower = [w.lower() for w in words]
        hits = matches(lower, 0, len(lower))
        kinds, listed = kinds_of(words, named), listed_of(hits, 0, len(lower))
        told = [(a, b, part) for e in some for a, b, part in e.spans if part == "T"]
        held = _is_held_out(words)
        for e in some:
            own = {(a, b) for a, b, part in e.spans if part == "T"}
            e.beside = [span for span in dict.fromkeys(told) if (span[0], span[1]) not in own]
            e.kinds, e.listed, e.is_held_out = kinds, listed, held
        for hit in hits:
            if not any(hit.first < b and hit.last > a for a, b, _ in told):
                found.append(without(some[0], hit.first, hit.last, told))
    return found


def is_held_out(sentence: str) -> bool:
    """Whether a sentence is one of those that no model learns from: one in ten, by a hash of its words."""
    return _is_held_out(read(sentence).words)


def _is_held_out(words: Sequence[str]) -> bool:
    return sha256(" ".join(words).encode()).digest()[0] < 26


def without(example: Example, first: int, last: int, told: Sequence[Span]) -> Example:
    """That these words of an example's sentence tell no event."""
    return replace(
        example, kind=0, mode=-1, flags=[0.0] * len(FLAGS), spans=[(first, last, "T")], beside=list(told), only="T"
    )


def real(volume: Path) -> list[Example]:
    """The labelled sentences of real news; the repository has offsets alone."""
    texts: dict[str, list[str]] = {}
    found = []
    for row in map(json.loads, NEWS.read_text("utf-8").splitlines()):
        name = row["file"]
        if name not in texts:
            texts[name] = [json.loads(line)["text"] for line in _lines(volume / name)]
        sentence = texts[name][row["line"]][row["start"] : row["end"]]
        cut = read(sentence, "en")
        whole = (0, len(cut.words))
        for event in row["events"]:
            example = _example(
                cut, whole, event["type"], event.get("mode"), event["flags"], [(s, e, p) for p, s, e in event["spans"]]
            )
            example.origin = "news"
            found.append(example)
        if not row["events"]:
            found.append(Example(cut.words, 0, -1, [0.0] * len(FLAGS), origin="news"))
    return found


def prepare(volume: Path, folder: Path, most: int) -> None:
    """Write the examples, and sentences of news: words, what they are names of, what the lexicon has them for."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "examples.jsonl").open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(asdict(e)) + "\n" for e in examples(volume))
    if not most:
        return
    kept: dict[str, list[Any]] = {name: [] for name in ("words", "ends", "kinds", "listed")}
    # Agency style first: there are few of them.
    for title, text in names.news([volume / "wikinews.jsonl", volume / "unlabelled_18k.jsonl.gz"]):
        for part in (title, text[:6000]):
            cut = read(part, "en")
            sentences = [cut.words[first:last] for first, last in cut.sentences]
            for words, named in zip(sentences, tagger().names(sentences), strict=True):
                if len(words) < 4:
                    continue
                hits = matches([w.lower() for w in words], 0, len(words))
                kept["words"] += words
                kept["ends"].append(len(kept["words"]))
                kept["kinds"] += kinds_of(words, named)
                kept["listed"] += listed_of(hits, 0, len(words))
        if len(kept["words"]) >= most:
            break
    np.savez_compressed(
        folder / "news.npz", words=np.array("\n".join(kept["words"]).encode()), ends=np.array(kept["ends"], np.int32),
        kinds=np.array(kept["kinds"], np.int8), listed=np.array(kept["listed"], np.int8),
    )  # fmt: skip


def prepared(folder: Path) -> list[Example]:
    """The examples that `prepare` wrote."""
    with (folder / "examples.jsonl").open(encoding="utf-8") as lines:
        found = [Example(**json.loads(line)) for line in lines]
    for e in found:
        e.spans, e.beside = [(a, b, p) for a, b, p in e.spans], [(a, b, p) for a, b, p in e.beside]
    return found


def news(folder: Path) -> Iterator[tuple[list[str], list[int], list[int]]]:
    """The sentences of news that `prepare` wrote: words, their kinds, what they are listed for."""
    with np.load(folder / "news.npz") as stored:
        words = stored["words"].tobytes().decode().split("\n")
        kinds, listed = stored["kinds"].tolist(), stored["listed"].tolist()
        ends = stored["ends"].tolist()
    for first, last in zip([0, *ends[:-1]], ends, strict=True):
        yield words[first:last], kinds[first:last], listed[first:last]


def _lines(path: Path) -> list[str]:
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            return list(lines)
    return path.read_text("utf-8").splitlines()


def kinds_of(words: Sequence[str], named: Sequence[tuple[int, int, str, float]]) -> list[int]:
    """What each word is the name of, as numbers of `KINDS`."""
    found = [0] * len(words)
    for first, last, kind, _ in named:
        found[first:last] = [1 + TYPES.index(kind)] * (last - first)
    return found


def shown(example: Example, rng: random.Random) -> list[str]:
    """Which parts to mark this time: none, the trigger, the parties, one party or all."""
    return rng.choice([[], ["T"], ["T"], ["A", "R", "B"], ["A", "R", "B"], ["A"], ["A", "R", "B", "T"]])


def main() -> None:
    """Prepare."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("volume", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--words", type=int, default=9_000_000, help="words of news; 0 leaves them as they are")
    given = parser.parse_args()
    prepare(given.volume, given.folder, given.words)


if __name__ == "__main__":
    main()
