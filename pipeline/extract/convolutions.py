"""The convolutional networks of `tagger` and `reader` in NumPy: what both need to run a stored model.

Sentences lie one behind the other in one table, a row a word: a product of large matrices is twice as fast as many of
small ones, and no row is spent on padding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Layer = tuple[int, Array, Array, Array]
"""Dilation, weights with the bias below (3 · width + 1, 2 · width), and scale and shift of the normalisation."""

_ROWS = 384
"""Rows multiplied at once: they and their product stay in the processor's cache (of 128 to 6,000 tried the fastest)."""
_MOST_KEPT = 200_000
"""Words whose rows are kept."""


class Rows:
    """A row of numbers for each word, computed when the word comes first."""

    def __init__(self, width: int, compute: Callable[[Sequence[str]], Array]) -> None:
        self._compute = compute
        self._rows: dict[str, int] = {}
        self._known = np.zeros((0, width), np.float32)

    def of(self, words: Sequence[str]) -> Array:
        """The rows of some words, shape (words, width)."""
        rows = self._rows
        new = [word for word in dict.fromkeys(words) if word not in rows]
        if new:
            if len(rows) + len(new) > _MOST_KEPT:
                rows.clear()
                new = list(dict.fromkeys(words))
            count = len(rows) + len(new)
            if count > len(self._known):
                larger = np.zeros((2 * count, self._known.shape[1]), np.float32)
                larger[: len(rows)] = self._known[: len(rows)]
                self._known = larger
            self._known[len(rows) : count] = self._compute(new)
            for word in new:
                rows[word] = len(rows)
        found: Array = self._known[[rows[word] for word in words]]
        return found


def convolved(state: Array, layers: Sequence[Layer], sizes: NDArray[np.intp] | None = None) -> Array:
    """The words' states after all layers; `sizes` are the words of each sentence, beyond which none looks."""
    if sizes is None:
        before = after = np.zeros(0, np.intp)
    else:
        ends = np.cumsum(sizes)
        at = np.arange(len(state))
        before, after = at - np.repeat(ends - sizes, sizes), np.repeat(ends, sizes) - 1 - at
    for dilation, weights, scale, shift in layers:
        first, last = np.flatnonzero(before < dilation), np.flatnonzero(after < dilation)
        state = state + _normal(_convolved(state, weights, dilation, first, last), scale, shift)
    return state


def _convolved(state: Array, weights: Array, dilation: int, first: NDArray[np.intp], last: NDArray[np.intp]) -> Array:
    """Each word with those `dilation` before and after it; of two outcomes the greater.

    Before the words `first`, and after the words `last`, there is none.
    """
    count, width = state.shape
    beside = np.zeros((count, 3 * width + 1), np.float32)
    beside[dilation:, :width] = state[:-dilation]
    beside[first, :width] = 0
    beside[:, width : 2 * width] = state
    beside[:-dilation, 2 * width : -1] = state[dilation:]
    beside[last, 2 * width : -1] = 0
    # What the bias is multiplied by: to add it afterwards takes as long as a tenth of the product.
    beside[:, -1] = 1
    found = np.empty_like(state)
    both = np.empty((min(_ROWS, count), 2 * width), np.float32)
    for start in range(0, count, _ROWS):
        stop = min(start + _ROWS, count)
        product = np.matmul(beside[start:stop], weights, out=both[: stop - start])
        np.maximum(product[:, :width], product[:, width:], out=found[start:stop])
    return found


def _normal(state: Array, scale: Array, shift: Array) -> Array:
    """Layer normalisation, in place."""
    width = state.shape[-1]
    state -= (state @ np.full(width, 1 / width, np.float32))[:, None]
    variance = np.einsum("ij,ij->i", state, state) / np.float32(width)
    state *= (1 / np.sqrt(variance + np.float32(1e-5)))[:, None]
    state *= scale
    state += shift
    return state


def layers_of(part: dict[str, Any]) -> list[Layer]:
    """The layers of a stored network."""
    found = []
    for number, dilation in enumerate(part["dilations"].tolist()):
        weights, bias, *rest = (part[f"{name}_{number}"].astype(np.float32) for name in ("w", "b", "scale", "shift"))
        found.append((dilation, np.vstack([weights.reshape(-1, weights.shape[-1]), bias]), *rest))
    return found


def softmax(odds: Array) -> Array:
    """Probabilities of the last axis."""
    odds = odds - odds.max(axis=-1, keepdims=True)
    found: Array = np.exp(odds)
    found /= found.sum(axis=-1, keepdims=True)
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
