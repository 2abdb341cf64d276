"""Rights: what an answer's headers and its host's robots.txt reserve against machines. Recorded as they are said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from pipeline.collect.robots import AI_AGENTS, Rules

RawHeaders = Sequence[tuple[bytes, bytes]]

_DIRECTIVES = frozenset({"noai", "noimageai", "noindex", "noarchive", "none"})
"""Those of X-Robots-Tag that reserve something. That of text for AI is noai alone."""
_KNOWN = frozenset(agent.lower() for agent in AI_AGENTS)
_NAMES = frozenset({b"x-robots-tag", b"tdm-reservation", b"tdm-policy"})
_ADDRESSED = re.compile(r"\s*([A-Za-z0-9_.-]+)\s*:")
_WITH_VALUE = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})


def in_robots(rules: Rules, url: str) -> str | None:
    """What robots.txt reserves of a URL, in words."""
    agents = rules.reserved(url)
    said = [f"{', '.join(agents)} disallowed"] if agents else []
    if rules.signals:
        said.append(f"Content-Signal {' '.join(rules.signals)}")
    return f"robots.txt: {', '.join(said)}" if said else None


def in_headers(headers: RawHeaders, agent: str) -> tuple[str | None, bool]:
    """What an answer's headers reserve, in words, and whether they reserve its text against machines."""
    found = [(name.lower(), value) for name, value in headers if name.lower() in _NAMES]
    if not found:
        return None, False
    values: dict[bytes, list[str]] = {}
    for name, value in found:
        values.setdefault(name, []).append(_words(value))
    said, reserved = [], False
    if directives := list(dict.fromkeys(_directives(values.get(b"x-robots-tag", ()), agent.lower()))):
        said.append(f"X-Robots-Tag: {', '.join(directives)}")
        reserved = any(d.rpartition(" ")[2] == "noai" for d in directives)
    if "1" in values.get(b"tdm-reservation", ()):
        said.append("tdm-reservation: 1")
        reserved = True
        # A policy says how to get a licence; without a reservation it has no meaning.
        said += [f"tdm-policy: {policy}" for policy in values.get(b"tdm-policy", ())[:1] if policy]
    return "; ".join(said) or None, reserved


def _directives(values: Iterable[str], agent: str) -> Iterator[str]:
    """Reserving directives for everyone, for us and for AI agents; with the agent's name where one is addressed."""
    for value in values:
        addressed = ""
        for part in value.split(","):
            if (to := _ADDRESSED.match(part)) and to[1].lower() not in _WITH_VALUE:
                # It speaks to that agent up to the next name or the end of the header.
                addressed, part = to[1], part[to.end() :]
            directive = part.strip().lower()
            if directive in _DIRECTIVES and (
                not addressed or addressed.lower() == agent or addressed.lower() in _KNOWN
            ):
                yield f"{addressed}: {directive}" if addressed else directive


def _words(value: bytes) -> str:
    """A header's value in plain characters, at most 300, without the mark that parts reservations."""
    text = value[:300].decode("ascii", "replace")
    return "".join(c for c in text if c.isprintable() and c != ";").strip()
