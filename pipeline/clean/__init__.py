"""Clean: pages to articles. Pure: the same page gives the same record on any machine and on any day.

::

    page ─decoding→ text ─document→ one tree ─┬ title, authors, dates, metadata, address, kind   what it says of itself
         ─plain_text, row→ (no HTML)          ├ blocks, traits, forest → body, furniture        its text, as paragraphs
                                              └ verdict                                          an article, or why not

The only home of trafilatura. A page that is no article is a `Reject` with a reason and the words it was judged by.
"""

from datetime import UTC, datetime

from pipeline.clean.step import clean
from pipeline.page import Page
from pipeline.records import Fetch

__all__ = ["clean", "warm"]


def warm() -> None:
    """Load what the first page would: trafilatura, the readers of dates, the language detector."""
    fetch = Fetch(
        fetch_id="", url="http://localhost/a", kind="article", source_id="", outcome="fetched", attempt=1,
        fetched_at=datetime(1970, 1, 1, tzinfo=UTC), content_type="text/html",
    )  # fmt: skip
    words = "The harbour was quiet on Monday, when the ferry left for the islands. " * 5
    list(clean([Page(fetch=fetch, body=f"<html><title>A</title><body><p>{words}</p></body></html>".encode())]))
