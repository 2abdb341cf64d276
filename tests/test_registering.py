"""Registering a publisher by its front page, and asking every registered feed once: real HTTP on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import collect, newsroom, registering, sources
from pipeline.errors import ConfigurationError, InputError
from pipeline.records import Source
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
    return registering.add(cfg, url, **(asked | given))[0]


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


def test_a_site_says_its_name_and_language_and_what_is_given_counts_for_more(cfg: Settings) -> None:
    source = add(cfg, "http://courrier-des-quais.example/", source_id="a")
    assert source.language == "fr"
    given = add(cfg, "http://courrier-des-quais.example/", source_id="b", name="Le Courrier", language="en")
    assert (given.name, given.language) == ("Le Courrier", "en")


def test_a_taken_id_is_said_before_the_site_is_asked(cfg: Settings, room: newsroom.Newsroom) -> None:
    add(cfg, "http://harbour-herald.example/", feeds=["http://harbour-herald.example/rss.xml"])
    before = len(room.requests)
    with pytest.raises(ConfigurationError, match="registered already"):
        add(cfg, "http://harbour-herald.example/")
    assert len(room.requests) == before


def test_a_feed_given_as_the_site_is_enough(cfg: Settings) -> None:
    source = add(cfg, "http://harbour-herald.example/rss.xml")
    assert (source.homepage, source.feeds) == (
        "http://harbour-herald.example/",
        ["http://harbour-herald.example/rss.xml"],
    )


def registered(cfg: Settings, *found: Source) -> Settings:
    sources.write(cfg.register, found)
    return cfg


def a_source(source_id: str, **given: Any) -> Source:
    return Source(**({"source_id": source_id, "name": source_id, "agency": False} | given))


def test_check_says_what_each_feed_gives(cfg: Settings) -> None:
    courrier = next(s for s in sources.read(newsroom.SOURCES) if s.source_id == "courrier-des-quais")
    gone = a_source("gone", feeds=["http://harbour-herald.example/no-such-feed", "not a URL"])
    found = {h.url: h for h in registering.check(registered(cfg, courrier, gone))}
    assert found["http://harbour-herald.example/no-such-feed"].state == "dead"
    assert found["not a URL"].state == "dead"
    malformed = found[courrier.feeds[0]]
    assert malformed.state == "malformed"
    assert malformed.look is not None
    assert malformed.look.entry_count > 0
    assert "XML" in malformed.remarks[0]


def test_check_calls_stale_what_the_user_does(cfg: Settings) -> None:
    registered(cfg, a_source("herald", feeds=["http://harbour-herald.example/rss.xml"]))
    assert [h.state for h in registering.check(cfg)] == ["ok"]
    assert [h.state for h in registering.check(cfg, stale_days=0)] == ["stale"]


def test_a_source_without_feeds_is_checked_by_its_robots_txt_or_its_front_page(cfg: Settings) -> None:
    post = a_source("post", homepage="http://parliament-post.example/")
    silent = a_source("silent", homepage="http://no-such-paper.example/")
    linked = a_source("linked", homepage="http://harbour-herald.example/")
    nowhere = a_source("nowhere", homepage="http://127.0.0.1:9/")
    bare = a_source("bare")
    found = {h.source.source_id: h for h in registering.check(registered(cfg, post, silent, linked, nowhere, bare))}
    assert found["post"].state == "ok"
    assert found["post"].url != post.homepage
    assert found["silent"].state == "empty"
    assert "no sitemap in its robots.txt" in found["silent"].remarks[0]
    assert (found["linked"].state, found["linked"].url) == ("ok", "http://harbour-herald.example/rss.xml")
    assert found["nowhere"].state == "failing"
    assert found["bare"].state == "empty"


def test_new_addresses_of_feeds_that_moved_are_registered(cfg: Settings) -> None:
    old, new = "http://old.example/rss", "http://new.example/rss"
    source = a_source("a", feeds=[old, new], sitemaps=["http://old.example/s.xml"])
    look = collect.Look(url=old, kind="feed", outcome="fetched", moved_to=new)
    moved = registering.Health(source=source, url=old, kind="feed", state="moved", look=look)
    registered(cfg, source, a_source("b", feeds=["http://b.example/rss"]))
    assert registering.follow_moved(cfg, [moved]) == 1
    assert [s.feeds for s in sources.read(cfg.register)] == [[new], ["http://b.example/rss"]]
    assert registering.follow_moved(cfg, [moved]) == 0


def test_the_register_that_ships_is_imported_by_country_and_language(cfg: Settings) -> None:
    new, known = registering.import_from(cfg, "world", countries=["ch"], languages=["fr"])
    assert {(s.country, s.language) for s in new} == {("CH", "fr")}
    assert known == 0
    more, known = registering.import_from(cfg, "world", countries=["CH", "AT"])
    assert {s.country for s in more} == {"CH", "AT"}
    assert known == len(new)
    assert len(sources.read(cfg.register)) == len(new) + len(more)


def test_a_wrong_country_to_import_is_one_clear_error(cfg: Settings) -> None:
    with pytest.raises(ConfigurationError, match="ZZ is no code"):
        registering.import_from(cfg, "world", countries=["zz"])


def test_an_opml_file_in_any_encoding_is_imported_and_codes_that_are_none_left_out(
    cfg: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "feeds.opml"
    text = (
        '<?xml version="1.0" encoding="ISO-8859-1"?><opml version="2.0" xmlns:newsledger="urn:newsledger:opml:1"><body>'
        '<outline text="Quai \xe9" xmlUrl="http://quai.example/rss" language="qq" newsledger:country="ZZ"/>'
        "</body></opml>"
    )
    file.write_bytes(text.encode("latin-1"))
    (source,), _ = registering.import_from(cfg, str(file))
    assert (source.name, source.language, source.country) == ("Quai é", None, None)
    assert sources.read(cfg.register) == [source]


def test_a_register_of_another_home_is_imported(cfg: Settings, tmp_path: Path) -> None:
    other = tmp_path / "theirs.toml"
    sources.write(other, [a_source("a", volume_low=1, volume_high=2)])
    new, _ = registering.import_from(cfg, str(other))
    assert new == sources.read(other)


@pytest.mark.parametrize("content", [b"hello", b"\xff\xfe\x00\x01", b"<html/>"])
def test_a_file_that_is_no_list_is_one_clear_error(cfg: Settings, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "list").write_bytes(content)
    with pytest.raises(ConfigurationError):
        registering.import_from(cfg, str(tmp_path / "list"))
