"""Whatever a page is, clean gives one record for it and ends: on pages made worse, and on pages made to hurt.

pytest -m integration tests/clean/test_clean_fuzz.py        2,000 pages
FUZZED_PAGES=100000 pytest -m integration …                 the full count; FUZZED_FROM goes on from a number
"""

from __future__ import annotations

import faulthandler
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from invented import html
from mutations import mutants

from pipeline.clean import clean
from pipeline.newsroom import BATCHES, content, pages
from pipeline.records import Article, Reject

pytestmark = pytest.mark.integration

COUNT = int(os.environ.get("FUZZED_PAGES", "2000"))
FIRST = int(os.environ.get("FUZZED_FROM", "0"))
# Far beyond what any page takes: a guard against what would never end.
PATIENCE = 120


@pytest.fixture(autouse=True)
def guard() -> Iterator[None]:
    faulthandler.dump_traceback_later(PATIENCE + COUNT, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


def seeds() -> list[bytes]:
    """The newsroom's pages of every publisher and sort, and plainer ones."""
    _, moment = BATCHES[-1]
    found = [pages.article(piece, moment) for piece in content.articles().values()]
    found += [
        pages.front(each, moment)
        for each in {piece.publisher.id: piece.publisher for piece in content.articles().values()}.values()
    ]
    found += [
        pages.special(each, moment)
        for each in content.oddities().values()
        if each.answer in ("paywall", "botwall", "gallery", "members")
    ]
    return [each.encode() for each in [*found, html()]]


def test_no_mutated_page_breaks_clean() -> None:
    verdicts: Counter[str] = Counter()
    slow: list[tuple[float, int, tuple[str, ...]]] = []
    for mutant in mutants(seeds(), COUNT, FIRST):
        start = time.process_time()
        try:
            [record] = clean([mutant.page])
        except Exception as error:
            raise AssertionError(f"page {mutant.number} ({', '.join(mutant.done)})") from error
        slow = sorted([*slow, (time.process_time() - start, mutant.number, mutant.done)], reverse=True)[:5]
        assert isinstance(record, Article | Reject)
        verdicts["article" if isinstance(record, Article) else record.reason] += 1
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"\n{COUNT} pages: {dict(verdicts.most_common())}; slowest {slow}; {most} MB at most", file=sys.stderr)
