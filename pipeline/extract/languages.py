"""A text's language where nobody says it: by script, and for the Latin script by its commonest words.

`clean` detects languages properly; this is for `tag`, and for articles it could not tell. In doubt it is English.
"""

from __future__ import annotations

from collections import Counter

_SCRIPTS = (
    ("\u0400", "\u04ff", "ru"),
    ("\u0600", "\u06ff", "ar"),
    ("\u4e00", "\u9fff", "zh"),
    ("\u3040", "\u30ff", "ja"),
    ("\uac00", "\ud7af", "ko"),
    ("\u0370", "\u03ff", "el"),
    ("\u0590", "\u05ff", "he"),
    ("\u0900", "\u097f", "hi"),
    ("\u0e00", "\u0e7f", "th"),
)
_WORDS = {
    "en": "the of and to in is that for was on with said by his has",
    "es": "el los las que del una por con para se su no más como",
    "fr": "le les des et du une dans pour est qui sur par au avec ce",
    "de": "der die und das den von mit ist des sich auf ein eine nicht dem",
    "it": "il di che la per della sono del gli con alla nel ha più",
    "pt": "o os que do da em para com uma não por mais dos ao foi",
    "nl": "het een van en dat op te zijn voor met niet aan ook bij",
}
_OF: dict[str, list[str]] = {}
for _language, _words in _WORDS.items():
    for _word in _words.split():
        _OF.setdefault(_word, []).append(_language)


def language_of(text: str) -> str:
    """ISO 639-1 code of a text's likely language."""
    start = text[:4000]
    scripts: Counter[str] = Counter()
    # Latin letters, which most texts are of, say nothing here: it is the others that are counted.
    for ch, count in Counter(start).items():
        if ch > "\u024f":
            for low, high, language in _SCRIPTS:
                if low <= ch <= high:
                    scripts[language] += count
    if scripts:
        letters = sum(ch.isalpha() for ch in start)
        if scripts["ja"] > 0.05 * letters:
            return "ja"
        if scripts.most_common(1)[0][1] > 0.4 * letters:
            return scripts.most_common(1)[0][0]
    counts: Counter[str] = Counter()
    for word in start.lower().split():
        counts.update(_OF.get(word.strip(".,;:"), ()))
    if not counts:
        return "en"
    best, most = counts.most_common(1)[0]
    return best if most >= 3 and most > counts["en"] else "en"
