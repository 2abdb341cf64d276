"""Names by their words and shape: runs of capitalised words, and the cues that say what they name.

A run is cut at titles (`President`, `Mr`), which belong to no name, and judged by its last word (`Ministry`,
`River`), its first (`Bank of …`, given names) and what stands around it. A run that gives no reason is left alone:
abstaining is cheaper than a wrong person. Scripts without capitals have no pattern names.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.extract.cues import Cues, cues
from pipeline.extract.gazetteer import Entry, Gazetteer
from pipeline.extract.lexicon import listed
from pipeline.extract.nlp import FINAL, Text, stop_words

# Uncalibrated: an order of trust, not a share of right ones.
TITLED, GIVEN, SUFFIX, SPOKEN, SHAPE, ACRONYM = 0.8, 0.75, 0.7, 0.65, 0.5, 0.45

_SAID = listed("names", "said")
_QUOTES = frozenset({'"', "“", "‘", "'", "«", "(", "[", "—", "–", "-", "•", "*", "„", "”"})
_POSSESSED = listed("names", "possessed")


@dataclass(slots=True)
class Name:
    """A stretch of words that names something. `entry` where the gazetteer knows it."""

    first: int
    last: int
    type: str
    method: str
    confidence: float
    entry: Entry | None = None
    full: str | None = None
    """The entity's name, where it is not the stretch itself."""
    titled: bool = False


@dataclass(slots=True)
class Found:
    """What one pass over a field finds."""

    names: list[Name]
    loose: list[Name]
    """Single capitalised words that give no reason themselves: names only if the article names them elsewhere."""


def is_capital(word: str) -> bool:
    """Whether a word is written as a name is."""
    if word[0].isupper():
        return len(word) > 1
    # al-Shabaab, d'Ivoire, l'Assemblée
    cut = max(word.find("-"), word.find("'"), word.find("’"))
    return 0 < cut <= 3 and cut + 2 < len(word) and word[cut + 1].isupper() and word[:cut].isalpha()


def title_case(text: Text, first: int, last: int) -> bool:
    """Whether a sentence is set in capitals throughout, so that capitals say nothing."""
    if text.words[last - 1] in FINAL:
        return False
    words = [w for w in text.words[first:last] if len(w) > 3 and w[0].isalpha()]
    return len(words) > 3 and sum(w[0].isupper() for w in words) > 0.8 * len(words)


def find(text: Text, gazetteer: Gazetteer, language: str) -> Found:
    """Every run's names by pattern, and the single words that may be names."""
    c = cues(language)
    seen_lower = {w for w in text.words if w[0].islower()}
    found = Found([], [])
    for first, last in text.sentences:
        if title_case(text, first, last):
            continue
        i = first
        while i < last:
            if not is_capital(text.words[i]):
                i += 1
                continue
            stop = _run(text, i, last, c)
            _judge(text, i, stop, first, c, seen_lower, gazetteer, found)
            i = stop
    return found


def _run(text: Text, i: int, last: int, c: Cues) -> int:
    """The end of the run of capitalised words that begins at `i`."""
    words = text.words
    heads = words[i] in c.org_head
    j = i + 1
    while j < last:
        word = words[j]
        if is_capital(word) or (len(word) == 2 and word[0].isupper() and word[1] == "."):
            if words[j] in c.calendar:
                break
            heads = heads or word in c.org_head
            j += 1
            continue
        if (
            word in ("'", "’")
            and text.joined(j)
            and words[j - 1].endswith("s")
            and j + 1 < last
            and _tail_ahead(words, j + 1, last, c)
        ):
            j += 1
            continue
        if (
            word in ("'s", "’s")
            and words[j - 1].lower() in _POSSESSED
            and j + 1 < last
            and _tail_ahead(words, j + 1, last, c)
        ):
            j += 1
            continue
        ahead = j + 1
        if word in c.within and ahead < last and words[ahead] == "the":
            ahead += 1
        if ahead < last and is_capital(words[ahead]) and words[ahead] not in c.calendar:
            # `Rodrigo de la Cruz`. `y`, `e`, `la` and `al` also join two names: they need a given name before.
            personal = word not in ("y", "e", "la", "al", "le", "las") or words[i] in c.given
            if word in c.particles and words[j - 1] not in c.org_head and personal:
                j = ahead
                continue
            if (
                heads
                and word in c.within
                and (word not in ("and", "&", "on", "in", "to", "y", "e") or words[i] in c.org_head)
            ):
                j = ahead
                continue
            if word == "&":
                j = ahead
                continue
        if word in c.particles and ahead + 1 < last and words[ahead] in c.particles and is_capital(words[ahead + 1]):
            j = ahead + 1
            continue
        break
    return j


