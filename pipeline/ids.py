"""How ids are made: the first 16 hexadecimal digits of a SHA-256, so that the same thing has the same id anywhere."""

from __future__ import annotations

import unicodedata
from hashlib import sha256

from pipeline.addresses import identity


def digest(*parts: object) -> str:
    """Id of a sequence of parts, 16 hexadecimal digits; parts are joined by line feeds."""
    return sha256("\n".join(str(p) for p in parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def article_id(canonical_url: str) -> str:
    """Id of an article, whatever its versions and whichever variant of its address is given (http, www, AMP, print)."""
    return digest(identity(canonical_url))


def version_id(article: str, title: str | None, text: str) -> str:
    """Id of one version of the article with id `article`."""
    return digest(article, title or "", text)


def event_id(version: str, field: str, event_type: str, start: int, end: int) -> str:
    """Id of the event of that type told by the trigger at `start`–`end` of a version's field."""
    return digest(version, field, event_type, start, end)


def entity_id(name: str, entity_type: str) -> str:
    """Id of an entity: the same across articles where name (case, accents and spacing aside) and type agree."""
    return digest(plain(name), entity_type)


def plain(name: str) -> str:
    """A name without case, accents and double spaces."""
    if name.isascii():
        return " ".join(name.lower().split())
    bare = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return " ".join(bare.split())


def occurrence_id(first_event: str) -> str:
    """Id of the occurrence whose first event has that id."""
    return digest("occurrence", first_event)
