"""The register: a file a user edits, with one clear error for what is wrong in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import sources
from pipeline.collect import normalise
from pipeline.errors import ConfigurationError, UnknownSource
from pipeline.records import Source
from pipeline.schema import vocabulary


def a_source(source_id: str = "harbour-herald", **given: object) -> Source:
    return Source(**{"source_id": source_id, "name": source_id.title(), "agency": False, **given})  # type: ignore[arg-type]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    register = tmp_path / "sources.toml"
    written = [a_source(feeds=["http://a.example/rss"], country="IE"), a_source("wire", agency=True)]
    sources.write(register, written)
    assert sources.read(register) == written


def test_a_home_without_a_register_has_no_sources(tmp_path: Path) -> None:
    assert sources.read(tmp_path / "sources.toml") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[source]]\nid = 'A Paper'", "lower-case"),
        ("[[source]]\nname = 'x'", "source 1: the id"),
        ("[[source]]\nid = 'a'\ncolour = 'red'", "no such field: colour"),
        ("[[source]]\nid = 'a'\nfeeds = 'http://a.example'", "feeds must be a list"),
        ("[[source]]\nid = 'a'\n[[source]]\nid = 'a'", "two sources have the id a"),
        ("[[source]]\nid = 'a'\nagency = 'yes'", "agency must be"),
        ("[[source]]\nid = 'a'\ncountry = 'UK'", "country UK is no code of iso-3166-1"),
        ("[[source]]\nid = 'a'\ncountry = 'de'", "country de is no code"),
        ("[[source]]\nid = 'a'\nlanguage = 'english'", "language english is no code of iso-639-1"),
        ("[[source]]\nid = 'a'\nvolume = 3", "volume must be two"),
        ("[[source]]\nid = 'a'\nvolume = [1, -1]", "volume must be two"),
        ("[[source]]\nid = 'a'\nvolume = [1, 2, 3]", "volume must be two"),
        ("[[source]]\nid = 'a'\nvolume = [true, 2]", "volume must be two"),
        ("[[source]]\nid = 'a'\nvolume = [1.5, 2]", "volume must be two"),
        ("[[source]]\nid = 'a'\nvolume = [9, 2]", "the smaller number first"),
        ("source = 'a'", "stand in"),
        ("[source]\nid = 'a'", "stand in"),
        ("[[source", "cannot read the sources"),
    ],
)
def test_a_wrong_register_is_one_clear_error(tmp_path: Path, text: str, said: str) -> None:
    register = tmp_path / "sources.toml"
    register.write_text(text)
    with pytest.raises(ConfigurationError, match=said) as caught:
        sources.read(register)
    assert "\n" not in str(caught.value).strip().split("(")[0]


def test_adding_twice_is_refused_and_removing_what_is_not_there_too(tmp_path: Path) -> None:
    register = tmp_path / "sources.toml"
    sources.add(register, a_source())
    with pytest.raises(ConfigurationError, match="registered already"):
        sources.add(register, a_source())
    sources.remove(register, "harbour-herald")
    with pytest.raises(UnknownSource, match="no source harbour-herald"):
        sources.remove(register, "harbour-herald")


def test_a_volume_goes_into_the_file_and_out(tmp_path: Path) -> None:
    register = tmp_path / "sources.toml"
    sources.write(register, [a_source(volume_low=0, volume_high=40)])
    assert "volume" in register.read_text()
    (source,) = sources.read(register)
    assert (source.volume_low, source.volume_high) == (0, 40)


def test_a_source_needs_an_id_and_nothing_more(tmp_path: Path) -> None:
    register = tmp_path / "sources.toml"
    register.write_text("[[source]]\nid = 'quay'")
    assert sources.read(register) == [Source(source_id="quay", name="quay", agency=False)]


SHIPPED = sources.read(sources.SHIPPED)


def test_the_register_that_ships_spans_the_world() -> None:
    assert len(SHIPPED) >= 150
    assert len({s.country for s in SHIPPED}) >= 60
    assert len({s.language for s in SHIPPED}) >= 25
    assert sum(s.agency for s in SHIPPED) >= 20


@pytest.mark.parametrize("source", SHIPPED, ids=lambda s: s.source_id)
def test_a_source_that_ships_is_described_in_full(source: Source) -> None:
    assert source.country in vocabulary("iso-3166-1")
    assert source.language in vocabulary("iso-639-1")
    assert source.homepage == normalise(source.homepage or "")
    # Of feeds, the spelling is the publisher's: what counts is that they can be asked for.
    assert all(normalise(url) for url in source.feeds)
    assert source.volume_low is not None
    assert source.volume_high is not None


def test_no_source_and_no_feed_ships_twice() -> None:
    for said in ([s.source_id for s in SHIPPED], [s.homepage for s in SHIPPED], [f for s in SHIPPED for f in s.feeds]):
        assert len(said) == len(set(said))


def test_the_register_that_ships_says_that_nobody_has_asked_the_live_web() -> None:
    assert "not checked against the live web" in " ".join(sources.SHIPPED.read_text("utf-8")[:1500].split())


def test_an_id_that_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    register = tmp_path / "sources.toml"
    sources.write(register, [Source(source_id="quay", name="Quay", agency=False)])
    before = register.read_text()
    with pytest.raises(ConfigurationError, match="source My Paper: the id must be lower-case"):
        sources.add(register, Source(source_id="My Paper", name="My Paper", agency=False))
    assert register.read_text() == before
