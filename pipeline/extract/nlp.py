"""Words and sentences: what extract knows of a text before it looks for anything. The only module that imports spaCy.

spaCy's rule tokenizer of the language cuts the words (no model is needed); sentences are found by rules here,
because spaCy's sentencizer knows neither paragraphs nor abbreviations. Every offset counts code points of the text
as given. An installed spaCy pipeline can be named to take names from instead of the patterns (`model_names`).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from runpy import run_path
from typing import TYPE_CHECKING, Any

from pipeline.errors import ConfigurationError
from pipeline.extract.lexicon import listed

if TYPE_CHECKING:
    from spacy.language import Language

FINAL = frozenset({".", "!", "?", "…", "...", "。", "！", "？", "؟", "۔", "।", "?!", "!!", "??", "...."})
CLOSING = frozenset({'"', "'", "”", "’", "»", ")", "]", "」", "』", "''", "“"})
# Cut before the name or number they belong to, so their full stop ends no sentence.
ABBREVIATED = listed("nlp", "abbreviated")
_NUMBERED = frozenset(["no", "nos", "art", "fig", "vol"])
# End in a full stop of their own, and may end a sentence too.
_FINAL_ABBREVIATION = listed("nlp", "final_abbreviation")
_OPENERS = listed("nlp", "openers")
_BREAK = re.compile(r"\n[^\S\n]*\n|[\u2029\x0b\x0c\x85]")
# Text is cut in parts of this many code points before it is tokenised, so that one huge document stays bounded.
_PART = 100_000
# spaCy takes punctuation off a word mark by mark, each time from the beginning: 300,000 brackets would take minutes.
_ENDLESS = re.compile(r"[!-~]{2000,}")
_LABELS = {
    "PERSON": "person",
    "PER": "person",
    "ORG": "organization",
    "GPE": "location",
    "LOC": "location",
    "FAC": "location",
    "NORP": "group",
    "EVENT": "event",
    "WORK_OF_ART": "work",
    "LAW": "work",
    "EVT": "event",
    "WRK": "work",
    "GRP": "group",
    "PRODUCT": "other",
    "LANGUAGE": "other",
    "MISC": "other",
    "OTH": "other",
}
_SHOWN = ("person", "organization", "location", "group", "event", "work", "other")
_COLOURS = ("#aa9cfc", "#7aecec", "#feca74", "#c887fb", "#ffeb80", "#f0d0ff", "#ddd")


@dataclass(slots=True)
class Text:
    """A text cut into words and sentences; `words[i]` is `text[starts[i]:ends[i]]`, white space left out."""

    text: str
    words: list[str]
    starts: list[int]
    ends: list[int]
    lower: list[str]
    sentences: list[tuple[int, int]]
    """First word, and the word after the last."""
    sentence_of: list[int]
    """Sentence of each word."""

    def span(self, first: int, last: int) -> str:
        """The text of words `first` to `last` (exclusive), as it stands."""
        return self.text[self.starts[first] : self.ends[last - 1]]

    def words_at(self, start: int, end: int) -> range:
        """The words that have a letter between two offsets."""
        return range(bisect_right(self.ends, start), bisect_left(self.starts, end)) if start < end else range(0)

    def joined(self, i: int) -> bool:
        """Whether word `i` follows the one before it without white space."""
        return i > 0 and self.ends[i - 1] == self.starts[i]


ELIDING = ("fr", "it", "ca")
"""Languages whose articles lose their vowel: `l'`, `d'`, `dell'` are words of their own."""


_ORTH_SPACY: list[int | str] = ["ORTH", "SPACY"]


def read(text: str, language: str | None = "en") -> Text:
    """Cut `text` into words and sentences."""
    nlp = _blank((language or "xx").lower())
    words: list[str] = []
    starts: list[int] = []
    strings = nlp.vocab.strings
    for offset, part in _parts(text):
        if _ENDLESS.fullmatch(part):
            words.append(part)
            starts.append(offset)
            continue
        # As an array: making an object of each token takes as long as finding them.
        for orth, space in nlp.tokenizer(part).to_array(_ORTH_SPACY).tolist():
            word = strings[orth]
            if not word.isspace():
                words.append(word)
                starts.append(offset)
            offset += len(word) + space
    ends = [s + len(w) for s, w in zip(starts, words, strict=True)]
    sentences = _sentences(text, words, starts, ends)
    sentence_of = [n for n, (first, last) in enumerate(sentences) for _ in range(first, last)]
    return Text(text, words, starts, ends, [w.lower() for w in words], sentences, sentence_of)


def cut(phrase: str, language: str | None = "en") -> tuple[str, ...]:
    """The words of a gazetteer's phrase, cut as a text would be."""
    if (phrase.isalpha() or phrase.replace(" ", "").replace("-", "").isalpha()) and language not in ("zh", "ja", "th"):
        return tuple(phrase.split())
    return tuple(t.text for t in _blank((language or "xx").lower()).tokenizer(phrase) if not t.is_space)


