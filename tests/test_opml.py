"""OPML: what goes out comes in again; what feed readers wrote comes in too."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import opml, sources
from pipeline.errors import ConfigurationError
from pipeline.records import Source

IDS = st.from_regex(r"[a-z0-9][a-z0-9.-]{0,20}", fullmatch=True)
WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), min_size=1, max_size=30
)
URLS = st.from_regex(r"https?://[a-z]{1,8}\.example/[a-z0-9?&=]{0,12}", fullmatch=True)


@st.composite
def described(draw: st.DrawFn) -> Source:
    low = draw(st.none() | st.integers(0, 500))
    return Source(
        source_id=draw(IDS),
        name=draw(WORDS),
        homepage=draw(st.none() | URLS),
        country=draw(st.sampled_from([None, "IE", "BR"])),
        language=draw(st.sampled_from([None, "en", "pt"])),
        owner=draw(st.none() | WORDS),
        agency=draw(st.booleans()),
        feeds=draw(st.lists(URLS, unique=True, max_size=4)),
        sitemaps=draw(st.lists(URLS, unique=True, max_size=3)),
        volume_low=low,
        volume_high=None if low is None else low + draw(st.integers(0, 500)),
    )


@given(st.lists(described(), max_size=5, unique_by=lambda s: s.source_id))
@settings(max_examples=40, deadline=None)
def test_a_register_goes_out_and_comes_in_again(given_sources: list[Source]) -> None:
    assert opml.read(opml.write(given_sources)) == given_sources


def test_the_register_that_ships_goes_out_and_comes_in_again() -> None:
    shipped = sources.read(sources.SHIPPED)
    assert opml.read(opml.write(shipped)) == shipped


def test_folders_of_a_feed_reader_are_gone_into() -> None:
    document = b"""<?xml version="1.0" encoding="ISO-8859-1"?><opml version="1.0"><body>
      <outline text="News"><outline text="Europe">
        <outline text="Le Quai \xe9" type="rss" xmlUrl="https://www.quai.example/rss" htmlUrl="https://www.quai.example/"
          language="fr-FR"/>
        <outline text="Le Quai, sport" type="rss" xmlUrl="https://www.quai.example/sport" htmlUrl="https://www.quai.example/"/>
      </outline></outline>
      <outline text="Pier" xmlUrl="feed://pier.example/a?b=1&c=2"/>
      <outline text="One" xmlUrl="https://feeds.feedburner.com/One"/>
      <outline text="Two" xmlUrl="https://feeds.feedburner.com/Two"/>
      <outline text="A note"/>
    </body></opml>"""
    found = {s.source_id: s for s in opml.read(document)}
    assert list(found) == ["quai.example", "pier.example", "feeds.feedburner.com-one", "feeds.feedburner.com-two"]
    quai = found["quai.example"]
    assert (quai.name, quai.language, quai.homepage) == ("Le Quai é", "fr", "https://www.quai.example/")
    assert quai.feeds == ["https://www.quai.example/rss", "https://www.quai.example/sport"]
    assert found["pier.example"].feeds[0].startswith("http://pier.example/a?b=1")


@pytest.mark.parametrize(
    "said", ["http://[", "http://", "not a url", "http://münchen.example/", "HTTPS://A_b.example/"]
)
def test_a_feed_with_an_odd_address_still_has_an_id(said: str) -> None:
    import re

    (source,) = opml.read(f'<opml><body><outline xmlUrl="{said}"/></body></opml>')
    assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*", source.source_id)


@pytest.mark.parametrize("document", ["<html/>", "", "opml", b"\xff\xfe\x00", "<rss><opml/></rss>"])
def test_what_is_no_opml_is_one_clear_error(document: str | bytes) -> None:
    with pytest.raises(ConfigurationError, match="not OPML"):
        opml.read(document)
