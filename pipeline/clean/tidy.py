"""What a clean string is: NFC, one kind of space, nothing invisible, mojibake mended.

Every string that clean publishes has passed through `line` (one line) or `paragraph` (line breaks kept).
"""

from __future__ import annotations

import html
import re
import unicodedata

# What a browser makes of the C1 range: the characters windows-1252 has there.
_C1 = {code: bytes([code]).decode("windows-1252", "ignore") for code in range(0x80, 0xA0)}
_C1_ANY = re.compile("[\x80-\x9f]")
_BREAK = re.compile("[\u2028\u2029]")
# Control characters, soft hyphens, zero-width spaces, marks of direction (they belong to a layout, not to a text).
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffc\ufffe\uffff]"
)
# Surrogates come from broken JSON escapes, private-use characters from icon fonts.
_UNPRINTABLE = re.compile("[\ud800-\udfff\ue000-\uf8ff]")
# Joiners mean something between the letters of some scripts and in emoji, nothing next to Latin letters or spaces.
_IDLE_JOINER = re.compile("(?<![^\x00-\u024f\\s])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\u024f\\s])")
# A UTF-8 lead byte and a continuation byte, both read as windows-1252: worth asking ftfy, which is slow.
_MOJIBAKE = re.compile("[Â-ô][\x80-\xbfŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]")
_NOT_WORD = re.compile(r"[\W_]+")


def _mend(text: str) -> str:
    if not _MOJIBAKE.search(text):
        return text
    import ftfy
    from ftfy.badness import is_bad

    return "\n".join(str(ftfy.fix_encoding(part)) if is_bad(part) else part for part in text.split("\n"))


def _plain(text: str) -> str:
    text = _mend(text)
    if text.isascii() and text.isprintable():
        return text
    if _C1_ANY.search(text):
        text = text.translate(_C1)
    text = _UNPRINTABLE.sub("", _INVISIBLE.sub("", _BREAK.sub("\n", text)))
    if "\u200c" in text or "\u200d" in text:
        text = _IDLE_JOINER.sub("", text)
    return unicodedata.normalize("NFC", text)


def line(text: object) -> str:
    """The text on one line; character references (escaped twice in many heads) are resolved."""
    if not isinstance(text, str):
        return ""
    if "&" in text:
        text = html.unescape(text)
    return " ".join(_plain(text).split())


def lines(text: str) -> list[str]:
    """The lines of a text that say something, each tidied."""
    return [
        tidied
        for each in _plain(text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
        if (tidied := " ".join(each.split()))
    ]


def squash(text: str | None) -> str:
    """What two writings of the same words have in common: letters and digits, case folded."""
    return _NOT_WORD.sub(" ", text.casefold()).strip() if text else ""


def count_words(text: str) -> int:
    """Words; characters over two in scripts that write none apart (Chinese, Japanese, Thai, Lao, Khmer, Burmese)."""
    words = len(_WORDS.findall(text))
    if text.isascii():
        return words
    unspaced = len(_UNSPACED.findall(text))
    return words if not unspaced else len(_WORDS.findall(_UNSPACED.sub(" ", text))) + (unspaced + 1) // 2


_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_WORDS = re.compile(r"\w+(?:['’\-.]\w+)*")
