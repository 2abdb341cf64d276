"""What says that a run of capitalised words is a name, and of what: the lists of `lexicon/names.toml`, as sets."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from pipeline.extract.lexicon import read_toml, read_words
from pipeline.extract.nlp import stop_words


@dataclass(slots=True)
class Cues:
    """The lists of `lexicon/names.toml`, as sets."""

    titles: frozenset[str]
    lower_titles: frozenset[str]
    particles: frozenset[str]
    within: frozenset[str]
    org_tail: frozenset[str]
    org_head: frozenset[str]
    org_cues: frozenset[str]
    org_first: frozenset[str]
    place_tail: frozenset[str]
    place_head: frozenset[str]
    place_cues: frozenset[str]
    place_parts: frozenset[str]
    event_tail: frozenset[str]
    work_tail: frozenset[str]
    other_tail: frozenset[str]
    calendar: frozenset[str]
    no_acronyms: frozenset[str]
    given: frozenset[str]
    common: frozenset[str] = field(default_factory=frozenset)
    german: bool = False


@cache
def cues(language: str) -> Cues:
    """The cues for a language; common words are learned for English, function words elsewhere."""
    n = read_toml("names")

    def words(section: str, key: str) -> frozenset[str]:
        return frozenset(n[section][key].split())

    return Cues(
        words("titles", "courtesy") | words("titles", "office"),
        words("titles", "lower"),
        words("particles", "person"),
        words("particles", "organization"),
        words("organizations", "tail"),
        words("organizations", "head"),
        words("organizations", "cues"),
        words("organizations", "first"),
        words("locations", "tail"),
        words("locations", "head"),
        words("locations", "cues"),
        words("locations", "parts"),
        words("events", "tail"),
        words("works", "tail"),
        words("others", "tail"),
        words("others", "calendar"),
        words("others", "acronyms"),
        read_words("given_names"),
        read_words("words") | stop_words("en") if language == "en" else stop_words(language),
        language == "de",
    )
