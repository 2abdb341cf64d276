"""Words that tell an event: the lexicon of `lexicon/events/`, compiled, and its matches in a sentence.

A line of the lexicon is a verb in its base form, with the words that must follow it at once and, in braces, a class
of nouns (`classes.toml`) of which one must follow within the clause: ``impose {sanctions}``, ``open fire on``. Of
several lines that match at a word the longest stands. Nouns tell an event only with one of their prepositions
(``attack on|against|by``). An entry says how its object is found: `direct`, by a preposition (`prep`) or `both`;
whether it is done to each other (`reciprocal`), may have the receiver before the thing given (`dative`), and may
stand as a bare passive (`transitive`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from pipeline.errors import ConfigurationError
from pipeline.extract.inflection import Form, noun_forms, verb_forms
from pipeline.extract.lexicon import listed, read_toml
from pipeline.schema import ontology

FILES = ("verbal_cooperation", "material_cooperation", "verbal_conflict", "material_conflict")
_REACH = 6
_STOPS = listed("triggers", "stops")
_ADVERB_FIRST = ("forcibly", "jointly", "ethnically", "sexually")
_DETERMINERS = listed("triggers", "determiners") | {"'s", "’s"}
_UNCHANGED = frozenset(["cut", "hit", "set", "put", "shut", "let", "beat", "quit"])
_BEFORE_BASE = listed("triggers", "before_base")
_BEFORE_NOUN = listed("triggers", "before_noun")
_AFTER_NOUN = listed("triggers", "after_noun") | {""}
_SUBJECT_PRONOUNS = listed("triggers", "subject_pronouns")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of the lexicon."""

    type: str
    mode: str | None
    after: tuple[str, ...]
    noun_class: str | None
    object: str
    reciprocal: bool
    dative: bool
    transitive: bool
    contexts: tuple[str, ...]
    adverb: str | None = None
    prepositions: tuple[str, ...] = ()


