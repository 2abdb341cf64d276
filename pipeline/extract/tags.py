"""Tags of your own: a TOML or YAML file says what each is given for, with sentences that show it.

::

    [tags.coup]
    description = "Power taken, or tried to be taken, by force."
    any = [
      { words = ["coup", "putsch", "seized power"] },                  # whole words, any case
      { all = [{ event = "COERCE.martial-law" }, { entity = "army" }] },
    ]
    none = [{ words = "transfer market" }]
    matches = ["Officers who seized power in Vurland closed the border."]
    misses = ["The coach pulled off a coup in the transfer market."]

A condition is a table of one key: `words` (a phrase, or several), `pattern` (a regular expression, any case), `entity`
(a name as in `mentions`, or an entity_id), `event` (a PLOVER type, with a mode behind a point; beside it `actor`,
`recipient` with a country, and `flagged = true` where negated, hypothetical and historical events count as well),
`place` (a country's code, or a place's name), `tag` (another tag of the file, defined above), or `all`, `any`, `none`
with conditions of their own. Of a tag's own `all`, `any` and `none` each must hold.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.errors import ConfigurationError
from pipeline.records import Event, Mention, TagEvidence
from pipeline.schema import ontology

_NAME = re.compile(r"[a-z0-9][a-z0-9_.:-]*")
_KEYS = {"description", "all", "any", "none", "matches", "misses"}
_EVENT_KEYS = {"event", "actor", "recipient", "flagged"}


@dataclass(slots=True)
class Content:
    """What the conditions are asked of."""

    fields: Mapping[str, str]
    mentions: Sequence[Mention] = ()
    events: Sequence[Event] = ()
    tags: set[str] = field(default_factory=set)


Evidence = list[tuple[str, int, int]]
"""Field, start, end; empty where a condition holds without words of its own."""
Condition = Callable[[Content], Evidence | None]
"""None where it does not hold."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of a file."""

    name: str
    description: str
    holds: Condition
    matches: tuple[str, ...]
    misses: tuple[str, ...]


def read(path: Path) -> list[Tag]:
    """The tags of a file, in its order. Raises ConfigurationError that names the tag and what is wrong with it."""
    try:
        raw = path.read_text("utf-8")
        if path.suffix.lower() in (".yaml", ".yml"):
            import yaml  # type: ignore[import-untyped,unused-ignore]

            try:
                content = yaml.safe_load(raw)
            except yaml.YAMLError as error:
                raise ConfigurationError(f"{path}: no YAML: {error}") from None
        else:
            content = tomllib.loads(raw)
    except OSError as error:
        raise ConfigurationError(f"cannot read the tags {path}: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path}: no TOML: {error}") from None
    if not isinstance(content, dict) or not isinstance(content.get("tags"), dict) or set(content) != {"tags"}:
        raise ConfigurationError(f"{path}: tags stand as `[tags.NAME]`, and nothing beside them")
    found: list[Tag] = []
    for name, said in content["tags"].items():
        where = f"{path}: tag {name}"
        if not _NAME.fullmatch(str(name)):
            raise ConfigurationError(f"{where}: a name is of small letters, digits, `_`, `-`, `.` and `:`")
        if not isinstance(said, dict) or (unknown := set(said) - _KEYS):
            raise ConfigurationError(
                f"{where}: unknown: {', '.join(sorted(unknown)) if isinstance(said, dict) else said}"
            )
        if not said.keys() & {"all", "any", "none"}:
            raise ConfigurationError(f"{where}: says neither `all`, `any` nor `none`")
        if not said.keys() & {"all", "any"}:
            raise ConfigurationError(f"{where}: `none` alone would tag nearly everything; say `all` or `any` as well")
        parts = [
            _joined(kind, said[kind], where, {tag.name for tag in found})
            for kind in ("all", "any", "none")
            if kind in said
        ]
        found.append(
            Tag(
                name,
                str(said.get("description", "")),
                _all(parts),
                *(_sentences(said, k, where) for k in ("matches", "misses")),
            )
        )
    return found


@cache
def _tags(path: Path, written: int) -> tuple[Tag, ...]:
    return tuple(read(path))


