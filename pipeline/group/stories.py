"""Stories: articles about the same happening, whoever wrote them.

A family counts as one report. Reports are compared by the cosine of their terms (headline, lead and names count more,
rare terms more than common ones) and joined pair by pair, the closest first, as long as the groups' average similarity
is high enough and the story stays within the window. Reports in different languages are compared by the names they
share, which links what is written in one script.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

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
"""So many more reports are assumed when a term's rarity is judged: a handful of reports cannot tell which words are rare."""
SHARED_NAMES, NAMES_COSINE = 3, 0.4
"""What reports in two languages have to share; such a cosine counts as AVERAGE."""

Table = sparse.csr_array


@dataclass(slots=True, frozen=True)
class Place:
    """An article's place in its story."""

    story_id: str
    score: float


def stories(
    sketches: Sequence[Sketch], members: Mapping[str, Member], window: timedelta
) -> tuple[dict[str, Place], list[StoryTitle]]:
    """The story of each article, by article_id, and the stories; the sketches come in the order of their times."""
    reports: dict[str, list[int]] = defaultdict(list)
    for i, sketch in enumerate(sketches):
        reports[members[sketch.article_id].family_id].append(i)
    families = list(reports.values())
    table, shared = _tables(sketches, families)
    groups = _join(sketches, families, list(_links(sketches, families, table, shared, window)), window)
    places: dict[str, Place] = {}
    titles: list[StoryTitle] = []
    for group in groups:
        scores = _scores(table, [families[f] for f in group])
        titles.append(title := _title(sketches, members, scores, len(group)))
        for i, score in scores.items():
            places[sketches[i].article_id] = Place(title.story_id, score)
    return places, titles
