"""What a sentence says about its event: whether it happened, when, where, in what context."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from pipeline.extract.lexicon import listed, read_toml
from pipeline.extract.mentions import Named
from pipeline.extract.nlp import Text

_NEGATIONS = listed("circumstances", "negations")
_MODALS = listed("circumstances", "modals")
_FUTURE = frozenset(["will", "shall", "wo", "'ll", "’ll", "tomorrow"])
_PLANNING = listed("circumstances", "planning")
_WISHING = listed("circumstances", "wishing")
_FAILING = listed("circumstances", "failing")
_BRINGING = listed("circumstances", "bringing")
_NOTHING = listed("circumstances", "nothing")
_NO_MORE = listed("circumstances", "no_more")
"""Behind a `no` that denies nothing (`no fewer than ten`)."""
_COUNTS = [["fewer"], ["less"], ["sooner"], ["later"], ["doubt"], ["more", "than"]]
"""Behind a `no` that leaves its sentence as it is; `no longer` and `no more attacks` do not."""
_CLAUSE_ENDS = listed("circumstances", "clause_ends")
_CONDITIONS = frozenset(["if", "unless", "whether", "provided"])
_SAYING = listed("circumstances", "saying")
_DENIALS = frozenset(["denied", "denies", "deny", "denying"])
_WEEKDAYS = {d: i for i, d in enumerate(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])}
_MONTHS = {
    m: i
    for i, m in enumerate(
        [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ],
        1,
    )
}
_MONTHS |= (
    {m[:3]: i for m, i in list(_MONTHS.items())}
    | {m[:3] + ".": i for m, i in list(_MONTHS.items())}
    | {"sept": 9, "sept.": 9}
)
_EARLY = 4
"""Sentences whose places may be the whole article's."""
_AT_HOUSES = frozenset(["at", "inside", "outside"])
WHERE = listed("circumstances", "where")
"""Words before a place where something happens."""
_YEAR = re.compile(r"^(1[5-9]\d\d|20\d\d)$")
_NUMBERS = {
    w: i for i, w in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], 1)
}


@dataclass(slots=True)
class Flags:
    """Whether an event happened, as its sentence says."""

    negated: bool = False
    hypothetical: bool = False
    future: bool = False


def came_to_nothing(lower: Sequence[str], first: int, last: int, trigger: tuple[int, int]) -> bool:
    """Whether the words around a trigger say that it did not happen: `failed to reach` it, `arrested nobody`.

    Of the sentence of words `first` to `last`. Unlike `flags` it asks for no clause, so that it serves every trigger.
    """
    start, end = trigger
    before, after = lower[first:start], lower[end:last]
    if any(
        lower[at] in _FAILING and lower[at + 1] == "to" and lower[at + 2] in _BRINGING
        for at in range(max(first, start - 5), min(start + 1, last - 2))
    ):
        return True
    if not _NOTHING.isdisjoint([*lower[start:end], *after[:1]]) or _denies(after):
        return True
    if before[-2:] in (["yet", "to"], ["short", "of"], ["unable", "to"]) or "at no point" in " ".join(before):
        return True
    # Who did it was nobody, in the same clause: `Not one of the regiments has budged`, `No gas has flowed`.
    return _CLAUSE_ENDS.isdisjoint(before) and (
        not _NOTHING.isdisjoint(before[:1])
        or before[:2] in (["no", "one"], ["not", "one"])
        or before[:3] == ["not", "a", "single"]
        or _denies(before)
    )


def only_counts(lower: Sequence[str], first: int, last: int) -> bool:
    """Whether a sentence has a `no`, and no word of negation but such as deny nothing (`no fewer than ten`)."""
    words = lower[first:last]
    return "no" in words and all(
        word not in _NEGATIONS
        and (word != "no" or words[at + 1 : at + 2] in _COUNTS or words[at + 1 : at + 3] in _COUNTS)
        for at, word in enumerate(words)
    )


def _denies(words: Sequence[str]) -> bool:
    """Whether words begin with a `no` that denies what follows it."""
    return len(words) > 1 and words[0] == "no" and words[1] not in _NO_MORE and not words[1][0].isdigit()


