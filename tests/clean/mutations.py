"""Pages made worse: cut, spliced, repeated, nested, mislabelled, by chance that a seed repeats."""

# A page a line.
# ruff: noqa: E501
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from invented import page

from pipeline.page import Page

URLS = [
    "http://gazette.example/world/2026/03/01/lighthouse-reopens", "http://gazette.example/", "https://gazette.example/?q=a%00b",
    "http://[::1]/a", "http://gazette.example/%zz%ff/..//", "urn:sha256:" + "0" * 64, "http://gazette.example/" + "a/" * 900,
    "http://gazette.example/suche?q=licht", "http://xn--a.example/статья-о-порте", "http://gazette.example/a#!/b",
]  # fmt: skip
TYPES = ["text/html"] * 12 + [
    None,
    "",
    "text/plain",
    "application/json",
    "application/xhtml+xml; charset=x",
    "text/xml",
]
CHARSETS = [None] * 10 + [
    "utf-8",
    "utf-16",
    "utf-7",
    "gb2312",
    "shift_jis",
    "windows-1251",
    "rot13",
    "idna",
    "hex",
    "zip",
]
BAIT = [
    b"<", b">", b"</", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"&#x110000;", b"&#0;", b"&amp;amp;lt;", b"\x00", b"\xff\xfe",
    b"\xed\xa0\x80", b"\xf0\x9f\x98", b"\xe2\x80\xae", b"<svg><title>", b"<table><tr><td>", b"</body></html>", b"<plaintext>",
    b"<base href='//['>", b"<p " + b"a=b " * 300 + b">", b"<div>" * 400, b"<b><i><a>" * 60, b"<p>" + b" " * 5000,
    b"\"'" * 2000, b"-" * 5000, b"[(" * 2000, b". " * 3000, "“".encode() * 1500, b"a|" * 2000, b"1-" * 2000, b"by " * 1500,
    "م".encode() * 800, "灯".encode() * 2000, b"\n\n" * 2000, b"<br>" * 900, b"<script type='application/ld+json'>",
    b'<meta property="og:title" content="', b"<h1></h1>", b"<title>", b"<time datetime='9999-99-99T99:99'>", b"<frameset>",
    b"<select><option>", b"<template><p>", b"<noscript>", b"<textarea>", b"<iframe srcdoc='<p>a'>", b"<input type=password>",
]  # fmt: skip
# What JSON-LD may hold in place of what one expects.
VALUES = [
    b"null", b"true", b"-1", b"1e999", b"[]", b"{}", b'""', b'"\\ud800"', b'[[["a"]]]', b'{"@id": "#a"}', b'[null, {}, "x"]',
    b'{"@type": ["NewsArticle", null], "name": {"name": []}}', b'"' + b"9" * 5000 + b'"', b"[" * 900, b'"2026-13-45"', b"NaN",
    b'"0001-01-01T00:00:00+14:00"', b'"9999-12-31T23:59:59-12:00"', b'{"@graph": [{"@graph": []}]}', b"20260301", b'"\\u0000"',
]  # fmt: skip
_TAG = re.compile(rb"<[^<>]{1,300}>")
_JSON_VALUE = re.compile(rb'(?<=": )("[^"]{0,300}"|\d+|\{[^{}]{0,200}\}|\[[^\[\]]{0,200}\])')
_ATTRIBUTE = re.compile(rb'(?<==)"[^"]{0,200}"')
_TEXT = re.compile(rb"(?<=>)[^<>]{3,}(?=<)")


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A page, and what was done to come by it."""

    number: int
    page: Page
    done: tuple[str, ...]


def mutants(seeds: Sequence[bytes], count: int, first: int = 0) -> Iterator[Mutant]:
    """Pages made from the seeds; the same number always gives the same page."""
    for number in range(first, first + count):
        chance = Random(number)
        body = chance.choice(seeds)
        done = []
        for _ in range(chance.choice([1, 1, 2, 3, 5])):
            change = chance.choice(CHANGES)
            done.append(change.__name__)
            body = change(chance, body, seeds)[:400_000]
        made = page(body, url=chance.choice(URLS), content_type=chance.choice(TYPES), charset=chance.choice(CHARSETS))
        yield Mutant(number=number, page=made, done=tuple(done))


def _span(chance: Random, body: bytes, longest: int = 4000) -> tuple[int, int]:
    start = chance.randrange(len(body) + 1)
    return start, min(len(body), start + chance.randrange(1, longest))


def cut_off(chance: Random, body: bytes, seeds: Sequence[bytes]) -> bytes:
    """Ends too early."""
    return body[: chance.randrange(len(body) + 1)]


def hole(chance: Random, body: bytes, seeds: Sequence[bytes]) -> bytes:
    """Lacks a part."""
    start, end = _span(chance, body)
    return body[:start] + body[end:]


def repeated(chance: Random, body: bytes, seeds: Sequence[bytes]) -> bytes:
    """Says a part again and again."""
    start, end = _span(chance, body, 600)
    return body[:end] + body[start:end] * chance.choice([1, 3, 20, 200]) + body[end:]


def bytes_changed(chance: Random, body: bytes, seeds: Sequence[bytes]) -> bytes:
    """Some bytes are others."""
    changed = bytearray(body)
    for _ in range(chance.choice([1, 5, 50, 500]) if changed else 0):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def baited(chance: Random, body: bytes, seeds: Sequence[bytes]) -> bytes:
    """Holds what parsers and patterns stumble over."""
    for _ in range(chance.choice([1, 1, 3])):
        at = chance.randrange(len(body) + 1)
        body = body[:at] + chance.choice(BAIT) * chance.choice([1, 1, 4]) + body[at:]
    return body


def spliced(chance: Random, body: bytes, seeds: Sequence[bytes]) -> bytes:
    """Goes on as another page."""
    other = chance.choice(seeds)
    return body[: chance.randrange(len(body) + 1)] + other[chance.randrange(len(other) + 1) :]


def _some(pattern: re.Pattern[bytes], chance: Random, body: bytes, share: float, new: list[bytes]) -> bytes:
    return pattern.sub(lambda match: chance.choice(new) if chance.random() < share else match[0], body)


def tags_dropped(chance: Random, body: bytes, seeds: Sequence[bytes]) -> bytes:
    """Some tags are missing, or are others."""
    others = [b"", b"", b"<p>", b"</div>", b"<td>", b"<li>", b"</p></article>", b"<a href=/x>", b"<aside>", b"<h2>"]
    return _some(_TAG, chance, body, chance.choice([0.02, 0.2, 0.9]), others)


def attributes_changed(chance: Random, body: bytes, seeds: Sequence[bytes]) -> bytes:
    """Attributes say something else."""
    others = [
        b'""',
        b'"\x01"',
        b'"http://["',
        b'"article"',
        b'"' + b"x " * 400 + b'"',
        b'"author"',
        b'"2026-99-99"',
        b"'",
    ]
    return _some(_ATTRIBUTE, chance, body, chance.choice([0.05, 0.5]), others)


def data_changed(chance: Random, body: bytes, seeds: Sequence[bytes]) -> bytes:
    """JSON holds other values."""
    return _some(_JSON_VALUE, chance, body, chance.choice([0.1, 0.6]), VALUES)


def text_changed(chance: Random, body: bytes, seeds: Sequence[bytes]) -> bytes:
    """Words are others: none, too long, of another script, of no script."""
    others = [
        b"",
        b" ",
        b"word " * 300,
        b"x" * 3000,
        "灯塔。".encode() * 40,
        "نص ".encode() * 90,
        "é\u0301\u200d".encode() * 50,
    ]
    return _some(_TEXT, chance, body, chance.choice([0.05, 0.4]), [*others, b"\xc3\xa2\xe2\x82\xac", b"&nbsp;" * 60])


def another_charset(chance: Random, body: bytes, seeds: Sequence[bytes]) -> bytes:
    """Is written in another charset, or twice in the same."""
    text = body.decode("utf-8", "replace")
    if chance.random() < 0.3:
        return text.encode("utf-8").decode("latin-1").encode("utf-8")
    return text.encode(chance.choice(["utf-16", "utf-16-be", "latin-1", "gb18030", "shift_jis", "utf-32"]), "replace")


def nested(chance: Random, body: bytes, seeds: Sequence[bytes]) -> bytes:
    """Stands deep in boxes."""
    tag = chance.choice([b"div", b"blockquote", b"table><tr><td", b"ul><li", b"b", b"article", b"svg", b"noscript"])
    return (b"<" + tag + b">") * chance.choice([5, 100, 600]) + body


CHANGES = (
    cut_off, hole, repeated, bytes_changed, baited, spliced, tags_dropped, attributes_changed, data_changed, text_changed,
    another_charset, nested,
)  # fmt: skip
