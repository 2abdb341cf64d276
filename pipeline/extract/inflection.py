"""English word forms: what the verbs and nouns of the lexicon look like in a text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pipeline.extract.lexicon import listed, read_toml

Form = Literal["base", "s", "past", "part", "ing"]

_IRREGULAR: dict[str, str] = read_toml("grammar")["irregular"]
_DOUBLED = listed("inflection", "doubled")
_SINGLE_TOO = frozenset({"label", "cancel", "kidnap", "patrol"})


def verb_forms(lemma: str) -> Iterator[tuple[str, Form]]:
    """Every form of a verb, and which it is; a form may be several."""
    yield lemma, "base"
    if lemma == "be":
        for form in ("is", "are"):
            yield form, "s"
        for form in ("was", "were"):
            yield form, "past"
        yield "been", "part"
        yield "being", "ing"
        return
    yield _plural(lemma), "s"
    stem = lemma + lemma[-1] if lemma in _DOUBLED else lemma
    for base in {stem, lemma} if lemma in _SINGLE_TOO else {stem}:
        yield _ing(base), "ing"
        if lemma not in _IRREGULAR:
            past = _ed(base)
            yield past, "past"
            yield past, "part"
    if lemma in _IRREGULAR:
        past, part = _IRREGULAR[lemma].split()
        yield past, "past"
        yield part, "part"


def noun_forms(noun: str) -> tuple[str, ...]:
    """Singular and plural; `fisherman|fishermen` gives an irregular plural."""
    if "|" in noun:
        singular, plural = noun.split("|")
        return singular, plural
    if noun.endswith("s") and not noun.endswith(("ss", "us", "is")):
        return (noun,)
    return noun, _plural(noun)


def _plural(word: str) -> str:
    if word.endswith(("s", "x", "z", "ch", "sh")) or word in ("go", "veto", "do", "torpedo", "embargo"):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


def _ed(stem: str) -> str:
    if stem.endswith("e"):
        return stem + "d"
    if stem.endswith("y") and stem[-2] not in "aeiou":
        return stem[:-1] + "ied"
    return stem + "ed"


def _ing(stem: str) -> str:
    if stem.endswith("ie"):
        return stem[:-2] + "ying"
    if stem.endswith("e") and not stem.endswith(("ee", "ye", "oe")):
        return stem[:-1] + "ing"
    return stem + "ing"
