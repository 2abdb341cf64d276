"""Syndication families: which articles carry one text, and whose text it is.

A copy may have another headline, dateline or first sentence, lose its last paragraphs or gain some: what tells it is
containment, the share of the shorter text's shingles that stand in the longer one. Every pair within the window that
shares shingles is compared by its exact counts (an inverted index finds them); nothing is estimated.

Three guards keep apart what only looks alike:

- *furniture* (shingles a source repeats under three or more unrelated headlines: notices, biographies, background)
  does not count;
- short texts must agree more than long ones;
- a *digest*, which carries two texts that share nothing, belongs to neither family.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.group.sketch import Hashes, Sketch
from pipeline.records import Source

CONTAINMENT = 0.5
"""The least share of the shorter text in the longer one."""
SHORT, SHORT_CONTAINMENT = 24, 0.8
"""At least so many shingles are shared, or this share where the text is too short for that."""
THREADS = 3
"""Furniture is what a source repeats under so many unrelated headlines."""
SAME_THREAD = 1 / 3
"""Headlines are related when they share this part of their words."""
BLOCK = 1024


@dataclass(slots=True, frozen=True)
class Member:
    """An article's place in its family."""

    family_id: str
    role: str
    similarity: float


@dataclass(slots=True, frozen=True)
class _Pair:
    first: int
    second: int
    containment: float
    resemblance: float
    small: int
    """Which of the two is shorter."""
    whole: int | None
    """The longer one, where the shorter covers less than half of it."""


def families(
    sketches: Sequence[Sketch], sources: Mapping[str, Source], window: timedelta, settled: Collection[str] = ()
) -> dict[str, Member]:
    """The family of each article, by article_id; the sketches come in the order of their times.

    Articles that are `settled` only help to tell what is furniture: each stays alone.
    """
    shingles = _without_furniture(sketches)
    for i, sketch in enumerate(sketches):
        if sketch.article_id in settled:
            shingles[i] = shingles[i][:0]
    members = _join(sketches, shingles, list(_pairs(sketches, shingles, window)), window)
    found: dict[str, Member] = {}
    for family in members:
        original = min(family, key=lambda i: (not _is_agency(sources, sketches[i].source_id), i))
        family_id = sketches[original].article_id
        for i in family:
            if i == original:
                found[family_id] = Member(family_id, "original", 1.0)
            else:
                shared = len(np.intersect1d(shingles[i], shingles[original], assume_unique=True))
                share = shared / len(shingles[i])
                found[sketches[i].article_id] = Member(family_id, "copy", round(share, 4))
    return found


def _is_agency(sources: Mapping[str, Source], source_id: str) -> bool:
    return source_id in sources and sources[source_id].agency


def _without_furniture(sketches: Sequence[Sketch]) -> list[Hashes]:
    kept = [s.shingles for s in sketches]
    by_source: dict[str, list[int]] = defaultdict(list)
    for i, sketch in enumerate(sketches):
        by_source[sketch.source_id].append(i)
    for indices in by_source.values():
        if len(indices) < THREADS:
            continue
        furniture = _furniture([sketches[i] for i in indices])
        for i in indices:
            rest = np.setdiff1d(kept[i], furniture, assume_unique=True)
            # What is repeated nearly whole is a text of its own, put out again and again.
            if 10 * len(rest) >= len(kept[i]):
                kept[i] = rest
    return kept


def _furniture(of_one_source: Sequence[Sketch]) -> Hashes:
    shingles, holders, starts = _index([s.shingles for s in of_one_source], THREADS)
    repeated: list[int] = []
    judged: dict[bytes, bool] = {}
    for start, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        # A dozen of those that carry it, evenly spread, tell whether the headlines are unrelated.
        sample = holders[start : end : max(1, (end - start) // 12)]
        key = sample.tobytes()
        if key not in judged:
            judged[key] = _thread_count([of_one_source[i].heading for i in sample.tolist()]) >= THREADS
        if judged[key]:
            repeated.append(int(shingles[start]))
    return np.array(repeated, dtype=np.uint32)


def _thread_count(headings: Sequence[frozenset[int]]) -> int:
    threads: list[list[frozenset[int]]] = []
    for heading in headings:
        related = [t for t in threads if any(len(heading & h) >= SAME_THREAD * len(heading | h) for h in t)]
        threads = [t for t in threads if t not in related] + [[heading, *(h for t in related for h in t)]]
    return len(threads)


def _index(shingles: Sequence[Hashes], least: int) -> tuple[Hashes, NDArray[np.int64], NDArray[np.int64]]:
    """Shingles that `least` or more texts hold, the holders beside them, and where each shingle's rows start."""
    lengths = [len(s) for s in shingles]
    rows = np.concatenate([*shingles, np.empty(0, np.uint32)]).astype(np.uint64) << np.uint64(32)
    rows |= np.repeat(np.arange(len(shingles), dtype=np.uint64), lengths)
    rows.sort()
    values = (rows >> np.uint64(32)).astype(np.uint32)
    begins = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]])) if len(values) else np.empty(0, int)
    counts = np.diff(np.append(begins, len(values)))
    kept = np.repeat(counts >= least, counts)
    starts = np.concatenate([[0], np.cumsum(counts[counts >= least])])
    return values[kept], (rows[kept] & np.uint64(0xFFFFFFFF)).astype(np.int64), starts.astype(np.int64)


