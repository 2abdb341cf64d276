"""A date as pages write it, read: ISO 8601, mail headers, seconds, numbers, words of many languages; and its exactness.

A time without a zone is read in the zone of the source's country where that has one only, else as UTC, and marked
`local` either way. Midnight sharp is taken for a day without a time: that is what templates make of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.clean.tidy import line


@dataclass(slots=True, frozen=True)
class Reading:
    """A date that was read."""

    at: datetime
    """In UTC."""
    precision: str
    """`moment`: a time with its zone; `local`: a time without one; `day`: no time."""
    zone: str | None = None
    """The zone that a local time was read in, where it was not UTC."""


_ZONE_TIGHT = re.compile(r"(?<=\d)\s*([+-]\d\d)(\d\d)$")
_ZONE_APART = re.compile(r"\s+(?=[+-]\d\d:)")
_FRACTION = re.compile(r"(\.\d{6})\d+")
_NAMED_ZONE = re.compile(r"\s*\(?\b(?:UTC|GMT|Z)\)?$", re.I)
_SHORT_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]+(\d{1,2}):(\d\d)(?::(\d\d))?)?(?![\d-])")
_MAIL = re.compile(r"^(?:[a-z]{3},?\s+)?\d{1,2}\s+[a-z]{3}\s+\d{4}\b", re.I)

# Offsets that a short name means everywhere; CST, IST and BST have several meanings and are read as none.
_OFFSETS = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3,
    "MSK": 3, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "JST": 9, "KST": 9, "HKT": 8,
    "SGT": 8, "WIB": 7, "WITA": 8, "WIT": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "SAST": 2, "EAT": 3,
    "WAT": 1, "PKT": 5,
}  # fmt: skip
_TIME = re.compile(
    r"\D{0,14}?\b(?P<hour>[01]?\d|2[0-3])(?:[:.h時时시]\s?(?P<minute>[0-5]\d)|\s?(?=[ap]\.?m\b))(?:[:分]?(?P<second>[0-5]\d))?"
    r"(?:\s?(?P<half>[ap])\.?\s?m\b\.?)?(?:\s*\(?(?P<zone>(?:UTC|GMT)[+-]\d\d?|[A-Z]{1,4}\b|[+-]\d\d:?\d\d))?",
    re.I,
)
_YEAR = r"(?P<year>(?:19|20|25)\d\d)"
_IN_NUMBERS = (
    re.compile(rf"(?<!\d){_YEAR}\s?[-/.年년]\s?(?P<month>\d\d?)\s?[-/.月월]\s?(?P<day>\d\d?)(?!\d)"),
    re.compile(rf"(?<![\d.]):?(?P<first>\d\d?)\s?(?P<mark>[-/.])\s?(?P<second_>\d\d?)\s?(?P=mark)\s?{_YEAR}(?!\d)"),
    re.compile(rf"(?P<day>\d\d?)\s+tháng\s+(?P<month>\d\d?)(?:\s+năm|,)?\s+{_YEAR}", re.I),
)
_NAME = r"(?P<name>[^\W\d_][^\s\d,;|]{1,17})"
_IN_WORDS = (
    re.compile(
        rf"(?<!\d)(?P<day>\d\d?)(?:st|nd|rd|th|er|\.|º|ª|-?[a-zа-я]{{1,2}})?\s*(?:de|of|di|d[’']|ta’)?\s*{_NAME},?"
        rf"\s*(?:del?|,)?\s*{_YEAR}(?!\d)",
        re.I,
    ),
    re.compile(rf"{_NAME}\s+(?P<day>\d\d?)(?:st|nd|rd|th)?\s*,?\s+{_YEAR}(?!\d)", re.I),
    re.compile(rf"(?<!\d){_YEAR}(?:\.|\s?m\.)?\s+{_NAME}\s+(?P<day>\d\d?)(?!\d)", re.I),
)  # fmt: skip
_DIGITS = {start + digit: str(digit) for start in (0x660, 0x6F0, 0x966, 0x9E6) for digit in range(10)}
"""Arabic, Persian, Devanagari and Bengali ones."""
_MONTH_FIRST = {"US", "PH", "PR"}


def read(value: object, country: str | None = None) -> Reading | None:
    """A date that stands alone, as machines write it, or a person in English; None if it cannot be read."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)) or (
        isinstance(value, str) and value.strip().isdigit() and len(value.strip()) in (10, 13)
    ):
        seconds = float(value)
        try:
            return Reading(datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC), "moment")
        except (ValueError, OverflowError, OSError):
            return None
    text = line(value)
    if not 6 <= len(text) <= 80:
        return None
    found = _read_iso(text) or _read_mail(text)
    if found is not None:
        return _as_reading(found, len(text) > 10, country)
    return next(find(text, "en", country), None)


