"""Names by their words and shape: runs of capitalised words, and the cues that say what they name.

A run is cut at titles (`President`, `Mr`), which belong to no name, and judged by its last word (`Ministry`, `River`), its
first (`Bank of …`, given names) and what stands around it. A run that gives no reason is left alone: abstaining is cheaper
than a wrong person. Scripts without capitals have no pattern names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from pipeline.extract.gazetteer import Entry, Gazetteer
from pipeline.extract.lexicon import read_toml, read_words
from pipeline.extract.nlp import FINAL, Text, stop_words

# Uncalibrated: an order of trust, not a share of right ones.
TITLED, GIVEN, SUFFIX, SPOKEN, SHAPE, ACRONYM = 0.8, 0.75, 0.7, 0.65, 0.5, 0.45

_SAID = frozenset(
    """said says told added wrote tweeted explained insisted argued noted stated testified replied recalled warned announced declined
    dijo afirmó aseguró explicó déclaré affirmé expliqué sagte erklärte disse afirmou""".split()
)
_QUOTES = frozenset({'"', "“", "‘", "'", "«", "(", "[", "—", "–", "-", "•", "*", "„", "”"})
_POSSESSED = frozenset("people women men children workers veterans citizens farmers teachers king queen".split())


@dataclass(slots=True)
class Cues:
    """The lists of `lexicon/names.toml`, as sets."""

    titles: frozenset[str]
    lower_titles: frozenset[str]
    particles: frozenset[str]
    within: frozenset[str]
    org_tail: frozenset[str]
    org_head: frozenset[str]
    place_tail: frozenset[str]
    place_head: frozenset[str]
    place_cues: frozenset[str]
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
        words("locations", "tail"),
        words("locations", "head"),
        words("locations", "cues"),
        words("events", "tail"),
        words("works", "tail"),
        words("others", "tail"),
        words("others", "calendar"),
        words("others", "acronyms"),
        read_words("given_names"),
        read_words("words") | stop_words("en") if language == "en" else stop_words(language),
        language == "de",
    )


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
    alternatives: list[Entry] = field(default_factory=list)
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
        if word in ("'", "’") and text.joined(j) and words[j - 1].endswith("s") and j + 1 < last and _tail_ahead(words, j + 1, last, c):
            j += 1
            continue
        if word in ("'s", "’s") and words[j - 1].lower() in _POSSESSED and j + 1 < last and _tail_ahead(words, j + 1, last, c):
            j += 1
            continue
        ahead = j + 1
        if word in c.within and ahead < last and words[ahead] == "the":
            ahead += 1
        if ahead < last and is_capital(words[ahead]) and words[ahead] not in c.calendar:
            if word in c.particles and words[j - 1] not in c.org_head:
                # `Rodrigo de la Cruz`; `y`, `e`, `la` and `al` alone also join two names, so they need a given name before.
                if word not in ("y", "e", "la", "al", "le", "las") or words[i] in c.given:
                    j = ahead
                    continue
            if heads and word in c.within and (word not in ("and", "&", "on", "in", "to", "y", "e") or words[i] in c.org_head):
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
    opening = i == sentence or (i == sentence + 1 and words[sentence] in _QUOTES) or (i > sentence and words[i - 1] in _QUOTES)
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
    if n >= 2 and (whole[-1] in c.org_tail or (whole[0] in c.org_head and any(w in c.within for w in whole))):
        if whole[-1] not in c.titles:
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
    if words[i] in c.within or words[i] in c.particles and words[i] not in ("al", "el", "bin", "de", "van", "von"):
        i += 1
        titled = False
    n = stop - i
    if n <= 0:
        return
    if not titled:
        before = words[i - 1] if i > 0 and text.sentence_of[i - 1] == text.sentence_of[i] else ""
        titled = before in c.lower_titles
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
    words = text.words
    n = stop - i
    run = words[i:stop]
    before = words[i - 1].lower() if i > 0 and text.sentence_of[i - 1] == text.sentence_of[i] else ""
    if n >= 2:
        if run[-1] in c.place_tail or (run[0] in c.place_head and run[1] not in c.place_tail):
            return Name(i, stop, "location", "pattern", 0.6)
        if run[-1] in c.event_tail:
            return Name(i, stop, "event", "pattern", SHAPE)
        if run[-1] in c.other_tail:
            return Name(i, stop, "other", "pattern", SHAPE)
        if run[-1] in c.work_tail:
            return Name(i, stop, "work", "pattern", SHAPE)
    upper = run[0].isupper() and len(run[0].replace(".", "")) > 1
    entries = gazetteer.known(run[0])
    peopled = any(e.kind in ("country", "demonym", "organization", "group") for w in run for e in gazetteer.known(w))
    common = [w for w in run if w.lower() in c.common and w not in c.given]
    if n <= 4 and not upper:
        if titled and not (n == 1 and entries and entries[0].kind in ("country", "demonym", "organization")) and not (
            n > 1 and len(common) == n
        ):
            return Name(i, stop, "person", "pattern", TITLED, titled=True)
        if n >= 2 and run[0] in c.given and run[-1].lower() not in stop_words("en") and len(common) < n - 1 + (n == 2):
            if not (n == 2 and run[1] in common and before in c.place_cues):
                return Name(i, stop, "person", "pattern", GIVEN)
        if n >= 2 and not common and not peopled and not c.german:
            following = words[stop] if stop < len(words) else ""
            spoken = following.lower() in _SAID or (i > 0 and before in _SAID)
            aged = following == "," and stop + 1 < len(words) and words[stop + 1].isdigit()
            if spoken or aged:
                return Name(i, stop, "person", "pattern", SPOKEN)
            if before in c.place_cues and before not in ("from", "to", "into", "at"):
                return Name(i, stop, "location", "pattern", 0.4)
            return Name(i, stop, "person", "pattern", SHAPE)
        if n >= 2 and common and not peopled and run[0] not in common and run[-1] in common and not c.german:
            if not any(w in c.titles for w in run):
                return Name(i, stop, "organization", "pattern", 0.4)
    if n == 1 and run[0] in c.given and not entries and not upper and not common and before not in c.place_cues:
        return Name(i, stop, "person", "pattern", 0.4)
    if n == 1 and upper and 3 <= len(run[0]) <= 6 and run[0].isalpha() and run[0] not in c.no_acronyms and not entries:
        if before in ("the", "(", "by") or (stop < len(words) and words[stop].lower() in _SAID):
            return Name(i, stop, "organization", "pattern", ACRONYM)
    if n == 1 and not upper and not entries and before in c.place_cues and before not in ("to", "into", "at", "from"):
        if not c.german and run[0] not in c.given and run[0].lower() not in c.common and len(run[0]) > 3:
            return Name(i, stop, "location", "pattern", 0.4)
    return None