def flags(
    lower: list[str],
    first: int,
    last: int,
    group: int,
    trigger: tuple[int, int],
    governor: int | None,
    infinitive: bool,
    subject_first: int | None,
    title: bool,
) -> Flags:
    """Flags of the event whose verb group begins at word `group` and whose trigger are the words `trigger`."""
    helpers = lower[group : trigger[0]]
    found = Flags()
    found.negated = any(w in _NEGATIONS for w in helpers) or (
        trigger[0] > first and lower[trigger[0] - 1] in ("no", "without", "avoid")
    )
    if subject_first is not None:
        before = lower[subject_first - 1] if subject_first > first else ""
        found.negated |= lower[subject_first] in ("no", "neither", "none", "nobody") or before in ("no", "neither")
    clause = group
    while clause > first and lower[clause - 1] not in (
        ";",
        ":",
        "but",
        "while",
        "after",
        "before",
        "because",
        "although",
        "though",
    ):
        clause -= 1
    head = lower[clause:group]
    found.negated |= any(w in _DENIALS for w in lower[max(first, group - 6) : group] + helpers) and not any(
        w in _DENIALS for w in lower[slice(*trigger)]
    )
    found.hypothetical = any(w in _MODALS for w in helpers) or any(w in ("if", "unless", "whether") for w in head)
    found.hypothetical |= lower[first] in ("if", "should", "unless")
    found.future = any(w in _FUTURE for w in helpers) or _next(lower, first, last)
    if (
        "would" in helpers
        and any(w in _SAYING for w in lower[first:last])
        and not any(w in _CONDITIONS for w in lower[first:last])
    ):
        # `said it would`: the future seen from then.
        found.future, found.hypothetical = True, False
    if infinitive:
        verb = lower[governor] if governor is not None else ""
        if verb in _FAILING:
            found.negated = True
        elif verb in _WISHING:
            found.hypothetical = True
        elif (
            verb in _PLANNING
            or (title and not verb)
            or (trigger[0] - group >= 2 and lower[group] in ("is", "are") and verb in ("", "expected"))
        ):
            found.future = True
        elif verb not in (
            "began",
            "begin",
            "begun",
            "continue",
            "continues",
            "continued",
            "managed",
            "helped",
            "used",
            "forced",
            "started",
            "start",
            "have",
            "has",
            "had",
            "said",
            "reported",
            "believed",
        ):
            found.hypothetical = True
    return found


def _next(lower: list[str], first: int, last: int) -> bool:
    pairs = zip(lower[first:last], lower[first + 1 : last], strict=False)
    return any(
        (a == "next" and b in ("week", "month", "year", "weekend", *_WEEKDAYS)) or (a == "later" and b == "this")
        for a, b in pairs
    )


def long_ago(lower: list[str], first: int, last: int, published: date) -> bool:
    words = lower[first:last]
    if any(_YEAR.match(w) and int(w) <= published.year - 2 for w in words):
        return True
    for i, word in enumerate(words):
        if word == "ago" and i and (words[i - 1] in ("decades", "centuries", "century") or (words[i - 1] == "decade")):
            return True
        if word == "ago" and i > 1 and words[i - 1] == "years":
            count = _NUMBERS.get(words[i - 2], int(words[i - 2]) if words[i - 2].isdecimal() else 2)
            return count >= 2
        if word in ("1950s", "1960s", "1970s", "1980s", "1990s", "2000s") or (
            word == "century" and i and words[i - 1] == "last"
        ):
            return True
    return False


def in_quotation(text: Text, first: int, word: int) -> bool:
    """Whether an opened quotation mark of the sentence is still open at a word."""
    opened = 0
    for w in text.words[first:word]:
        if w in ("“", "«", "„"):
            opened += 1
        elif w in ("”", "»"):
            opened = max(0, opened - 1)
        elif w == '"':
            opened = 0 if opened else 1
    return opened > 0


def event_date(lower: list[str], first: int, last: int, published: date | None) -> tuple[date, str] | None:
    """When it was, as a sentence says: the first day of that day, week, month or year, and which of these it is.

    Read from the day of publication. The most exact that it says counts; None where it says nothing.
    """
    day = _the_day(lower, first, last, published)
    if day is not None:
        return day, "day"
    return _the_span(lower, first, last, published)


def _the_day(lower: list[str], first: int, last: int, published: date | None) -> date | None:
    for i in range(first, last):
        word = lower[i]
        month = _MONTHS.get(word)
        if month is not None and (word != "may" or i > first) and not (word == "mar" or word == "sun"):
            day = _day(lower, i, first, last)
            if day is not None:
                year = next((int(w) for w in lower[i + 1 : min(last, i + 5)] if _YEAR.match(w)), None)
                return _on(year, month, day, published)
    if published is None:
        return None
    for i in range(first, last):
        word = lower[i]
        before = lower[i - 1] if i > first else ""
        if word == "yesterday":
            return published - timedelta(days=1)
        if word in ("today", "tonight"):
            return published
        if word == "tomorrow":
            return published + timedelta(days=1)
        if word in _WEEKDAYS:
            ahead = before == "next" or any(w in _AHEAD for w in lower[first:i])
            days = (
                (_WEEKDAYS[word] - published.weekday()) % 7 if ahead else -((published.weekday() - _WEEKDAYS[word]) % 7)
            )
            if before == "last" and days == 0:
                days = -7
            return published + timedelta(days=days or (7 if before == "next" else 0))
        if word == "ago" and i - 2 >= first and lower[i - 1] in ("day", "days"):
            count = _count(lower[i - 2])
            if 0 < count < 60:
                return published - timedelta(days=count)
    return None


