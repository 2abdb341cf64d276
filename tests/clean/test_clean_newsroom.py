"""The sample newsroom's pages come out as its gold says."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from pipeline.clean import clean
from pipeline.newsroom import BATCHES, GOLD, Newsroom
from pipeline.page import Page
from pipeline.records import Article, Fetch, Reject

BOOK = json.loads(GOLD.read_text("utf-8"))
_, MOMENT = BATCHES[-1]


@pytest.fixture(scope="module")
def room() -> Iterator[Newsroom]:
    with Newsroom() as running:
        running.set_time(MOMENT)
        yield running


def get(room: Newsroom, url: str) -> tuple[int, str, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", room.port)
    connection.request("GET", parts.path or "/", headers={"Host": parts.netloc})
    answer = connection.getresponse()
    return answer.status, answer.getheader("Content-Type") or "", answer.read()


def cleaned(room: Newsroom, url: str) -> Article | Reject | None:
    status, kind, body = get(room, url)
    if status in (429, 500):
        status, kind, body = get(room, url)
    if status != 200:
        return None
    fetch = Fetch(
        fetch_id="f", url=url, final_url=url, kind="article", source_id="s", fetched_at=MOMENT, outcome="fetched",
        attempt=1, content_type=kind.partition(";")[0],
    )  # fmt: skip
    [record] = clean([Page(fetch=fetch, body=body, charset=kind.partition("charset=")[2] or None)])
    return record


def test_articles_are_as_their_authors_wrote_them(room: Newsroom) -> None:
    seen = 0
    for url, gold in BOOK["articles"].items():
        article = cleaned(room, url)
        if article is None:
            continue
        assert isinstance(article, Article), article
        seen += 1
        assert (article.title, article.language, article.kind) == (gold["title"], gold["language"], gold["kind"]), url
        assert article.canonical_url == url
        assert (article.subtitle or None) == (gold["subtitle"] or None), url
        # A correction changes the text after the first batch.
        if article.modified_at is None or article.modified_at == article.published_at:
            assert article.text == gold["text"], url
    assert seen > 40


def test_what_is_no_article_is_rejected(room: Newsroom) -> None:
    reasons = set()
    for url, row in BOOK["urls"].items():
        if url.startswith("http") and row["states"][-1] in ("paywalled", "not_article", "blocked"):
            record = cleaned(room, url)
            assert record is None or isinstance(record, Reject), url
            if record is not None:
                reasons.add(record.reason)
    assert {"paywalled", "gallery", "section_front", "bot_wall"} <= reasons