def _tail_ahead(words: list[str], j: int, last: int, c: Cues) -> bool:
    while j < last and is_capital(words[j]):
        if words[j] in c.org_tail:
            return True
        j += 1
    return False


def _judge(
    text: Text, i: int, stop: int, sentence: int, c: Cues, seen_lower: set[str], gazetteer: Gazetteer, found: Found
) -> None:
    words = text.words
    titled = False
    # Opening words of a sentence are capitalised for another reason.
    opening = (
        i == sentence
        or (i == sentence + 1 and words[sentence] in _QUOTES)
        or (i > sentence and words[i - 1] in _QUOTES)
    )
    while opening and i < stop and words[i] not in c.titles and _plain(words[i], c, seen_lower):
        if words[stop - 1] in c.org_tail and stop - i >= 2 and words[i].lower() not in stop_words("en"):
            break
        if gazetteer.at(words, i, stop) is not None and gazetteer.known(words[i]) == []:
            break
        i += 1
        opening = i < stop and words[i] in ("The", "A")
    while i < stop and (words[i] in ("The", "A", "An", "In", "At", "On") or words[i] in c.calendar):
        i += 1
    if i >= stop:
        return
    whole = words[i:stop]
    n = stop - i
    ended = whole[-1] in c.org_tail and whole[-1] not in c.titles
    if n >= 2 and (ended or (whole[0] in c.org_head and any(w in c.within for w in whole))):
        found.names.append(Name(i, stop, "organization", "pattern", SUFFIX))
        return
    # The last title splits the run: what stands before it is another name (`Chad President Déby`).
    for j in range(stop - 1, i - 1, -1):
        if words[j] in c.titles and not (words[j] == "Major" and j > i):
            titled = True
            if j > i:
                before = j
                while before > i and (words[before - 1] in c.titles or words[before - 1] in c.within):
                    before -= 1
                if before > i:
                    _judge(text, i, before, -1, c, seen_lower, gazetteer, found)
            i = j + 1
            break
    if i >= stop:
        return
    if words[i] in c.within or (words[i] in c.particles and words[i] not in ("al", "el", "bin", "de", "van", "von")):
        i += 1
        titled = False
    n = stop - i
    if n <= 0:
        return
    for k in range(1, n - 1):
        # `Coroner William Hale`, `Kapitän Hauke Thoms`: a trade before a person's name is no part of it.
        if words[i + k] in c.given and (c.german or all(w.lower() in c.common for w in words[i : i + k])):
            if words[i] not in c.given and words[stop - 1] not in c.place_tail:
                i, n = i + k, n - k
            break
    if not titled:
        titled = i > 0 and text.sentence_of[i - 1] == text.sentence_of[i] and words[i - 1] in c.lower_titles
    name = _classify(text, i, stop, titled, c, gazetteer)
    if name is not None:
        found.names.append(name)
    elif n == 1 and words[i] not in c.titles:
        found.loose.append(Name(i, stop, "person", "coreference", 0.6, titled=titled))


def _plain(word: str, c: Cues, seen_lower: set[str]) -> bool:
    low = word.lower()
    if word in c.given and low not in seen_lower:
        return False
    return low in c.common or low in seen_lower