def _read_iso(text: str) -> datetime | None:
    tidied = _ZONE_TIGHT.sub(r"\1:\2", _NAMED_ZONE.sub("+00:00", text) if ":" in text else text)
    tidied = _ZONE_APART.sub("", _FRACTION.sub(r"\1", tidied))
    if len(tidied) == 10 or "T" in tidied or " " in tidied or tidied.isdigit():
        try:
            return datetime.fromisoformat(tidied)
        except ValueError:
            pass
    # One-digit months, days or hours.
    match = _SHORT_ISO.match(tidied)
    if match:
        try:
            return datetime(*(int(each or 0) for each in match.groups()))  # type: ignore[arg-type]
        except ValueError:
            pass
    return None


def _read_mail(text: str) -> datetime | None:
    if not _MAIL.match(text):
        return None
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None


def _as_reading(found: datetime, has_time: bool, country: str | None) -> Reading | None:
    is_day = not has_time or (found.hour, found.minute, found.second, found.microsecond) == (0, 0, 0, 0)
    try:
        if is_day and found.tzinfo is None:
            return Reading(found.replace(tzinfo=UTC), "day")
        if found.tzinfo is not None:
            return Reading(found.astimezone(UTC), "day" if is_day else "moment")
        zone = zone_of(country, found)
        if zone is None:
            return Reading(found.replace(tzinfo=UTC), "local")
        return Reading(found.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC), "local", zone)
    except (OverflowError, ValueError):
        return None


@lru_cache(maxsize=300)
def _zones(country: str) -> tuple[str, ...]:
    from babel.core import get_global

    # China has one legal time, whatever the database says of Ürümqi.
    return ("Asia/Shanghai",) if country == "CN" else tuple(get_global("territory_zones").get(country, ()))


def zone_of(country: str | None, at: datetime) -> str | None:
    """The zone of a country, where all its zones had the same time at that local time."""
    found = _zones(country.upper()) if country else ()
    try:
        offsets = {ZoneInfo(name).utcoffset(at) for name in found}
    except (ZoneInfoNotFoundError, ValueError):
        return None
    return found[0] if len(offsets) == 1 else None


@lru_cache(maxsize=50)
def _months(language: str) -> dict[str, int]:
    """Names of the months, in every form the language has, English among them."""
    from babel import Locale, UnknownLocaleError

    found: dict[str, int] = {}
    for code in ("en", language):
        try:
            locale = Locale(code)
        except (UnknownLocaleError, ValueError):
            continue
        for forms in locale.months.values():
            for names in (forms["wide"], forms["abbreviated"]):
                found.update({name.casefold().rstrip("."): number for number, name in names.items()})
    return found | {"sept": 9}


def find(text: str, language: str | None, country: str | None = None) -> Iterator[Reading]:
    """Dates within a short text, in their order: in numbers, or with the month's name in the language or in English.

    Numbers such as 3/4/2026 are read as the country writes them; in English of no known country they are not read.
    """
    found: list[tuple[int, Reading]] = []
    text = text.translate(_DIGITS)
    for pattern in (*_IN_NUMBERS, *_IN_WORDS):
        for match in pattern.finditer(text):
            day = _day(match, language or "en", country)
            if day is not None and not any(start <= match.start() < start + 8 for start, _ in found):
                reading = _with_time(day, text, match.end(), country)
                if reading is not None:
                    found.append((match.start(), reading))
    for _, reading in sorted(found, key=lambda each: each[0]):
        yield reading


def _day(match: re.Match[str], language: str, country: str | None) -> datetime | None:
    said = match.groupdict()
    year = int(said["year"])
    if year >= 2500:
        # Thailand counts from the Buddha.
        year -= 543
    if "first" in said:
        order = _order(int(said["first"]), int(said["second_"]), said["mark"], language, country)
        if order is None:
            return None
        month, day = order
    else:
        day = int(said["day"])
        month = (
            int(said["month"]) if said.get("month") else _months(language).get(said["name"].casefold().rstrip("."), 0)
        )
    try:
        return datetime(year, month, day)
    except ValueError:
        return None


def _order(first: int, second: int, mark: str, language: str, country: str | None) -> tuple[int, int] | None:
    """Month and day of two numbers."""
    if first > 12 or mark == ".":
        return second, first
    if second > 12:
        return first, second
    if first == second or language != "en":
        return second, first
    if country is None:
        return None
    return (first, second) if country.upper() in _MONTH_FIRST else (second, first)


def _with_time(day: datetime, text: str, start: int, country: str | None) -> Reading | None:
    match = _TIME.match(text, start)
    if match is None:
        return Reading(day.replace(tzinfo=UTC), "day")
    hour, half = int(match["hour"]), (match["half"] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    at = day.replace(hour=hour, minute=int(match["minute"] or 0), second=int(match["second"] or 0))
    offset = _offset(match["zone"])
    return _as_reading(at if offset is None else at.replace(tzinfo=timezone(offset)), True, country)


def _offset(zone: str | None) -> timedelta | None:
    if not zone:
        return None
    if zone[0] in "+-":
        hours, minutes = int(zone[1:3]), int(zone[-2:])
        return (timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)) if hours < 15 else None
    if zone[3:4] in ("+", "-"):
        return timedelta(hours=int(zone[3:])) if abs(int(zone[3:])) < 15 else None
    return timedelta(hours=_OFFSETS[zone]) if zone in _OFFSETS else None