@cache
def stop_words(language: str) -> frozenset[str]:
    """Function words of a language, lower case, as spaCy lists them."""
    import spacy

    # The file itself, not `spacy.lang.fr`: importing that compiles the tokenizer's expressions, up to 2 s.
    path = Path(spacy.__file__).parent / "lang" / {"no": "nb"}.get(language, language) / "stop_words.py"
    if not language.isalpha() or not path.exists():
        return frozenset()
    return frozenset(w.lower() for w in run_path(str(path))["STOP_WORDS"])


def model_for(spec: str | None, language: str) -> str | None:
    """The pipeline that a setting names for a language: `en_core_web_trf`, or `en=en_core_web_trf,de=de_core_news_lg`.

    One named alone is for its own language; for every one if it is multilingual. Raises ConfigurationError where no
    such pipeline is installed.
    """
    if not spec:
        return None
    if "=" in spec:
        pairs = dict(part.strip().split("=", 1) for part in spec.split(",") if "=" in part)
        return pairs.get(language)
    return spec if _pipeline(spec).lang in (language, "xx") else None


def as_html(text: str, found: list[dict[str, Any]]) -> str:
    """A page that shows the mentions of a text in it, in the style of displaCy."""
    from spacy import displacy

    entities = []
    for m in found:
        said = [m["entity_name"] if m["entity_name"] != m["text"] else "", m["role"] or "", m["country_code"] or ""]
        label = " · ".join([m["entity_type"], *filter(None, said)])
        entities.append({"start": m["start"], "end": m["end"], "label": label})
    colours = dict(zip(_SHOWN, _COLOURS, strict=True))
    options = {"colors": {e["label"].upper(): colours[e["label"].split(" · ")[0]] for e in entities}}
    return displacy.render(
        {"text": text, "ents": entities, "title": None},
        style="ent",
        manual=True,
        page=True,
        options=options,
        jupyter=False,
    )


def model_names(text: str, model: str) -> list[tuple[int, int, str]]:
    """Names (start, end, entity type) found by the installed spaCy pipeline `model`, in the contract's types.

    Raises ConfigurationError where no such pipeline is installed.
    """
    found = []
    for entity in _pipeline(model)(text).ents:
        kind = _LABELS.get(entity.label_)
        bare = entity.text.strip()
        if kind is not None and bare:
            start = entity.start_char + entity.text.index(bare)
            found.append((start, start + len(bare), kind))
    return found


@cache
def _pipeline(model: str) -> Any:
    import spacy

    try:
        return spacy.load(model, exclude=["lemmatizer", "textcat"])
    except OSError as error:
        raise ConfigurationError(f"no spaCy pipeline {model!r} is installed: {str(error).splitlines()[0]}") from None