def _pairs(sketches: Sequence[Sketch], shingles: Sequence[Hashes], window: timedelta) -> Iterator[_Pair]:
    """Pairs of articles, one of which holds enough of the other."""
    _, holders, starts = _index(shingles, 2)
    size = np.array([len(s) for s in shingles], dtype=np.int64)
    column = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    ones = np.ones(len(holders), dtype=np.int32)
    table = sparse.csr_array((ones, (holders, column)), shape=(len(shingles), len(starts) - 1))
    for begin, end, until in blocks([s.at for s in sketches], window):
        shared = sparse.coo_array(table[begin:end] @ table[begin:until].T)
        first, second, count = shared.coords[0] + begin, shared.coords[1] + begin, shared.data
        small, large = np.minimum(size[first], size[second]), np.maximum(size[first], size[second])
        enough = count >= np.maximum(CONTAINMENT * small, np.minimum(SHORT, SHORT_CONTAINMENT * small))
        for k in np.flatnonzero((first < second) & enough).tolist():
            i, j, n = int(first[k]), int(second[k]), int(count[k])
            if sketches[j].at - sketches[i].at <= window:
                shorter, longer = (i, j) if size[i] <= size[j] else (j, i)
                whole = longer if 2 * n < large[k] else None
                yield _Pair(i, j, n / int(small[k]), n / int(small[k] + large[k] - n), shorter, whole)


def blocks(times: Sequence[datetime], window: timedelta) -> Iterator[tuple[int, int, int]]:
    """Runs of sorted times (begin, end), and the end of what lies within the window after them."""
    until = 0
    for begin in range(0, len(times), BLOCK):
        end = min(begin + BLOCK, len(times))
        until = max(until, end)
        while until < len(times) and times[until] - times[end - 1] <= window:
            until += 1
        yield begin, end, until


def _join(
    sketches: Sequence[Sketch], shingles: Sequence[Hashes], pairs: list[_Pair], window: timedelta
) -> list[list[int]]:
    """Families, none wider than the window; the closest pairs join first."""
    digests = _digests(shingles, pairs)
    family_of: dict[int, list[int]] = {i: [i] for i in range(len(sketches))}
    for pair in sorted(pairs, key=lambda p: (-p.resemblance, -p.containment, p.first, p.second)):
        one, other = family_of[pair.first], family_of[pair.second]
        if one is other or pair.whole in digests:
            continue
        if sketches[max(*one, *other)].at - sketches[min(*one, *other)].at > window:
            continue
        one.extend(other)
        for i in other:
            family_of[i] = one
    return [family for i, family in sorted(family_of.items()) if i == min(family)]


def _digests(shingles: Sequence[Hashes], pairs: list[_Pair]) -> set[int]:
    """Articles that carry two texts which share next to nothing, and so are neither's copy."""
    carried: dict[int, list[int]] = defaultdict(list)
    for pair in pairs:
        if pair.whole is not None:
            carried[pair.whole].append(pair.small)
    return {whole for whole, parts in carried.items() if _hold_two_texts(shingles, whole, parts)}


def _hold_two_texts(shingles: Sequence[Hashes], large: int, parts: list[int]) -> bool:
    # The longest part against the others: enough to tell, and linear.
    held = [np.intersect1d(shingles[p], shingles[large], assume_unique=True) for p in parts]
    held.sort(key=lambda h: (-len(h), h.tobytes()))
    return any(10 * len(np.intersect1d(held[0], h, assume_unique=True)) < len(h) for h in held[1:])
