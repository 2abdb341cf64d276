"""Stories: articles about the same happening, whoever wrote them.

A family counts as one report. Reports are compared by the cosine of their terms (headline, lead and names count more,
rare terms more than common ones) and joined pair by pair, the closest first, as long as the groups' average similarity
is high enough and the story stays within the window. Reports in different languages are compared by the names they
share, which links what is written in one script.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.group.families import Member, blocks
from pipeline.group.sketch import Sketch
from pipeline.records import StoryTitle

AVERAGE = 0.22
"""The least average cosine between two groups of reports that become one story (chosen on ECB+)."""
SLIGHT = AVERAGE / 2
"""Cosines below count as none."""
FADING = 0.2
"""What similarity loses from one end of the window to the other."""
UNSEEN = 100
"""So many more reports are assumed when a term's rarity is judged: a handful cannot tell which words are rare."""
SHARED_NAMES, NAMES_COSINE = 3, 0.4
"""What reports in two languages have to share; such a cosine counts as AVERAGE."""

Table: TypeAlias = Any
"""A sparse matrix (scipy has no types)."""
Link: TypeAlias = tuple[int, int, float]


@dataclass(slots=True, frozen=True)
class Place:
    """An article's place in its story."""

    story_id: str
    score: float


@dataclass(slots=True)
class _Reports:
    """Families as reports, in the order of their first article."""

    articles: list[list[int]]
    first: list[datetime]
    last: list[datetime]
    language: NDArray[np.int64]
    """A number for each language, -1 where it is not known."""


def stories(
    sketches: Sequence[Sketch], members: Mapping[str, Member], window: timedelta, settled: Collection[str] = ()
) -> tuple[dict[str, Place], list[StoryTitle]]:
    """The story of each article, by article_id, and the stories; the sketches come in the order of their times.

    Articles that are `settled` only help to tell which words are rare: they get no story.
    """
    reports = _reports(sketches, members)
    by_article, by_report, by_name = _tables(sketches, reports)
    is_free = np.array([sketches[group[0]].article_id not in settled for group in reports.articles], dtype=np.float32)
    by_report, by_name = (sparse.csr_array(sparse.diags_array(is_free) @ table) for table in (by_report, by_name))
    links = _links(reports, by_report, by_name, window)
    places: dict[str, Place] = {}
    titles: list[StoryTitle] = []
    for group in _join(reports, links, window):
        if not is_free[group[0]]:
            continue
        scores = _scores(by_article, by_report, reports, group)
        title = _title(sketches, members, scores)
        titles.append(title)
        for i, score in scores.items():
            places[sketches[i].article_id] = Place(title.story_id, score)
    return places, titles


def _reports(sketches: Sequence[Sketch], members: Mapping[str, Member]) -> _Reports:
    families: dict[str, list[int]] = defaultdict(list)
    for i, sketch in enumerate(sketches):
        families[members[sketch.article_id].family_id].append(i)
    articles = list(families.values())
    spoken = [next((s for i in group if (s := sketches[i].language)), None) for group in articles]
    numbers = {language: n for n, language in enumerate(sorted({s for s in spoken if s}))}
    return _Reports(
        articles=articles,
        first=[sketches[group[0]].at for group in articles],
        last=[sketches[group[-1]].at for group in articles],
        language=np.array([numbers[s] if s else -1 for s in spoken], dtype=np.int64),
    )


def _tables(sketches: Sequence[Sketch], reports: _Reports) -> tuple[Table, Table, Table]:
    """Unit vectors of articles and of reports over all terms, and of reports over names known in two languages."""
    row = np.repeat(np.arange(len(sketches)), [len(s.terms) for s in sketches])
    terms = np.concatenate([*(s.terms for s in sketches), np.empty(0, np.uint32)])
    values, column = np.unique(terms, return_inverse=True)
    weights = np.concatenate([*(s.weights for s in sketches), np.empty(0, np.float32)])
    names = np.concatenate([*(s.names for s in sketches), np.empty(0, np.bool_)])
    report_of = np.empty(len(sketches), dtype=np.int64)
    for n, group in enumerate(reports.articles):
        report_of[group] = n

    # A pair is one number: pairs of numbers are slow to sort.
    width = max(len(values), 1)
    said = _distinct(report_of[row] * width + column) % width
    rarity = np.log((len(reports.articles) + UNSEEN + 1) / (np.bincount(said, minlength=len(values)) + 0.5))
    shape = (len(sketches), len(values))
    by_article = _unit(sparse.csr_array(((weights * rarity[column]).astype(np.float32), (row, column)), shape=shape))
    of = sparse.csr_array(
        (np.ones(len(sketches), np.float32), (report_of, np.arange(len(sketches)))),
        shape=(len(reports.articles), len(sketches)),
    )
    by_report = _unit(of @ by_article)

    language = reports.language[report_of[row[names]]]
    named = _distinct(language[language >= 0] * width + column[names][language >= 0]) % width
    known = np.bincount(named, minlength=len(values)) > 1
    by_name = _unit(by_report @ sparse.diags_array(known.astype(np.float32)))
    by_name.eliminate_zeros()
    return by_article, by_report, by_name


