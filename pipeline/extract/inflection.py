"""English word forms: what the verbs and nouns of the lexicon look like in a text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

Form = Literal["base", "s", "past", "part", "ing"]

_IRREGULAR = {
    "arise": "arose arisen", "be": "was been", "beat": "beat beaten", "become": "became become", "begin": "began begun",
    "bind": "bound bound", "blow": "blew blown", "break": "broke broken", "bring": "brought brought", "build": "built built",
    "burn": "burned burned", "buy": "bought bought", "cast": "cast cast", "catch": "caught caught", "choose": "chose chosen",
    "cling": "clung clung", "come": "came come", "cut": "cut cut", "deal": "dealt dealt", "draw": "drew drawn",
    "drive": "drove driven", "fall": "fell fallen", "feed": "fed fed", "fight": "fought fought", "find": "found found",
    "flee": "fled fled", "fly": "flew flown", "forbid": "forbade forbidden", "forgive": "forgave forgiven",
    "freeze": "froze frozen", "get": "got got", "give": "gave given", "go": "went gone", "hang": "hanged hanged",
    "hit": "hit hit", "hold": "held held", "keep": "kept kept", "lay": "laid laid", "lead": "led led", "leave": "left left",
    "lend": "lent lent", "let": "let let", "make": "made made", "meet": "met met", "overthrow": "overthrew overthrown",
    "overrun": "overran overrun", "pay": "paid paid", "plead": "pleaded pleaded", "put": "put put", "quit": "quit quit",
    "rebuild": "rebuilt rebuilt", "rise": "rose risen", "seek": "sought sought", "sell": "sold sold", "send": "sent sent",
    "set": "set set", "shake": "shook shaken", "shoot": "shot shot", "shut": "shut shut", "sit": "sat sat", "slay": "slew slain",
    "speak": "spoke spoken", "spin": "spun spun", "stand": "stood stood", "steal": "stole stolen", "stick": "stuck stuck",
    "strike": "struck struck", "swear": "swore sworn", "take": "took taken", "teach": "taught taught", "tear": "tore torn",
    "throw": "threw thrown", "undertake": "undertook undertaken", "uphold": "upheld upheld", "win": "won won",
    "withdraw": "withdrew withdrawn", "withhold": "withheld withheld", "write": "wrote written", "spread": "spread spread",
}  # fmt: skip
_DOUBLED = frozenset(
    """ban bar beg blacklist bug commit confer cut drop expel gag gas hit jam kidnap label let mob nab net patrol permit plan put quit
    rebut refer repel rub scrap set ship shop shun shut sit slam snub stab stop strip swap tap transfer annul cancel rebel club wiretap
    airdrop sever_ begin unban""".split()
) - {"blacklist", "sever_"}
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
