"""What is kept of a text while grouping: hashed shingles (for copies), weighted terms (for stories), not the words.

A token is a word, or one character of a script that writes no spaces. A shingle is a run of five words (eight such
characters, which is about as much). A term is a word, or a pair of such characters. Their hashes do not depend on
the process, so the same text has the same sketch anywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from pipeline.records import Article

Hashes = NDArray[np.uint32]
Weights = NDArray[np.float32]

WORDS, CHARACTERS = 5, 8
LEAD = 80
"""So many first tokens of a text tell best what it is about."""
TITLE_WEIGHT, LEAD_WEIGHT, NAME_WEIGHT, COMMON_WEIGHT = 3.0, 2.0, 2.0, 0.25

# Lists of a language's common words, as justext names them.
_COMMON = {
    "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian", "bg": "Bulgarian", "bn": "Bengali", "bs": "Bosnian",
    "ca": "Catalan", "cs": "Czech", "cy": "Welsh", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian", "fi": "Finnish", "fr": "French", "ga": "Irish",
    "gl": "Galician", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian",
    "id": "Indonesian", "is": "Icelandic", "it": "Italian", "ka": "Georgian", "kk": "Kazakh", "ko": "Korean",
    "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian", "mr": "Marathi", "ms": "Malay", "nb": "Norwegian_Bokmal",
    "ne": "Nepali", "nl": "Dutch", "nn": "Norwegian_Nynorsk", "no": "Norwegian_Bokmal", "pl": "Polish",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sq": "Albanian",
    "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "tl": "Tagalog", "tr": "Turkish",
    "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese",
}  # fmt: skip

# Scripts without spaces between words: Thai, Lao, Myanmar, Khmer, kana, Chinese characters.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# Not `\w`: it would break Hindi words at their vowel signs.
_BETWEEN = (
    "\\s\\x00-/:-@\\[-`{-\u00bf\u00d7\u00f7\u0589\u05be\u05c0\u05c3\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965"
    "\u2000-\u2bff\u3000-\u303f\ufe30-\ufe6f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
_TOKEN = re.compile(f"[{_UNSPACED}]|[^{_BETWEEN}{_UNSPACED}]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")

# A token's number: 61 bits of its hash, and three that say what it looks like.
_CAPITAL, _CHARACTER, _LETTER = (np.uint64(bit) for bit in (1, 2, 4))
_FLAGS = np.uint64(7)
_FACTOR, _MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
_REMEMBERED = 400_000


@dataclass(slots=True)
class Sketch:
    """One article in its newest version, without its words."""

    article_id: str
    version_id: str
    source_id: str
    language: str | None
    title: str | None
    at: datetime
    """Publication, else the first fetch (UTC)."""
    published_at: datetime | None
    fetched_at: datetime
    """When this version was fetched (UTC)."""
    shingles: Hashes
    """Sorted and distinct."""
    terms: Hashes
    """Sorted and distinct."""
    weights: Weights
    """How much each term counts, its rarity aside."""
    names: NDArray[np.bool_]
    """Which terms are names: they mostly stand with a capital in the text."""
    heading: frozenset[int]
    """Terms of the title, or of the first words where there is none."""


class _Numbers(dict[str, int]):
    """Each token's number, remembered."""

    def __missing__(self, token: str) -> int:
        if len(self) >= _REMEMBERED:
            self.clear()
        number = int.from_bytes(blake2b(token.lower().encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
        number &= ~7
        if _IS_UNSPACED.match(token):
            number |= 2
        elif len(token) == 1:
            number |= 4
        if token[0].isupper():
            number |= 1
        self[token] = number
        return number


class Sketcher:
    """Makes sketches."""

    def __init__(self) -> None:
        self._numbers = _Numbers()
        self._common: dict[str | None, Hashes] = {None: np.empty(0, np.uint32)}

    def __call__(self, article: Article) -> Sketch:
        """What to keep of the article."""
        title, text = self._tokens(article.title or ""), self._tokens(article.text)
        terms, weights, names = _weighted_terms(title, text, self._common_terms(article.language))
        return Sketch(
            article_id=article.article_id,
            version_id=article.version_id,
            source_id=article.source_id,
            language=article.language,
            title=article.title,
            at=article.published_at or article.fetched_at,
            published_at=article.published_at,
            fetched_at=article.fetched_at,
            shingles=_shingles(text),
            terms=terms,
            weights=weights,
            names=names,
            heading=frozenset(_terms(title if len(title) else text[:12])[0].tolist()),
        )

    def _common_terms(self, language: str | None) -> Hashes:
        if language not in self._common:
            from justext import get_stoplist

            words = get_stoplist(_COMMON[language]) if language in _COMMON else ()
            self._common[language] = np.unique(_terms(self._tokens(" . ".join(words)))[0])
        return self._common[language]

    def _tokens(self, text: str) -> NDArray[np.uint64]:
        tokens = _TOKEN.findall(text)
        return np.fromiter(map(self._numbers.__getitem__, tokens), np.uint64, len(tokens))


def _shingles(tokens: NDArray[np.uint64]) -> Hashes:
    if not len(tokens):
        return np.empty(0, np.uint32)
    unspaced = 2 * int(np.count_nonzero(tokens & _CHARACTER)) > len(tokens)
    width = min(CHARACTERS if unspaced else WORDS, len(tokens))
    bare = tokens & ~_FLAGS
    runs = np.zeros(len(tokens) - width + 1, np.uint64)
    for n in range(width):
        runs = runs * _FACTOR + bare[n : len(bare) - width + 1 + n]
    runs = (runs ^ (runs >> np.uint64(29))) * _MIX
    return np.unique((runs >> np.uint64(32)).astype(np.uint32))


def _terms(tokens: NDArray[np.uint64]) -> tuple[Hashes, NDArray[np.intp], NDArray[np.bool_]]:
    """Hash, position and whether it begins with a capital, of each term."""
    character = (tokens & _CHARACTER) != 0
    words = np.flatnonzero(~character & ((tokens & _LETTER) == 0))
    pairs = np.flatnonzero(character[:-1] & character[1:])
    pair_hashes = (tokens[pairs] * _FACTOR + tokens[pairs + 1]) * _MIX
    hashes = np.concatenate([tokens[words] & ~_FLAGS, pair_hashes]) >> np.uint64(32)
    capitals = np.concatenate([(tokens[words] & _CAPITAL) != 0, np.zeros(len(pairs), np.bool_)])
    return hashes.astype(np.uint32), np.concatenate([words, pairs]), capitals


def _weighted_terms(
    title: NDArray[np.uint64], text: NDArray[np.uint64], common: Hashes
) -> tuple[Hashes, Weights, NDArray[np.bool_]]:
    in_title, _, _ = _terms(title)
    in_text, position, capital = _terms(text)
    hashes, which = np.unique(np.concatenate([in_title, in_text]), return_inverse=True)
    of_title, of_text = which[: len(in_title)], which[len(in_title) :]
    counts = TITLE_WEIGHT * np.bincount(of_title, minlength=len(hashes))
    counts += np.bincount(of_text, np.where(position < LEAD, LEAD_WEIGHT, 1.0), len(hashes))
    # Headlines capitalise anything, so only running text tells a name.
    seen, capitals = np.bincount(of_text, minlength=len(hashes)), np.bincount(of_text, capital, len(hashes))
    is_common = np.isin(hashes, common, assume_unique=True)
    names = (2 * capitals > seen) & ~is_common
    weights = (1.0 + np.log(counts)) * np.where(names, NAME_WEIGHT, np.where(is_common, COMMON_WEIGHT, 1.0))
    return hashes, weights.astype(np.float32), names
