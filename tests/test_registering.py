"""Registering a publisher by its front page, and asking every registered feed once: real HTTP on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import newsroom, registering, sources
from pipeline.errors import ConfigurationError, InputError
from pipeline.settings import Settings, load


@pytest.fixture(scope="module")
def room() -> Iterator[newsroom.Newsroom]:
    with newsroom.Newsroom() as opened:
        yield opened


@pytest.fixture
def cfg(room: newsroom.Newsroom, tmp_path: Path) -> Settings:
    return load(home=tmp_path, resolve=room.resolve, now=newsroom.BATCHES[0][1], host_delay=0.001, retry_wait=0.001)


def add(cfg: Settings, url: str, **given: Any) -> Any:
    asked: dict[str, Any] = {
        "source_id": None, "name": None, "country": None, "language": None, "owner": None, "agency": False, "feeds": [],
        "sitemaps": [],
    }  # fmt: skip
    return registering.add(cfg, url, **(asked | given))


def test_a_front_page_names_its_feed(cfg: Settings) -> None:
    source = add(cfg, "http://harbour-herald.example/")
    assert source.feeds == ["http://harbour-herald.example/rss.xml"]
    assert [s.source_id for s in sources.read(cfg.register)] == ["harbour-herald.example"]


def test_a_robots_txt_names_its_sitemap(cfg: Settings) -> None:
    source = add(cfg, "http://parliament-post.example/", source_id="parliament-post", country="CA", language="en")
    assert source.sitemaps
    assert source.source_id == "parliament-post"


def test_a_site_that_does_not_answer_is_one_clear_error(cfg: Settings) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        add(cfg, "http://127.0.0.1:9/")


def test_a_code_that_is_none_is_refused(cfg: Settings) -> None:
    with pytest.raises(ConfigurationError, match="Canada is no code"):
        add(cfg, "http://harbour-herald.example/", country="Canada")


def test_check_says_what_each_feed_gives(cfg: Settings) -> None:
    sources.write(cfg.register, [s for s in sources.read(newsroom.SOURCES) if s.source_id == "courrier-des-quais"])
    add(cfg, "http://harbour-herald.example/", feeds=["http://harbour-herald.example/no-such-feed"])
    found = {url: (said, entries) for _, url, said, entries in registering.check(cfg)}
    assert found["http://harbour-herald.example/no-such-feed"] == ("not_found", 0)
    (malformed,) = [v for url, v in found.items() if "courrier" in url]
    assert malformed[1] > 0
    assert "XML" in malformed[0]