@cache
def _blank(language: str) -> Language:
    """A tokenizer that keeps hyphenated words whole: spaCy's own for English and Chinese, its multilingual one else.

    The others' own take up to 2.3 s each to load (French; its list of exceptions) and some need further packages (ja,
    ko, th, vi). Of what they know, names need only that an elided article is a word: `l'Allemagne`.
    """
    import spacy
    from spacy.util import compile_infix_regex, compile_prefix_regex

    own = ("en", "zh")
    if language not in ("xx", *own, *ELIDING):
        return _blank("xx")
    nlp = spacy.blank(language if language in own else "xx")
    infixes = [str(p) for p in nlp.Defaults.infixes or ()]
    # A colon or slash between words is cut, as is a dash; the hyphen is not.
    kept = [p.replace("(?:-|–|", "(?:–|") for p in infixes]
    # Shape, prefix, likeness to a number …: nothing here asks for them, and they are half of what a new word costs.
    nlp.vocab.lex_attr_getters = {}  # type: ignore[attr-defined]
    if hasattr(nlp.tokenizer, "infix_finditer"):
        nlp.tokenizer.infix_finditer = compile_infix_regex(kept).finditer
    if language in ELIDING:
        prefixes = [
            *(nlp.Defaults.prefixes or ()),
            r"(?:[CcDdJjLlMmNnSsTt]|[Qq]u|[Dd]ell|[Nn]ell|[Aa]ll|[Dd]all|[Ss]ull)['’]",
        ]
        nlp.tokenizer.prefix_search = compile_prefix_regex(prefixes).search  # type: ignore[union-attr]
    return nlp


def _parts(text: str) -> list[tuple[int, str]]:
    """The text in parts that end with a word. What goes on for ever without a space is a part of its own."""
    if not (endless := list(_ENDLESS.finditer(text))):
        return _pieces(text)
    parts, at = [], 0
    for match in endless:
        parts += [(at + start, part) for start, part in _pieces(text[at : match.start()]) if part]
        parts.append((match.start(), match[0]))
        at = match.end()
    return [*parts, *((at + start, part) for start, part in _pieces(text[at:]) if part)]


def _pieces(text: str) -> list[tuple[int, str]]:
    parts = []
    at = 0
    while len(text) - at > _PART:
        end = max(text.rfind("\n", at, at + _PART), text.rfind(" ", at, at + _PART))
        end = end + 1 if end > at else at + _PART
        parts.append((at, text[at:end]))
        at = end
    parts.append((at, text[at:]))
    return parts


def _sentences(text: str, words: list[str], starts: list[int], ends: list[int]) -> list[tuple[int, int]]:
    sentences = []
    first = 0
    count = len(words)
    for i in range(count - 1):
        if i < first:
            continue
        gap = text[ends[i] : starts[i + 1]] if starts[i + 1] - ends[i] > 1 else ""
        if gap and "\n" in gap and _BREAK.search(gap):
            sentences.append((first, i + 1))
            first = i + 1
            continue
        word = words[i]
        if word not in FINAL and not word.endswith("."):
            continue
        after = i + 1
        while after < count and words[after] in CLOSING and starts[after] == ends[after - 1]:
            after += 1
        if after >= count or not _ends(words, i, after, starts, ends):
            continue
        sentences.append((first, after))
        first = after
    if first < count:
        sentences.append((first, count))
    return sentences


def _ends(words: list[str], i: int, after: int, starts: list[int], ends: list[int]) -> bool:
    """Whether the full stop (or its like) at word `i` ends the sentence, `after` being the first word behind it."""
    word = words[i]
    following = words[after]
    opening = following.lstrip("\"'“‘«([¿¡—-–") or (words[after + 1] if after + 1 < len(words) else "")
    spaced = starts[after] > ends[after - 1]
    if word in FINAL and word not in (".", "…", "...", "...."):
        return not opening[:1].islower()
    if word in (".", "…", "...", "...."):
        before = words[i - 1] if i and ends[i - 1] == starts[i] else ""
        if word == "." and before.lower() in _NUMBERED:
            return not following[:1].isdigit() and spaced
        if word == "." and (before.lower() in ABBREVIATED or (len(before) == 1 and before.isalpha() and before != "I")):
            return following in _OPENERS and before.lower() not in ABBREVIATED
        return spaced and not opening[:1].islower()
    if word in _FINAL_ABBREVIATION:
        return following in _OPENERS and spaced
    if not spaced or len(word) < 5 or word[:-1].lower() in ABBREVIATED or "." in word[:-1]:
        return False
    return opening[:1].isupper()