def _distinct(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each number once. np.unique (2.4.6) takes 70 times as long for these: it hashes where it need not sort."""
    ordered = np.sort(numbers)
    return ordered[np.diff(ordered, prepend=-1) > 0]


def _unit(table: Table) -> Table:
    length = np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel())
    length[length == 0] = 1
    return sparse.csr_array(sparse.diags_array((1 / length).astype(np.float32)) @ table)


def _links(reports: _Reports, by_report: Table, by_name: Table, window: timedelta) -> Iterator[Link]:
    """Pairs of reports within the window and their similarity, where it is not slight."""
    named = (by_name > 0).astype(np.int32)
    for begin, end, until in blocks(reports.first, window):
        ahead = slice(begin, until)
        alike = _pairs(by_report[begin:end] @ by_report[ahead].T, begin, SLIGHT)
        enough = {(i, j) for i, j, _ in _pairs(named[begin:end] @ named[ahead].T, begin, SHARED_NAMES)}
        abroad = [
            (i, j, AVERAGE * cosine / NAMES_COSINE)
            for i, j, cosine in _pairs(by_name[begin:end] @ by_name[ahead].T, begin, NAMES_COSINE * SLIGHT / AVERAGE)
            if (i, j) in enough and -1 < reports.language[i] != reports.language[j] > -1
        ]
        found: dict[tuple[int, int], float] = {}
        for i, j, similarity in [*alike, *abroad]:
            found[i, j] = max(similarity, found.get((i, j), 0.0))
        for (i, j), similarity in found.items():
            span = max(reports.last[i], reports.last[j]) - min(reports.first[i], reports.first[j])
            if span <= window:
                yield i, j, similarity * (1 - FADING * (span / window))


def _pairs(product: Table, begin: int, least: float) -> list[Link]:
    cells = sparse.coo_array(product)
    first, second = cells.coords[0] + begin, cells.coords[1] + begin
    kept = (first < second) & (cells.data >= least)
    return list(zip(first[kept].tolist(), second[kept].tolist(), cells.data[kept].tolist(), strict=True))


def _join(reports: _Reports, links: Iterable[Link], window: timedelta) -> list[list[int]]:
    """Average linkage: the groups whose reports are most alike on average join first."""
    groups = {i: [i] for i in range(len(reports.articles))}
    first, last = list(reports.first), list(reports.last)
    # Sums of similarities between groups; a pair without a link adds nothing.
    sums: dict[int, dict[int, float]] = defaultdict(dict)
    heap: list[tuple[float, int, int]] = []
    for i, j, similarity in links:
        sums[i][j] = sums[j][i] = similarity
        if similarity >= AVERAGE:
            heap.append((-similarity, i, j))
    heapq.heapify(heap)
    while heap:
        closeness, i, j = heapq.heappop(heap)
        if i not in groups or j not in groups or -closeness != _average(sums, groups, i, j):
            continue
        if max(last[i], last[j]) - min(first[i], first[j]) > window:
            continue
        groups[i].extend(groups.pop(j))
        first[i], last[i] = min(first[i], first[j]), max(last[i], last[j])
        for k, total in sums.pop(j).items():
            del sums[k][j]
            if k != i:
                sums[i][k] = sums[k][i] = sums[i].get(k, 0.0) + total
        for k in sums[i]:
            if (average := _average(sums, groups, i, k)) >= AVERAGE:
                heapq.heappush(heap, (-average, min(i, k), max(i, k)))
    return [sorted(group) for _, group in sorted(groups.items())]


def _average(sums: Mapping[int, Mapping[int, float]], groups: Mapping[int, list[int]], i: int, j: int) -> float:
    return sums[i].get(j, 0.0) / (len(groups[i]) * len(groups[j]))


def _scores(by_article: Table, by_report: Table, reports: _Reports, group: list[int]) -> dict[int, float]:
    """How near each article is to the story's centre, in which every report counts once."""
    articles = sorted(i for report in group for i in reports.articles[report])
    if len(articles) == 1:
        return {articles[0]: 1.0}
    centre = _unit(sparse.csr_array(np.ones((1, len(group)), np.float32)) @ by_report[group])
    near = (by_article[articles] @ centre.T).toarray().ravel()
    return {i: round(min(max(float(score), 0.0), 1.0), 4) for i, score in zip(articles, near, strict=True)}


def _title(sketches: Sequence[Sketch], members: Mapping[str, Member], scores: Mapping[int, float]) -> StoryTitle:
    def is_copy(i: int) -> bool:
        return members[sketches[i].article_id].role == "copy"

    lead = min(scores, key=lambda i: (is_copy(i), -scores[i], i))
    return StoryTitle(
        story_id=sketches[min(scores)].article_id,
        title=sketches[lead].title,
        lead_article_id=sketches[lead].article_id,
        first_seen_at=sketches[min(scores)].at,
        last_seen_at=sketches[max(scores)].at,
        article_count=len(scores),
        family_count=len({members[sketches[i].article_id].family_id for i in scores}),
        source_count=len({sketches[i].source_id for i in scores}),
    )
