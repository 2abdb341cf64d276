"""Who tells of an event: `rebels attacked the town, residents said`.

An event is reported where somebody tells it who is not its actor and does not speak for it. What a state does and its
own ministry tells is no report in this sense: it is the actor's own word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.extract.actors import PREPOSITIONS
from pipeline.extract.lexicon import listed

TOLD = listed("circumstances", "told")
"""Verbs that say that somebody says something."""
_PAUSES = frozenset([",", '"', "”", "’", "—", "–"])
"""What stands before a verb of speech whose subject follows it (`…, said the mayor`)."""
_AFTER = listed("circumstances", "told_after")
"""Verbs that say so only behind what is told (`…, the inquest found`)."""
_HEARSAY = listed("circumstances", "hearsay")
_ASIDE = listed("circumstances", "told_aside")
"""Before a verb of speech: then it tells of the telling (`as the union had insisted`), not the event."""
_NOT_SO = listed("circumstances", "not_so")
"""Within who speaks: then it is told of something else, or not so."""
_SHOWS = frozenset(["report", "show", "shows", "suggest", "suggests"])
"""Verbs of telling before `that` alone (`a show of force`)."""
_ALL = TOLD | _AFTER | _HEARSAY | _SHOWS | {"it", "spoke"}
_PLANNED = frozenset(["plan", "plans", "schedule"])
_BORNE_OUT = frozenset(["confirmed", "reported"])
_LEARNED = frozenset(["told", "learned", "learnt"])
_AUXILIARIES = frozenset(["was", "were", "been", "has", "have"])
_PASSIVE = frozenset(["is", "are", "was", "were"])
_OWN = frozenset(["its", "his", "her", "their"])
_STAFF = listed("circumstances", "staff")
"""Who speaks for a state, an army or a body: `its spokesman`, `the defence ministry`."""
_HELPERS = _STAFF | listed("circumstances", "helpers")
"""Who speaks for it where they are called its own: `her lawyer`."""
_ENDS = _PAUSES | {";", ":", "“", "«", "„", "(", "."}
_LONGEST = 12
"""Words of the longest subject that is looked at."""


@dataclass(frozen=True, slots=True)
class Telling:
    """A verb of speech, and the words `first` to `last` of who speaks; none where nobody is named (`reportedly`)."""

    verb: int
    first: int
    last: int


def only_tells(words: Iterable[str]) -> bool:
    """Whether words are but verbs of speech."""
    return all(word in TOLD for word in words)


def tellings(lower: Sequence[str], first: int, last: int, trigger: tuple[int, int]) -> Iterator[Telling]:
    """Who tells the event of a trigger, in the sentence of words `first` to `last`."""
    for at in range(first, last):
        word = lower[at]
        if trigger[0] <= at < trigger[1] or word not in _ALL:
            continue
        before = lower[at - 1] if at > first else ""
        after = lower[at + 1] if at + 1 < last else ""
        if word in _HEARSAY:
            if not _NOT_SO & set(lower[max(first, at - 3) : at]):
                yield Telling(at, at, at)
        elif word == "according":
            if after == "to" and not _PLANNED & set(lower[at + 2 : at + 3]):
                yield Telling(at, at + 2, _stop(lower, at + 2, last))
        elif word == "it":
            # `a cable has it that …`
            if before == "has" and after == "that" and (start := _start(lower, first, at - 1)) < at - 1:
                yield Telling(at, start, at - 1)
        elif word == "spoke":
            # `the radio spoke of an attack`
            start = _start(lower, first, at)
            if after == "of" and start < at < trigger[0] and not _ENDS & set(lower[at : trigger[0]]):
                yield Telling(at, start, at)
        elif after == "by" and before in _AUXILIARIES and word in _BORNE_OUT and trigger[1] <= at:
            yield Telling(at, at + 2, _stop(lower, at + 2, last))
        elif before in _PASSIVE and after in ("to", "as") and at < trigger[0]:
            # `is said to have been`
            yield Telling(at, at, at)
        elif word in _LEARNED and before in _AUXILIARIES and (trigger[1] <= at - 1 or after in _PAUSES):
            # `…, an inquiry was told`, `…, his cousin has learned`
            start = _start(lower, first, at - 1)
            if trigger[1] <= start or (start > first and lower[start - 1] in _PAUSES):
                yield Telling(at, start, at - 1)
        elif before in _ASIDE or after == "by" or (word in _SHOWS - _AFTER and after != "that"):
            continue
        elif before in _PAUSES and after not in ("", "that", *_PAUSES) and word in TOLD:
            # `…, said the mayor`; behind the trigger, or between pauses, or it would be said of something else.
            stop = _stop(lower, at + 1, last)
            is_aside = stop < last and lower[stop] in _PAUSES
            if (trigger[1] <= at or is_aside) and after not in PREPOSITIONS:
                yield Telling(at, at + 1, stop)
        else:
            start = _start(lower, first, at)
            if start == at or start <= trigger[0] < at:
                continue
            is_aside = start > first and lower[start - 1] in _PAUSES and after in _PAUSES
            begins = word in TOLD or (word in _SHOWS and after == "that")
            if (trigger[1] <= start or is_aside or begins) and not _NOT_SO & set(lower[start:at]):
                yield Telling(at, start, at)


def is_own_voice(
    lower: Sequence[str], telling: Telling, *, of_state: bool, is_foreign: bool, pronouns: Collection[str] = _OWN
) -> bool:
    """Whether who tells it speaks for the actor: `its spokesman`; for a state also `the ministry`, if no other's.

    `pronouns` are those that may stand for what is the actor's own: `its lawyer` is no person's.
    """
    words = list(lower[telling.first : telling.last])
    if words and words[0] in _OWN:
        return words[0] in pronouns and any(word in _HELPERS for word in words)
    return of_state and not is_foreign and any(word in _STAFF for word in words)


def _start(lower: Sequence[str], first: int, verb: int) -> int:
    start = verb
    while start > first and lower[start - 1] not in _ENDS and verb - start < _LONGEST:
        start -= 1
    return start


def _stop(lower: Sequence[str], start: int, last: int) -> int:
    stop = start
    while stop < last and lower[stop] not in _ENDS and stop - start < _LONGEST:
        stop += 1
    return stop
