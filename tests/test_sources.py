"""The register: a file a user edits, with one clear error for what is wrong in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import sources
from pipeline.errors import ConfigurationError, UnknownSource
from pipeline.records import Source


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


def test_opml_goes_out_and_comes_in_again() -> None:
    given = [a_source("a.example", homepage="http://a.example/", feeds=["http://a.example/1", "http://a.example/2"])]
    back = sources.from_opml(sources.to_opml(given))
    assert [(s.source_id, s.homepage, s.feeds) for s in back] == [("a.example", "http://a.example/", given[0].feeds)]


def test_what_is_no_opml_is_one_clear_error() -> None:
    with pytest.raises(ConfigurationError, match="not OPML"):
        sources.from_opml("<html/>")
