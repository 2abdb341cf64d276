"""How many events are read right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import NDArray

from pipeline.extract.reader import CLASSES, FLAGS, PARTS
from pipeline.schema import ontology
from pipeline.training.events.data import Example

QUAD = [0, *(said["quad_class"] for said in ontology("plover")["types"].values())]
Answers = Sequence[tuple[NDArray[Any], ...]]


def report(held: Sequence[Example], read: Callable[[list[tuple[Example, list[int]]]], Answers]) -> None:
    """Print the scores of what is held out, once for each way of asking."""
    for name, marks in (("parties given", "ARB"), ("trigger given", "T"), ("nothing given", "")):
        asked = [e for e in held if not e.only or marks == "T"]
        if marks == "ARB":
            asked = [e for e in asked if any(part in marks for _, _, part in e.spans)]
        found = read([(e, e.marks(marks)) for e in asked])
        for origin in ("invented", "news"):
            some = [n for n, e in enumerate(asked) if (e.origin == "news") == (origin == "news")]
            if some:
                scores = line([asked[n] for n in some], [found[n] for n in some])
                print(f"  {name}, {origin} ({len(some)}): {scores}", flush=True)


def line(examples: Sequence[Example], found: Answers) -> str:
    """Macro-F1 of the types, quad classes, event or none, words' parts, and each flag's F1, in one line."""
    gold, ours = [e.kind for e in examples], [int(f[1].argmax()) for f in found]
    present = [k for k in range(1, len(CLASSES)) if k in gold]
    kinds = [f1([g == k for g in gold], [o == k for o in ours]) for k in present]
    quad = sum(QUAD[g] == QUAD[o] for g, o in zip(gold, ours, strict=True)) / len(gold)
    binary = f1([g > 0 for g in gold], [o > 0 for o in ours])
    pairs = [(e, f) for e, f in zip(examples, found, strict=True) if e.kind]
    parts = {}
    for part in "ARBT":
        number = PARTS.index(f"B-{part}"), PARTS.index(f"I-{part}")
        said = [p in number for e, _ in pairs for p in e.parts()]
        read = [int(p) in number for e, f in pairs for p in _whole(f[0].argmax(-1), len(e.words))]
        parts[part] = f1(said, read)
    flags = [f1([e.flags[n] > 0.5 for e, _ in pairs], [f[3][n] > 0.5 for _, f in pairs]) for n in range(len(FLAGS))]
    told = ", ".join(f"{flag} {value:.2f}" for flag, value in zip(FLAGS, flags, strict=True))
    words = ", ".join(f"{part} {value:.2f}" for part, value in parts.items())
    mean = sum(kinds) / max(1, len(kinds))
    return f"types {mean:.3f}, quad {quad:.3f}, events' F1 {binary:.3f}; words {words}; {told}"


def _whole(parts: NDArray[Any], count: int) -> list[int]:
    found = parts.tolist()
    return [*found, *[0] * (count - len(found))]


def f1(gold: Sequence[bool], ours: Sequence[bool]) -> float:
    """Of two answers to the same questions."""
    right = sum(g and o for g, o in zip(gold, ours, strict=True))
    return 2 * right / max(1, sum(gold) + sum(ours))
