"""What clean costs and what its text is worth, beside trafilatura over the same pages in the same run.

    python tests/benchmarks/clean.py             the 433 pages of ../shared/data/extraction, one process

Each page is cleaned by both, one after the other, so that whatever else the machine does weighs on both alike. Clean's
share is the whole step, with metadata, verdict and language; trafilatura's is `bare_extraction` with metadata. Skips,
saying so, where ../shared is absent.
"""

from __future__ import annotations

import importlib.util
import resource
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

EXTRACTION = Path(__file__).resolve().parents[3] / "shared" / "bench" / "extraction.py"
SETS = ("fundus", "zyte")


def main() -> None:
    """Run it."""
    if not EXTRACTION.exists():
        print(f"skipped: {EXTRACTION} is not there")
        return
    spec = importlib.util.spec_from_file_location("extraction", EXTRACTION)
    assert spec is not None
    assert spec.loader is not None
    extraction = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(extraction)

    from trafilatura import bare_extraction

    from pipeline.clean import clean, warm
    from pipeline.page import Page
    from pipeline.records import Article, Fetch

    warm()
    begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    spent: Counter[str] = Counter()
    pages = 0
    for name in SETS:
        found: dict[str, dict[str, Any]] = {}
        rejected: Counter[str] = Counter()
        for _, url, html, _ in extraction.pages(name):
            pages += 1
            fetch = Fetch(
                fetch_id="f", url=url, final_url=url, kind="article", source_id="s", outcome="fetched", attempt=1,
                fetched_at=datetime(2026, 11, 1, tzinfo=UTC), content_type="text/html",
            )  # fmt: skip
            start = time.process_time()
            [record] = clean([Page(fetch=fetch, body=html)])
            between = time.process_time()
            bare_extraction(html, url=url, with_metadata=True, include_comments=False)
            spent["newsledger"] += between - start
            spent["trafilatura"] += time.process_time() - between
            if isinstance(record, Article):
                names = ("title", "authors", "published_at", "text")
                found[url] = {each: getattr(record, each) for each in names}
            else:
                rejected[record.reason] += 1
        print(f"{name}: {len(found)} articles, rejected: {dict(rejected) or 'none'}", end="")
        extraction.score(name, found)
    for who, seconds in spent.items():
        print(f"{who:12}{1000 * seconds / pages:7.1f} ms of CPU a page")
    print(f"ratio {spent['newsledger'] / spent['trafilatura']:.2f}")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"memory {begun / 1024:.0f} MB when loaded, {most / 1024:.0f} MB at most")


if __name__ == "__main__":
    sys.exit(main())