def tags(path: Path) -> tuple[Tag, ...]:
    """The tags of a file, read once for each time it was written."""
    try:
        return _tags(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise ConfigurationError(f"cannot read the tags {path}: {error.strerror}") from None


def apply(all_tags: Iterable[Tag], content: Content) -> list[TagEvidence]:
    """The tags that hold, each with the words it was given for (one row without offsets where there are none)."""
    found = []
    for tag in all_tags:
        evidence = tag.holds(content)
        if evidence is None:
            continue
        content.tags.add(tag.name)
        for where, start, end in list(dict.fromkeys(evidence))[:20]:
            found.append(TagEvidence(tag=tag.name, field=where, start=start, end=end))
        if not evidence:
            found.append(TagEvidence(tag=tag.name))
    return found


def _sentences(said: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    given = said.get(key, [])
    if not isinstance(given, list) or not all(isinstance(s, str) and s.strip() for s in given):
        raise ConfigurationError(f"{where}: `{key}` is a list of sentences")
    return tuple(given)


def _joined(kind: str, given: Any, where: str, known: set[str]) -> Condition:
    if not isinstance(given, list) or not given:
        raise ConfigurationError(f"{where}: `{kind}` is a list of conditions")
    parts = [_condition(each, where, known) for each in given]
    return {"all": _all, "any": _any, "none": _none}[kind](parts)


def _all(parts: Sequence[Condition]) -> Condition:
    def holds(content: Content) -> Evidence | None:
        found: Evidence = []
        for part in parts:
            evidence = part(content)
            if evidence is None:
                return None
            found += evidence
        return found

    return holds


def _any(parts: Sequence[Condition]) -> Condition:
    def holds(content: Content) -> Evidence | None:
        found: Evidence = []
        held = False
        for part in parts:
            evidence = part(content)
            if evidence is not None:
                held = True
                found += evidence
        return found if held else None

    return holds


def _none(parts: Sequence[Condition]) -> Condition:
    return lambda content: None if any(part(content) is not None for part in parts) else []


def _condition(given: Any, where: str, known: set[str]) -> Condition:
    if not isinstance(given, dict) or not given:
        raise ConfigurationError(f"{where}: a condition is a table, `{{ words = … }}`, not {given!r}")
    if "event" in given:
        return _event(given, where)
    if len(given) != 1:
        raise ConfigurationError(f"{where}: a condition has one key, not {', '.join(map(str, given))}")
    [(kind, value)] = given.items()
    if kind in ("all", "any", "none"):
        return _joined(kind, value, where, known)
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not values or not all(isinstance(v, str) and v.strip() for v in values):
        raise ConfigurationError(f"{where}: `{kind}` is a text or a list of texts")
    match kind:
        case "words":
            whole = "|".join(r"\s+".join(map(re.escape, v.split())) for v in values)
            return _pattern(rf"(?<!\w)(?:{whole})(?!\w)", where)
        case "pattern":
            return _any([_pattern(v, where) for v in values])
        case "entity":
            wanted = {v.casefold() for v in values}
            return _mentioned(lambda m: m.entity_name.casefold() in wanted or m.entity_id in values)
        case "place":
            return _mentioned(
                lambda m: m.entity_type == "location" and (m.country_code in values or m.entity_name in values)
            )
        case "tag":
            if missing := set(values) - known:
                raise ConfigurationError(f"{where}: no tag above it is called {', '.join(sorted(missing))}")
            return lambda content: [] if any(v in content.tags for v in values) else None
    raise ConfigurationError(
        f"{where}: unknown condition: {kind} (words, pattern, entity, event, place, tag, all, any, none)"
    )


def _pattern(regex: str, where: str) -> Condition:
    try:
        compiled = re.compile(regex, re.IGNORECASE)
    except re.error as error:
        raise ConfigurationError(f"{where}: no regular expression: {regex} ({error})") from None
    if compiled.match("") is not None:
        raise ConfigurationError(f"{where}: matches nothing at all, and so everything: {regex}")

    def holds(content: Content) -> Evidence | None:
        found = [(name, m.start(), m.end()) for name, text in content.fields.items() for m in compiled.finditer(text)]
        return found or None

    return holds


def _mentioned(fits: Callable[[Mention], bool]) -> Condition:
    def holds(content: Content) -> Evidence | None:
        return [(m.field, m.start, m.end) for m in content.mentions if fits(m)] or None

    return holds


def _event(given: dict[str, Any], where: str) -> Condition:
    if unknown := set(given) - _EVENT_KEYS:
        raise ConfigurationError(f"{where}: unknown beside `event`: {', '.join(sorted(unknown))}")
    types = ontology("plover")["types"]
    values = [given["event"]] if isinstance(given["event"], str) else given["event"]
    wanted: list[tuple[str, str | None]] = []
    for value in values if isinstance(values, list) else [values]:
        kind, _, mode = str(value).partition(".")
        if kind not in types or (mode and mode not in types[kind].get("modes", ())):
            raise ConfigurationError(f"{where}: no event type or mode: {value}")
        wanted.append((kind, mode or None))
    actor, recipient, flagged = given.get("actor"), given.get("recipient"), bool(given.get("flagged"))

    def fits(e: Event) -> bool:
        return (
            any(e.event_type == kind and mode in (None, e.mode) for kind, mode in wanted)
            and (actor is None or any(actor in (a.country, a.name, a.sector) for a in e.actors))
            and (recipient is None or any(recipient in (a.country, a.name, a.sector) for a in e.recipients))
            and (flagged or not (e.is_negated or e.is_hypothetical or e.is_historical))
        )

    def holds(content: Content) -> Evidence | None:
        return [(e.field, e.trigger_start, e.trigger_end) for e in content.events if fits(e)] or None

    return holds
