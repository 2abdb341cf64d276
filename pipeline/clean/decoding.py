"""Bytes to text: which charset a document is really in.

Declarations lie, bytes less so: what is valid UTF-8 is UTF-8; else the declared charsets are tried, then a guess.
"""

from __future__ import annotations

import codecs
import re

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})|<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]{2,40})""",
    re.I,
)
# The labels under which the web means a larger charset (WHATWG Encoding).
_MEANT = {
    "ascii": "windows-1252",
    "iso8859-1": "windows-1252",
    "cp1252": "windows-1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
}
_LANGUAGE = re.compile(rb"""<html[^>]{0,300}?\blang\s*=\s*["']?([a-z]{2})\b""", re.I)
_USUAL = {
    "windows-1252": " en de fr es it pt nl sv da no nb nn fi is ca gl eu ga af id ms sw ",
    "windows-1250": " pl cs sk hu hr sl ro bs sq ",
    "windows-1251": " ru uk be bg sr mk kk ",
    "windows-1253": " el ",
    "windows-1254": " tr az ",
    "windows-1255": " he iw ",
    "windows-1256": " ar fa ur ",
    "windows-1257": " lt lv et ",
    "windows-1258": " vi ",
    "cp874": " th ",
    "cp932": " ja ",
    "cp949": " ko ",
    "gb18030": " zh ",
}
_LATIN = re.compile(
    r"windows-1252|cp125[0247]$|iso8859-(?:1|2|3|4|9|10|13|14|15|16)$|cp[4578]\d\d$|cp1[01]\d\d$|mac|hp-roman8|kz1048"
)
_STATEFUL = ("iso2022", "utf-16", "utf-32", "hz")
_NO_CHARSETS = ("idna", "punycode", "undefined", "raw-unicode-escape", "unicode-escape")
_STRAY = "newsledger-stray-windows-1252"


def _stray(error: UnicodeError) -> tuple[str, int]:
    """Some pages paste windows-1252 quotes into UTF-8: read the byte that does not fit as one."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    byte = error.object[error.start : error.start + 1]
    return byte.decode("windows-1252", "ignore"), error.start + 1


codecs.register_error(_STRAY, _stray)


def known(label: str | None) -> str | None:
    """The codec for a charset label, as the web means it; None if there is none."""
    if not label:
        return None
    try:
        name = codecs.lookup(label.strip().strip("\"'")).name
        # Python has codecs that give no text (zip, hex), and some that are no charset of a document.
        b"a".decode(name, "ignore")
    except (LookupError, ValueError):
        return None
    return _MEANT.get(name, name) if name not in _NO_CHARSETS else None


def declared_in(body: bytes) -> str | None:
    """The charset a document names in its first bytes."""
    match = _META.search(body[:4096])
    return known((match[1] or match[2]).decode("ascii", "ignore")) if match else None


def decode(body: bytes, charset: str | None = None) -> str:
    """The text of a document; never fails, and loses no more than the bytes that mean nothing."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name.replace("-sig", ""), "replace")
    declared = [name for name in (known(charset), declared_in(body)) if name]
    if declared and declared[0].startswith(_STATEFUL):
        try:
            return body.decode(declared[0])
        except UnicodeDecodeError:
            pass
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if _is_mostly_utf8(body):
        return body.decode("utf-8", _STRAY)
    for name in declared:
        if name != "utf-8":
            try:
                return body.decode(name)
            except UnicodeDecodeError:
                continue
    return body.decode(_guess(body) or "windows-1252", "replace").replace("\ufffd", "")


def _is_mostly_utf8(body: bytes) -> bool:
    """Whether the bytes that break UTF-8 are few beside those that spell it."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    spelled = len(text.encode("utf-8")) - len(text) - 2 * broken
    return broken * 3 < spelled


def _guess(body: bytes) -> str | None:
    """The likeliest charset: that of the declared language, else by the letters.

    The charsets of one family differ in few letters, and a guess among them is no better than the common one.
    """
    match = _LANGUAGE.search(body[:4096])
    language = f" {match[1].decode().lower()} " if match else None
    usual = next((name for name, languages in _USUAL.items() if language and language in languages), None)
    if usual is not None:
        try:
            body.decode(usual)
        except UnicodeDecodeError:
            pass
        else:
            return usual
    from charset_normalizer import from_bytes

    sample = b"\n".join([each for each in body.split(b"\n") if not each.isascii()][:200])[:20_000]
    # Tags are ASCII and tell nothing of the charset.
    best = from_bytes(re.sub(rb"<[^>]*>", b" ", sample)).best()
    name = known(best.encoding) if best is not None else None
    return name if name is not None and not _LATIN.match(name) else "windows-1252"