@dataclass(slots=True)
class Trigger:
    """A match: words `first` to `last` tell it; what it is done to stands from word `behind` on."""

    first: int
    last: int
    behind: int
    lemma: str
    forms: frozenset[Form | str]
    """Which forms of the verb the word may be; `noun` for a noun."""
    pattern: Pattern
    theme: int | None = None
    """The word of the noun class."""
    verb: int = field(default=-1)

    @property
    def type(self) -> str:
        """Its PLOVER event type."""
        return self.pattern.type


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The compiled lexicon."""

    forms: dict[str, list[tuple[str, Form]]]
    """Lower-case word → verbs it is a form of."""
    verbs: dict[str, list[Pattern]]
    nouns: dict[str, list[tuple[tuple[str, ...], Pattern]]]
    """First word of a noun trigger → its words and its pattern."""
    classes: dict[str, frozenset[str]]


@cache
def lexicon() -> Lexicon:
    """The lexicon, compiled once. Raises ConfigurationError where a line cannot be used."""
    types = ontology("plover")["types"]
    classes = {
        name: frozenset(form for word in words.split() for form in noun_forms(word.replace("_", " ")))
        for name, words in read_toml("events/classes").items()
    }
    verbs: dict[str, list[Pattern]] = {}
    nouns: dict[str, list[tuple[tuple[str, ...], Pattern]]] = {}
    for file in FILES:
        for entry in read_toml(f"events/{file}")["entry"]:
            kind, mode = entry["type"], entry.get("mode")
            if kind not in types or (mode is not None and mode not in types[kind].get("modes", ())):
                raise ConfigurationError(f"lexicon/events/{file}.toml: no such type or mode: {kind} {mode}")
            common = (
                entry.get("object", "both"),
                entry.get("reciprocal", False),
                entry.get("dative", False),
                entry.get("transitive", False),
                tuple(entry.get("contexts", ())),
            )
            for line in entry["verbs"].strip().splitlines():
                words = line.split()
                adverb = words.pop(0) if words[0] in _ADVERB_FIRST else None
                noun_class = words.pop()[1:-1] if words[-1].startswith("{") else None
                if noun_class is not None and noun_class not in classes:
                    raise ConfigurationError(f"lexicon/events/{file}.toml: no such class: {noun_class}")
                pattern = Pattern(kind, mode, tuple(words[1:]), noun_class, *common, adverb)
                verbs.setdefault(words[0], []).append(pattern)
            for line in entry.get("nouns", "").strip().splitlines():
                *words, prepositions = line.split()
                pattern = Pattern(kind, mode, (), None, *common, None, tuple(prepositions.split("|")))
                for last in noun_forms(words[-1]):
                    whole = (*words[:-1], last)
                    nouns.setdefault(whole[0], []).append((whole, pattern))
    forms: dict[str, list[tuple[str, Form]]] = {}
    for lemma, patterns in verbs.items():
        patterns.sort(key=lambda p: (-len(p.after), p.noun_class is None, p.adverb is None))
        for word, form in verb_forms(lemma):
            forms.setdefault(word, []).append((lemma, form))
    for named in nouns.values():
        named.sort(key=lambda n: -len(n[0]))
    return Lexicon(forms, verbs, nouns, classes)


def matches(lower: list[str], first: int, last: int) -> list[Trigger]:
    """Every trigger in the sentence of words `first` to `last`, none overlapping, in order."""
    lex = lexicon()
    found = []
    i = first
    while i < last:
        trigger = _verb(lex, lower, i, first, last) or _noun(lex, lower, i, first, last)
        if trigger is None:
            i += 1
            continue
        found.append(trigger)
        i = trigger.last
    themes = {t.theme for t in found}
    return [t for t in found if t.first not in themes]


def _verb(lex: Lexicon, lower: list[str], i: int, first: int, last: int) -> Trigger | None:
    candidates = lex.forms.get(lower[i])
    if candidates is None:
        return None
    best: Trigger | None = None
    size = (-1, False)
    for lemma in dict.fromkeys(lemma for lemma, _ in candidates):
        forms = frozenset(form for other, form in candidates if other == lemma)
        for pattern in lex.verbs[lemma]:
            end = i + 1 + len(pattern.after)
            if end > last or tuple(lower[i + 1 : end]) != pattern.after:
                continue
            if pattern.adverb is not None and (i == first or lower[i - 1] != pattern.adverb):
                continue
            theme = None
            if pattern.noun_class is not None:
                theme = _theme(lex.classes[pattern.noun_class], lower, end, last)
                if theme is None:
                    continue
            if (len(pattern.after), pattern.noun_class is not None) > size:
                size = (len(pattern.after), pattern.noun_class is not None)
                behind = end if theme is None else theme + 1
                best = Trigger(i, end, behind, lemma, forms, pattern, theme, i)
    if best is None or not _is_verb(best, lower, first, last):
        return None
    return best


def _theme(nouns: frozenset[str], lower: list[str], i: int, last: int) -> int | None:
    for j in range(i, min(last, i + _REACH)):
        if lower[j] in nouns or (j + 1 < last and f"{lower[j]} {lower[j + 1]}" in nouns):
            # The head of `aid convoy` is the convoy.
            return j
        if lower[j] in _STOPS:
            return None
    return None


def _noun(lex: Lexicon, lower: list[str], i: int, first: int, last: int) -> Trigger | None:
    for words, pattern in lex.nouns.get(lower[i], ()):
        end = i + len(words)
        if end <= last and tuple(lower[i:end]) == words:
            return Trigger(i, end, end, words[-1], frozenset({"noun"}), pattern, None, i)
    return None


def _is_verb(trigger: Trigger, lower: list[str], first: int, last: int) -> bool:
    """Whether a word that may be noun, adjective or verb is the verb here; without a tagger, by its neighbours."""
    i = trigger.first
    before = lower[i - 1] if i > first else ""
    if before.endswith("ly") and i - 1 > first:
        before = lower[i - 2]
    if before in _BEFORE_BASE:
        return bool(trigger.forms & {"base"}) or trigger.forms <= {"past", "part", "ing"}
    if trigger.forms & {"past", "part"} and trigger.lemma not in _UNCHANGED:
        if before in ("of", "for", "with", "from", "by", "in", "against") and lower[i + 1 : i + 2] != ["by"]:
            return False
        return before not in _DETERMINERS or before == "that" or (before in ("'s", "’s") and "part" in trigger.forms)
    if trigger.forms == {"ing"}:
        return before not in _DETERMINERS
    following = lower[i + 1] if i + 1 < last else ""
    if before in _DETERMINERS and before != "that":
        return False
    if before in _BEFORE_NOUN:
        return False
    if before in _SUBJECT_PRONOUNS or trigger.pattern.after or trigger.theme is not None:
        return True
    # `Gunmen attack convoy`, `Minister visits Kenya`: something to act on follows, and no preposition that nouns take.
    return following not in _AFTER_NOUN
