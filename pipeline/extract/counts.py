"""How many, as a sentence says it: killed, injured, arrested, displaced, protesters, and money.

A number belongs to the nearest word of its sentence that says what became of those counted (`killed 12 people`,
`12 people were killed`, `a toll of 12`). Bounds stay bounds: `at least 12` has no upper one, `up to 12` no lower one,
`dozens` are 24 or more. Money keeps the currency that the words name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.records import Count

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SMALL = {word: number for number, word in enumerate(_ONES)} | {
    word: 10 * number for number, word in enumerate(_TENS, 2)
}
_SCALE = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "m": 1e6, "mn": 1e6, "bn": 1e9,
    "tn": 1e12, "k": 1e3,
}  # fmt: skip
# Least numbers that a plural without a figure stands for; there is no greatest.
_VAGUE = {
    "hundreds of thousands": 200_000, "tens of thousands": 20_000, "tens of millions": 20_000_000,
    "hundreds of millions": 200_000_000, "scores": 40, "dozens": 24, "several dozen": 36, "several hundred": 300,
    "several thousand": 3_000, "a few dozen": 36, "a few hundred": 300, "a few thousand": 3_000, "hundreds": 200,
    "thousands": 2_000, "millions": 2_000_000, "billions": 2_000_000_000, "several": 3,
}  # fmt: skip
_EXACT = {"a dozen": 12, "half a dozen": 6, "two dozen": 24, "three dozen": 36, "a couple": 2, "a score": 20}
_DIGITS = r"(?<![\w.])\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\w.])\d+(?:\.\d+)?(?!\d|:\d|st\b|nd\b|rd\b|th\b)"
_WORDS = rf"(?:{'|'.join(_SMALL)})(?:-(?:{'|'.join(_SMALL)}))?"
_NUMBER = re.compile(
    rf"\b(?:{'|'.join(_VAGUE | _EXACT)})\b|(?:{_DIGITS}|\b{_WORDS}\b)(?:[ -]?(?:{'|'.join(_SCALE)})\b)?", re.IGNORECASE
)
_RANGE = re.compile(r"\s*(?:to|and|-|–|—|or)\s*", re.IGNORECASE)
_AT_LEAST = re.compile(r"(?:at least|more than|over|no fewer than|no less than|upwards? of|above)\s+$", re.IGNORECASE)
_AT_MOST = re.compile(r"(?:up to|as many as|at most|fewer than|less than|under|no more than|below)\s+$", re.IGNORECASE)
_BETWEEN = re.compile(r"(?:between|from)\s+$", re.IGNORECASE)

_CURRENCIES = {
    "US$": "USD", "A$": "AUD", "C$": "CAD", "NZ$": "NZD", "HK$": "HKD", "R$": "BRL", "$": "USD", "€": "EUR", "£": "GBP",
    "¥": "JPY", "₹": "INR", "₦": "NGN", "₽": "RUB", "₩": "KRW", "₺": "TRY", "₴": "UAH",
}  # fmt: skip
_NAMED = {
    "euro": "EUR", "euros": "EUR", "u.s. dollars": "USD", "us dollars": "USD", "dollars": "USD", "dollar": "USD",
    "pounds": "GBP", "yen": "JPY", "yuan": "CNY", "rubles": "RUB", "roubles": "RUB", "swiss francs": "CHF",
    "naira": "NGN", "rand": "ZAR", "lira": "TRY", "hryvnia": "UAH", "shekels": "ILS", "reais": "BRL", "zloty": "PLN",
    "won": "KRW", "riyals": "SAR", "dirhams": "AED", "rupees": None, "francs": None, "pesos": None, "kronor": "SEK",
    "kroner": None, "shillings": None, "dinars": None, "cfa francs": None, "crowns": None, "usd": "USD", "eur": "EUR",
}  # fmt: skip
_BEFORE_MONEY = re.compile(rf"({'|'.join(re.escape(sign) for sign in _CURRENCIES)}|\b(?:USD|EUR|GBP))\s?$")
_BEHIND_MONEY = re.compile(
    rf"[ -](?:of\s)?({'|'.join(re.escape(n) for n in sorted(_NAMED, key=len, reverse=True))})\b", re.IGNORECASE
)

_OF = {
    "killed": r"killed|kills?|killing|dead|died|dying|dies|deaths?|slain|murdered|executed|massacred|perished"
    r"|fatalit(?:y|ies)|death toll|assassinated|shot dead|lives|bodies|fatally|beheaded|victims",
    "injured": r"injured|injures?|injuring|injur(?:y|ies)|wounded|wounds|wounding|hurt|maimed",
    "arrested": r"arrested|arrests?|arresting|detained|detains?|detaining|detentions?|rounded up|(?:in|into) custody"
    r"|jailed|imprisoned",
    "displaced": r"displaced|displaces?|displacing|fled|flee|fleeing|evacuated|homeless|refugees|uprooted"
    r"|from (?:their|his|her) homes?",
    "protesters": r"protesters?|protestors?|demonstrators?|marchers|marched|march|rallied|protested|protesting"
    r"|demonstrated|took to the streets|strikers|walked out|picketed|picketers",
}
_STATE = re.compile("|".join(rf"\b(?P<{name}>{words})\b" for name, words in _OF.items()), re.IGNORECASE)
_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
# What the words of a state may stand from their number: these begin another clause or another count.
_BREAK = re.compile(
    r"[;:()%]|\b(?:but|after|before|because|who|which|while|when|where|since|per cent|percent|years?|months?|days?"
    r"|hours?|minutes|miles|kilomet(?:er|re)s|km|meters|metres|o'clock|am|pm|a\.m\.|p\.m\.)\b",
    re.IGNORECASE,
)
_NOT_COUNTED = re.compile(
    rf"\s?(?:%|(?:{_MONTH})\b|per ?cent|years?|-year|months?|weeks?|days?|hours?|minutes?|miles?|kilomet|km\b"
    r"|met(?:er|re)s|tons|tonnes|times|others? (?:countries|parties|states)|countries|states|parties|provinces|villages"
    r"|towns|cities|houses|homes|buildings|vehicles|cars|trucks|tanks|planes|aircraft|ships|missiles|rockets|rounds"
    r"|counts|points|votes|a\.m|p\.m|am\b|pm\b)",
    re.IGNORECASE,
)
_NOT_BEHIND = re.compile(rf"\b(?:{_MONTH}|aged|No\.|number|section|article|chapter|page)\s$", re.IGNORECASE)
# `over the killing of a priest` counts nobody.
_TOLD_OF = re.compile(r"\b(?:the|a|an|his|her|their|of|over|in)\s$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Number:
    start: int
    end: int
    least: float | None
    most: float | None


def counts(sentence: str) -> list[Count]:
    """The counts of a sentence, in its order; offsets in the sentence."""
    numbers = list(_numbers(sentence))
    found: list[Count] = []
    last_kind, last_end = "", -1
    for at, number in enumerate(numbers):
        currency = _currency(sentence, number)
        if currency is not None:
            start, end, unit = currency
            found.append(_count("money", number, unit, sentence, start, end))
            continue
        if _NOT_COUNTED.match(sentence, number.end) or _NOT_BEHIND.search(
            sentence, max(0, number.start - 12), number.start
        ):
            continue
        before = numbers[at - 1].end if at else 0
        behind = numbers[at + 1].start if at + 1 < len(numbers) else len(sentence)
        state = _state(sentence, number, before, behind)
        if state is None:
            continue
        kind, start, end = state
        start, end = min(start, number.start), max(end, number.end)
        if kind == last_kind and start < last_end:
            continue
        found.append(_count(kind, number, None, sentence, start, end))
        last_kind, last_end = kind, end
    return found


def _count(kind: str, number: _Number, unit: str | None, sentence: str, start: int, end: int) -> Count:
    return Count(
        kind=kind, min=number.least, max=number.most, unit=unit, text=sentence[start:end], start=start, end=end
    )


def _state(sentence: str, number: _Number, before: int, behind: int) -> tuple[str, int, int] | None:
    """What became of those counted, and where it stands: behind them up to the next number, else before them."""
    stop = _BREAK.search(sentence, number.end, min(behind, number.end + 90))
    behind = stop.start() if stop else min(behind, number.end + 90)
    later = [m for m in _STATE.finditer(sentence, number.end, behind) if not _is_topic(sentence, m)]
    # `40 protesters were arrested` are 40 arrested.
    others = [m for m in later if m.lastgroup != "protesters"]
    follows = next(iter(others or later), None)
    begin = max(before, number.start - 45)
    cut = [m.end() for m in _BREAK.finditer(sentence, begin, number.start)]
    leads = list(_STATE.finditer(sentence, cut[-1] if cut else begin, number.start))
    near = sentence[leads[-1].end() : number.start] if leads else ""
    # `killing 12 and wounding 30`: what stands close before a number owns it.
    if leads and len(near.split()) <= 4 and not re.search(r",|\band\b", near):
        chosen = leads[-1]
    elif follows is not None:
        between = sentence[number.end : follows.start()]
        if re.search(r"\b(?:and|,)\s+\w+ing\b", between + follows[0]) and follows[0].lower().endswith("ing"):
            return None
        chosen = follows
    else:
        return None
    kind = chosen.lastgroup or ""
    if kind == "protesters" and chosen is not follows and chosen[0].lower() in ("march", "marched"):
        return None
    return kind, chosen.start(), chosen.end()


def _is_topic(sentence: str, state: re.Match[str]) -> bool:
    word = state[0].lower()
    noun = word in (
        "killing",
        "death",
        "deaths",
        "murder",
        "detention",
        "arrest",
        "arrests",
        "march",
        "injury",
        "dying",
    )
    return noun and _TOLD_OF.search(sentence, max(0, state.start() - 6), state.start()) is not None


def _numbers(sentence: str) -> Iterator[_Number]:
    matches = list(_NUMBER.finditer(sentence))
    at = 0
    while at < len(matches):
        m = matches[at]
        at += 1
        least, most = _value(m[0])
        if least is None or (1900 <= least <= 2100 and m[0].isdecimal()):
            continue
        start, end = m.start(), m.end()
        if (bound := _AT_LEAST.search(sentence, max(0, start - 24), start)) is not None:
            start, most = bound.start(), None
            if at < len(matches) and sentence[end : matches[at].start()] in ("-", "–", " to "):
                end, most = matches[at].end(), _value(matches[at][0])[1]
                at += 1
        elif (bound := _AT_MOST.search(sentence, max(0, start - 24), start)) is not None:
            start, least, most = bound.start(), None, most if most is not None else least
        elif at < len(matches) and (joined := _RANGE.fullmatch(sentence, end, matches[at].start())) is not None:
            upper = _value(matches[at][0])[1]
            between = _BETWEEN.search(sentence, max(0, start - 10), start)
            # `12 and 15` is a range only between them.
            if upper is not None and upper > least and (joined[0].strip().lower() != "and" or between):
                scale = re.search(r"[a-z]+$", matches[at][0], re.IGNORECASE)
                if (
                    m[0].isdecimal()
                    and scale
                    and scale[0].lower() in _SCALE
                    and upper / _SCALE[scale[0].lower()] > least
                ):
                    least *= _SCALE[scale[0].lower()]
                start, end, most = between.start() if between else start, matches[at].end(), upper
                at += 1
        yield _Number(start, end, least, most)


def _value(said: str) -> tuple[float | None, float | None]:
    words = said.lower()
    if words in _VAGUE:
        return float(_VAGUE[words]), None
    if words in _EXACT:
        return float(_EXACT[words]), float(_EXACT[words])
    scaled = re.fullmatch(rf"(.+?)[ -]?({'|'.join(_SCALE)})", words)
    figure, scale = (scaled[1], _SCALE[scaled[2]]) if scaled else (words, 1.0)
    if figure[0].isdigit():
        value = float(figure.replace(",", "")) * scale
    else:
        parts = figure.split("-")
        if not all(part in _SMALL for part in parts):
            return None, None
        value = float(sum(_SMALL[part] for part in parts)) * scale
    return value, value


def _currency(sentence: str, number: _Number) -> tuple[int, int, str | None] | None:
    digits = re.search(r"[\d]", sentence[number.start : number.end])
    at = number.start + digits.start() if digits else number.start
    if (sign := _BEFORE_MONEY.search(sentence, max(0, at - 4), at)) is not None:
        return min(sign.start(), number.start), number.end, _CURRENCIES.get(sign[1], sign[1])
    if (name := _BEHIND_MONEY.match(sentence, number.end)) is not None:
        return number.start, name.end(), _NAMED[name[1].lower()]
    return None