def _classify(text: Text, i: int, stop: int, titled: bool, c: Cues, gazetteer: Gazetteer) -> Name | None:
    """What the run of words `i` to `stop` names, or None where nothing says it."""
    words = text.words
    run = words[i:stop]
    before = words[i - 1].lower() if i > 0 and text.sentence_of[i - 1] == text.sentence_of[i] else ""
    following = words[stop] if stop < len(words) else ""
    located = before in c.place_cues and before not in ("to", "into", "at", "from")
    located |= before == "of" and i > 1 and words[i - 2].lower() in c.place_parts
    if len(run) == 1:
        return _single(i, run[0], before, following, titled, located, c, gazetteer.known(run[0]))
    kind = _by_ends(run, c)
    if kind is not None:
        return Name(i, stop, kind, "pattern", 0.6 if kind == "location" else SHAPE)
    if before in c.org_cues or "&" in run or (len(run) > 2 and run[0] in c.org_first):
        return Name(i, stop, "organization", "pattern", 0.6)
    if _called_organisation(words, stop, c):
        return Name(i, stop, "organization", "pattern", 0.6)
    if len(run) > 4 or (run[0].isupper() and len(run[0].replace(".", "")) > 1):
        return None
    common = [w for w in run if w.lower() in c.common and w not in c.given]
    if titled and len(common) < len(run):
        return Name(i, stop, "person", "pattern", TITLED, titled=True)
    # `in Grace Harbor` is no person: of two words the second may not be a common one behind `in`.
    likely = len(common) <= len(run) - 2 or (len(run) == 2 and not (run[1] in common and before in c.place_cues))
    if run[0] in c.given and likely and run[-1].lower() not in stop_words("en"):
        return Name(i, stop, "person", "pattern", GIVEN)
    peopled = any(e.kind in ("country", "demonym", "organization", "group") for w in run for e in gazetteer.known(w))
    if peopled or c.german:
        return None
    if not common:
        aged = following == "," and stop + 1 < len(words) and words[stop + 1].isdigit()
        if aged or following.lower() in _SAID or before in _SAID:
            return Name(i, stop, "person", "pattern", SPOKEN)
        return Name(i, stop, "location", "pattern", 0.4) if located else Name(i, stop, "person", "pattern", SHAPE)
    if run[0] not in common and run[-1] in common and not any(w in c.titles for w in run):
        return Name(i, stop, "organization", "pattern", 0.4)
    return None


def _by_ends(run: list[str], c: Cues) -> str | None:
    """The type that the last word of a run says, or its first."""
    if run[-1] in c.place_tail or (run[0] in c.place_head and run[1] not in c.place_tail):
        return "location"
    for tail, kind in ((c.event_tail, "event"), (c.other_tail, "other"), (c.work_tail, "work")):
        if run[-1] in tail:
            return kind
    return None


def _single(
    i: int, word: str, before: str, following: str, titled: bool, located: bool, c: Cues, entries: list[Entry]
) -> Name | None:
    """What a single capitalised word names, where something says it."""
    shout = word.isupper() and len(word.replace(".", "")) > 1
    common = word.lower() in c.common
    if titled and not shout and not (entries and entries[0].kind in ("country", "demonym", "organization")):
        return Name(i, i + 1, "person", "pattern", TITLED, titled=True)
    if entries:
        return None
    if shout and 3 <= len(word) <= 6 and word.isalpha() and word not in c.no_acronyms:
        said = before in ("the", "(", "by") or following.lower() in _SAID
        return Name(i, i + 1, "organization", "pattern", ACRONYM) if said else None
    if shout:
        return None
    if word in c.given:
        return Name(i, i + 1, "person", "pattern", 0.4) if before not in c.place_cues else None
    if located and not c.german and not common and len(word) > 3:
        return Name(i, i + 1, "location", "pattern", 0.4)
    return None


def _called_organisation(words: list[str], stop: int, c: Cues) -> bool:
    """Whether `, a company` or its like follows."""
    behind = words[stop : stop + 6]
    if len(behind) < 3 or behind[0] != "," or behind[1] not in ("a", "an", "the"):
        return False
    for word in behind[2:]:
        if word in (",", "of", "that", "who", "in", "for", "from"):
            return False
        if word in c.org_cues:
            return True
    return False
