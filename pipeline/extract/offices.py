"""What a person is, as the text says it beside the name; and places that act.

Before the name stand titles and offices (`Secretary of State Mike Pompeo`), behind it, between commas, what explains it
(`Nicolás Maduro, the president of Venezuela,`). A capital or country that speaks or acts is its government.
"""

from __future__ import annotations

from pipeline.extract.cues import cues
from pipeline.extract.lexicon import listed
from pipeline.extract.nlp import Text
from pipeline.extract.roles import role_at

_BEFORE = 7
_BEHIND = 12
_JOINING = frozenset({"of", "and", "for", "the", "on"})
_COURTESY = listed("offices", "courtesy")
_BETWEEN = listed("offices", "between")
_CLOSING = frozenset({",", ".", ";", "—", "–", "-", ")", ":"})
_ACTS = listed("offices", "acts")


def office(text: Text, first: int, last: int) -> str | None:
    """The office or trade of the person at words `first` to `last`; None where the text beside it says none."""
    return _before(text, first) or _behind(text, last)


def _before(text: Text, first: int) -> str | None:
    begin = text.sentences[text.sentence_of[first]][0]
    words, c = text.words, cues("en")
    at = first
    found = first
    while at > max(begin, first - _BEFORE):
        word = words[at - 1]
        if word in c.titles or text.lower[at - 1] in c.lower_titles or role_at(text.lower, at - 1, first)[0]:
            if text.lower[at - 1] not in _COURTESY:
                found = at - 1
        elif not (
            (text.lower[at - 1] in _JOINING and at < first)
            or (word[0].isupper() and at < first)
            or (found == at and word.isalpha() and word.islower() and text.lower[at - 1] not in c.common)
        ):
            break
        at -= 1
    # `Secretary of State`: what stands between the office and the name belongs to it.
    if found == first or words[found] in _JOINING:
        return None
    return text.span(found, first)


def _behind(text: Text, last: int) -> str | None:
    end = text.sentences[text.sentence_of[last - 1]][1]
    words = text.words
    if last >= end or words[last] not in (",", "("):
        return None
    at = last + 1
    while at < end and text.lower[at] in ("the", "a", "an", "who", "is", "was", "then"):
        at += 1
    stop = at
    while stop < min(end, last + _BEHIND) and words[stop] not in _CLOSING:
        stop += 1
    if stop == at or stop >= end or words[stop] not in _CLOSING:
        return None
    if any(
        role_at(text.lower, each, stop)[0] or text.lower[each] in cues("en").lower_titles for each in range(at, stop)
    ):
        return text.span(at, stop)
    return None


def acts(text: Text, last: int) -> bool:
    """Whether a place that ends before word `last` speaks or acts, as only a government can: `Washington said`."""
    end = text.sentences[text.sentence_of[last - 1]][1]
    at = last
    while at < end and text.lower[at] in _BETWEEN:
        at += 1
    return at < end and text.lower[at] in _ACTS
