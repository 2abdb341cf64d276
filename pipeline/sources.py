"""The register of sources: a TOML file a user edits (`[[source]]` tables). `sources.toml` beside this file ships.

::

    [[source]]
    id = "harbour-herald"
    name = "Harbour Herald"
    homepage = "https://harbour-herald.example/"
    country = "IE"              # ISO 3166-1
    language = "en"             # ISO 639-1
    owner = "Harbour Group"     # sources of one owner are not independent
    agency = false              # true for a news agency that others carry
    feeds = ["https://harbour-herald.example/rss.xml"]
    sitemaps = []               # beyond those its robots.txt names
    volume = [20, 60]           # articles expected a day, at least and at most

Only the id is needed. A source without feeds is collected from by the sitemaps that its robots.txt names, or, where it
names none, by the feeds that its front page links to.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipeline.errors import ConfigurationError, UnknownSource
from pipeline.records import Source
from pipeline.schema import vocabulary

SHIPPED = Path(__file__).with_name("sources.toml")
"""Well-known sources of the world, to begin with."""

_FIELDS = {"id", "name", "homepage", "country", "language", "owner", "agency", "feeds", "sitemaps", "volume"}
_SLUG = re.compile(r"[a-z0-9][a-z0-9.-]*")
_ID_RULE = "the id must be lower-case letters, digits, dots and hyphens"


def read(path: Path) -> list[Source]:
    """The registered sources, in the file's order; none where there is no file yet.

    Raises ConfigurationError naming the file, the source and what is wrong with it.
    """
    if not path.exists():
        return []
    try:
        tables = tomllib.loads(path.read_text("utf-8")).get("source", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"cannot read the sources in {path}: {error}") from error
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigurationError(f"{path}: sources stand in [[source]] tables")
    found = [_source(path, n, table) for n, table in enumerate(tables, 1)]
    seen: set[str] = set()
    for source in found:
        if source.source_id in seen:
            raise ConfigurationError(f"{path}: two sources have the id {source.source_id}")
        seen.add(source.source_id)
    return found


def write(path: Path, sources: Iterable[Source]) -> None:
    """Write the register, whole and at once. Comments of an earlier file are not kept.

    Raises ConfigurationError for an id that `read` would refuse; then the file stays as it was.
    """
    import tomli_w

    tables = []
    for s in sources:
        if not _SLUG.fullmatch(s.source_id):
            raise ConfigurationError(f"source {s.source_id}: {_ID_RULE}")
        table: dict[str, Any] = {"id": s.source_id, "name": s.name}
        table |= {k: v for k in ("homepage", "country", "language", "owner") if (v := getattr(s, k))}
        table |= {"agency": s.agency, "feeds": s.feeds, "sitemaps": s.sitemaps}
        if s.volume_low is not None and s.volume_high is not None:
            table["volume"] = [s.volume_low, s.volume_high]
        tables.append(table)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(tomli_w.dumps({"source": tables}), "utf-8")
    part.replace(path)


def add(path: Path, source: Source) -> None:
    """Register a source. Raises ConfigurationError where its id is taken."""
    registered = read(path)
    if any(s.source_id == source.source_id for s in registered):
        raise ConfigurationError(f"a source {source.source_id} is registered already; remove it first")
    write(path, [*registered, source])


def remove(path: Path, source_id: str) -> None:
    """Take a source off the register; what it published stays. Raises UnknownSource."""
    registered = read(path)
    if all(s.source_id != source_id for s in registered):
        raise UnknownSource(f"no source {source_id} is registered in {path}")
    write(path, [s for s in registered if s.source_id != source_id])


def _source(path: Path, number: int, table: dict[str, Any]) -> Source:
    where = f"{path}: source {table.get('id', number)}"
    unknown = set(table) - _FIELDS
    if unknown:
        raise ConfigurationError(f"{where}: no such field: {', '.join(sorted(unknown))}")
    source_id = table.get("id")
    if not isinstance(source_id, str) or not _SLUG.fullmatch(source_id):
        raise ConfigurationError(f"{where}: {_ID_RULE}")
    for name in ("name", "homepage", "country", "language", "owner"):
        if not isinstance(table.get(name, ""), str):
            raise ConfigurationError(f"{where}: {name} must be text")
    for name in ("feeds", "sitemaps"):
        urls = table.get(name, [])
        if not isinstance(urls, list) or not all(isinstance(u, str) for u in urls):
            raise ConfigurationError(f"{where}: {name} must be a list of URLs")
    if not isinstance(table.get("agency", False), bool):
        raise ConfigurationError(f"{where}: agency must be true or false")
    for name, code in (("country", "iso-3166-1"), ("language", "iso-639-1")):
        if (said := table.get(name)) is not None and said not in vocabulary(code):
            raise ConfigurationError(f"{where}: {name} {said} is no code of {code}")
    low, high = _volume(where, table.get("volume"))
    return Source(
        source_id=source_id,
        name=table.get("name", source_id),
        homepage=table.get("homepage"),
        country=table.get("country"),
        language=table.get("language"),
        owner=table.get("owner"),
        agency=table.get("agency", False),
        feeds=table.get("feeds", []),
        sitemaps=table.get("sitemaps", []),
        volume_low=low,
        volume_high=high,
    )


def _volume(where: str, said: Any) -> tuple[int | None, int | None]:
    if said is None:
        return None, None
    # In Python, true is a whole number too.
    if not isinstance(said, list) or len(said) != 2 or not all(type(n) is int and n >= 0 for n in said):
        raise ConfigurationError(f"{where}: volume must be two whole numbers, [at least, at most], of articles a day")
    if said[0] > said[1]:
        raise ConfigurationError(f"{where}: volume must name the smaller number first")
    return said[0], said[1]
