"""Gradient-boosted trees, as ``pipeline.training.body`` writes them: numbers of blocks in, probabilities out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.clean.traits import NAMES, Matrix

ALONE = Path(__file__).with_name("body_alone.npz")
ADVISED = Path(__file__).with_name("body_advised.npz")
"""The forest that is given trafilatura's opinion, too: four columns more."""


_AT_ONCE = 4096
"""Rows looked at together: a page of 50,000 blocks must not cost half a gigabyte."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """Trees of one depth, each filled up: the children of node n of a tree are 2n + 1 and 2n + 2."""

    start: float
    """What the log-odds begin with."""
    columns: NDArray[np.int32]
    """Shape (trees, inner nodes): the column that a node looks at."""
    bounds: NDArray[np.float32]
    """Shape (trees, inner nodes): what is greater goes right."""
    leaves: NDArray[np.float32]
    """Shape (trees, leaves): what a tree adds to the log-odds."""

    def probabilities(self, rows: Matrix) -> NDArray[Any]:
        """The probability of each row, shape (rows,)."""
        if len(rows) > _AT_ONCE:
            parts = [self.probabilities(rows[start : start + _AT_ONCE]) for start in range(0, len(rows), _AT_ONCE)]
            return np.concatenate(parts)
        trees, inner = self.columns.shape
        first = np.arange(trees) * inner
        node = np.zeros((len(rows), trees), np.intp)
        columns, bounds = self.columns.ravel(), self.bounds.ravel()
        flat = rows.ravel()
        row = (np.arange(len(rows)) * rows.shape[1])[:, None]
        for _ in range(inner.bit_length()):
            at = node + first
            node = 2 * node + 1 + (flat[row + columns[at]] > bounds[at])
        leaf = node - inner
        odds = self.start + self.leaves[np.arange(trees), leaf].sum(axis=1)
        chances: NDArray[Any] = 1.0 / (1.0 + np.exp(-odds))
        return chances

    def save(self, path: Path) -> None:
        """Write it, with the names of the columns it was trained on."""
        np.savez_compressed(
            path, start=self.start, columns=self.columns.astype(np.int16), bounds=self.bounds, leaves=self.leaves,
            names=np.array(NAMES),
        )  # fmt: skip


@cache
def load(path: Path) -> Forest:
    """The forest of a file. Raises ValueError where it was trained on other columns than `traits` gives now."""
    with np.load(path, allow_pickle=False) as stored:
        if tuple(stored["names"]) != NAMES:
            raise ValueError(f"{path.name} was trained on other traits: run python -m pipeline.training.body")
        return Forest(
            start=float(stored["start"]),
            columns=stored["columns"].astype(np.int32),
            bounds=stored["bounds"],
            leaves=stored["leaves"],
        )