def _the_span(lower: list[str], first: int, last: int, published: date | None) -> tuple[date, str] | None:
    """A week, month or year that a sentence names."""
    for i in range(first + 1, last):
        word, before = lower[i], lower[i - 1]
        month = _MONTHS.get(word)
        if month is not None and before in ("in", "since", "last", "this", "late", "early", "mid", "until", "of", "by"):
            year = next((int(w) for w in lower[i + 1 : min(last, i + 3)] if _YEAR.match(w)), None)
            begin = _on(year, month, 1, published)
            return (begin, "month") if begin else None
        if _YEAR.match(word) and before in ("in", "since", "of", "during", "until", "late", "early"):
            return date(int(word), 1, 1), "year"
        if published is None:
            continue
        by = {"last": -1, "this": 0, "next": 1}.get(before)
        if word == "ago" and i - 2 >= first:
            unit, count = before.removesuffix("s"), _count(lower[i - 2])
            if 0 < count < 200 and unit in ("week", "month", "year"):
                return _span(published, unit, -count)
        if by is not None and word in ("week", "month", "year"):
            return _span(published, word, by)
    return None


def _span(published: date, unit: str, by: int) -> tuple[date, str]:
    """The first day of the week, month or year that lies so many before or behind that of publication."""
    if unit == "week":
        return published + timedelta(days=7 * by - published.weekday()), unit
    months = published.year * 12 + published.month - 1 + by
    return (date(months // 12, months % 12 + 1, 1) if unit == "month" else date(published.year + by, 1, 1)), unit


def _count(word: str) -> int:
    return _NUMBERS.get(word, int(word) if word.isdecimal() else 0)


_AHEAD = frozenset(["will", "would", "'ll", "’ll", "plan", "plans", "due"])


def _day(lower: list[str], i: int, first: int, last: int) -> int | None:
    for k in (i + 1, i - 1):
        if first <= k < last:
            bare = re.sub(r"(st|nd|rd|th)$", "", lower[k])
            if bare.isdecimal() and 1 <= int(bare) <= 31:
                return int(bare)
    return None


def _on(year: int | None, month: int, day: int, published: date | None) -> date | None:
    try:
        if year is not None:
            return date(year, month, day)
        if published is None:
            return None
        # The nearest such day: `December 30` in January's paper was last year's.
        near = [date(y, month, day) for y in (published.year - 1, published.year, published.year + 1)]
    except ValueError:
        return None
    return min(near, key=lambda d: abs((d - published).days))


def place(
    here: Sequence[Named], all_: Sequence[Named], actors: set[int], lower: list[str]
) -> tuple[Named, str] | tuple[None, None]:
    """Where, and how it is known.

    A city of the sentence, else a region or country behind `in` or its like, else a house (`at the White House`); else
    the dateline's place; else, of the cities that the text names early, the one it names most often (`article`,
    weaker), none that its own sentence names for something else. `here` are the sentence's mentions, `lower` the words
    of their field, `all_` the mentions of the text.
    """
    free = [m for m in here if m.type == "location" and m.start not in actors and _before(m, lower) != "from"]
    cities = [m for m in free if _is_city(m)]
    cities.sort(key=lambda m: m.is_metonym)
    if cities:
        return cities[0], "sentence"
    if behind := [m for m in free if _before(m, lower) in WHERE]:
        return behind[0], "sentence"
    for m in here:
        at = m.first - 1 - (_before(m, lower) == "the")
        if m.type == "organization" and m.start not in actors and at >= 0 and lower[at] in _AT_HOUSES:
            return m, "sentence"
    for m in all_[:1]:
        if m.first == 0 and _is_city(m) and m.text.isupper():
            return m, "dateline"
    elsewhere = {m.entity_id for m in here} - {m.entity_id for m in free}
    early = [m for m in all_ if m.type == "location" and m.sentence < _EARLY and m.entity_id not in elsewhere]
    named = sorted(
        (m for m in _cities(all_) if m.entity_id not in elsewhere),
        key=lambda m: -sum(m.entity_id == other.entity_id for other in all_),
    )
    found = next(iter([*named, *early]), None)
    return (found, "article") if found is not None else (None, None)


def narrower(country: Named, all_: Sequence[Named]) -> Named | None:
    """Of the country that a headline or first sentence names the city that the text names first."""
    if country.precision != "country" or country.country is None:
        return None
    return next((m for m in _cities(all_) if m.country == country.country), None)


def _cities(all_: Sequence[Named]) -> list[Named]:
    """The cities that the first sentences of a text name, in order."""
    return [m for m in all_ if m.type == "location" and m.sentence < _EARLY and _is_city(m) and not m.is_metonym]


def _is_city(m: Named) -> bool:
    return "city" in (m.kind, m.precision)


def _before(m: Named, lower: list[str]) -> str:
    return lower[m.first - 1] if m.first else ""


@cache
def _contexts() -> dict[str, list[str]]:
    by_word: dict[str, list[str]] = {}
    for context, words in read_toml("events/contexts").items():
        for word in words.split():
            by_word.setdefault(word, []).append(context)
    return by_word


def contexts(lower: list[str], first: int, last: int, given: tuple[str, ...]) -> list[str]:
    """PLOVER contexts shown by the words of a sentence, in alphabetic order."""
    table = _contexts()
    found = set(given)
    for i in range(first, last):
        found.update(table.get(lower[i], ()))
        if i + 1 < last:
            found.update(table.get(f"{lower[i]}_{lower[i + 1]}", ()))
    return sorted(found)
