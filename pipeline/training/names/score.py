"""Names out of tags, and how many of them are right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.extract.tagger import best_path, spans
from pipeline.training.names.data import Sentence


def line(pairs: Sequence[tuple[Sentence, NDArray[Any]]]) -> str:
    """Exact spans of persons, organisations and places: F1 of each and of all, in one line."""
    right, ours, theirs = (dict.fromkeys(("PER", "ORG", "LOC"), 0) for _ in range(3))
    for sentence, logs in pairs:
        gold = {(a, b, next(iter(k))) for a, b, k in sentence.names if len(k) == 1}
        found = set(spans(best_path(np.asarray(logs, np.float32)))) if len(logs) else set()
        for kind in right:
            mine, gold_ = {f for f in found if f[2] == kind}, {g for g in gold if g[2] == kind}
            right[kind] += len(mine & gold_)
            ours[kind] += len(mine)
            theirs[kind] += len(gold_)
    told = [f"{kind} {_f1(right[kind], ours[kind], theirs[kind]):.3f}" for kind in right]
    r, o, t = sum(right.values()), sum(ours.values()), sum(theirs.values())
    return f"F1 {_f1(r, o, t):.3f} (P {r / max(o, 1):.3f}, R {r / max(t, 1):.3f}); " + ", ".join(told)


def _f1(right: int, ours: int, theirs: int) -> float:
    return 2 * right / max(ours + theirs, 1)
