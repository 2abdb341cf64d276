"""robots.txt as RFC 9309 reads it: groups merged by product token, the longest match, wildcards; AI agents aside.

Protego, the usual library, departs from it where it matters here (0.7.0): a group for `news` also holds for
`Newsledger`, one for `Newsledger/2` does not, a line of no meaning or a Crawl-delay ends a list of user agents, lines
break at characters that are no line breaks, and 500 kB of user agents with 500 kB of rules take gigabytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

LARGEST = 512_000
"""Bytes of a robots.txt that are read (RFC 9309, 2.5: at least 500 KiB)."""

AI_AGENTS = (
    *("AI2Bot", "Amazonbot", "anthropic-ai", "Applebot-Extended", "Bytespider", "CCBot", "ChatGPT-User", "Claude-Web"),
    *("ClaudeBot", "cohere-ai", "Diffbot", "FacebookBot", "Google-Extended", "GPTBot", "ImagesiftBot"),
    *("meta-externalagent", "OAI-SearchBot", "omgili", "PerplexityBot", "Timpibot", "YouBot"),
)
"""Product tokens of those who gather text for machines to learn from: what a group for one says is a reservation."""

_KEYS = {
    **dict.fromkeys(("user-agent", "useragent", "user agent"), "agent"),
    **dict.fromkeys(("disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"), "disallow"),
    "allow": "allow",
    **dict.fromkeys(("crawl-delay", "crawl delay", "crawldelay"), "delay"),
    **dict.fromkeys(("sitemap", "site-map", "sitemaps"), "sitemap"),
    "content-signal": "signal",
}
_TOKEN = re.compile(r"[a-z0-9_.-]+")
_SIGNAL = re.compile(r"(ai-[a-z]+)\s*=\s*no\b")
_DELAY = re.compile(r"\d{1,9}(?:\.\d*)?|\.\d+")
_OF_AI = {agent.lower(): agent for agent in AI_AGENTS}


@dataclass(slots=True, eq=False)
class _Group:
    rules: list[tuple[bool, str]] = field(default_factory=list)
    """Whether it allows, and the pattern as written."""
    delay: float | None = None
    signals: list[str] = field(default_factory=list)
    """What a Content-Signal refuses, as `ai-train=no`."""


@dataclass
class Rules:
    """What a robots.txt says."""

    refused: str | None = None
    """Why nothing may be requested of this origin in this batch."""
    trouble: str | None = None
    """The outcome with which robots.txt could not be had at all; the host is out of reach."""
    sitemaps: list[str] = field(default_factory=list)
    delay: float | None = None
    """The Crawl-delay asked of us, seconds."""
    ours: Matcher | None = None
    """The rules for us; None where everything is allowed."""
    others: list[tuple[tuple[str, ...], Matcher]] = field(default_factory=list)
    """AI agents that have groups of their own, those of the same rules together."""
    signals: list[str] = field(default_factory=list)
    """Uses for AI that a Content-Signal refuses us, as `ai-train=no`."""

    @classmethod
    def of(cls, body: bytes | str, agent: str, *, cut: bool = False) -> Rules:
        """The rules for the product token `agent` in a robots.txt, of which `LARGEST` bytes count.

        With `cut`, the body breaks off: its last line is no whole one.
        """
        ours = agent.lower()
        sitemaps: list[str] = []
        groups = _groups(_lines(body, cut), {ours, "*", *_OF_AI}, sitemaps)
        mine = groups.get(ours) or groups.get("*") or []
        alike: dict[tuple[int, ...], list[str]] = {}
        for token, name in _OF_AI.items():
            if token in groups and token != ours:
                alike.setdefault(tuple(id(g) for g in groups[token]), []).append(name)
        others = [(tuple(names), Matcher(groups[names[0].lower()])) for names in alike.values()]
        delays = [group.delay for group in mine if group.delay is not None]
        return cls(
            sitemaps=sitemaps,
            delay=max(delays, default=None),
            ours=Matcher(mine) if any(group.rules for group in mine) else None,
            others=others,
            signals=sorted({signal for group in mine for signal in group.signals}),
        )

    def allows(self, url: str) -> bool:
        """Whether we may request the normalised URL, as far as the rules go."""
        return self.ours is None or self.ours.allows(_target(url))

    def reserved(self, url: str) -> list[str]:
        """AI agents that may not request the normalised URL, by groups of their own; in the order of AI_AGENTS."""
        if not self.others:
            return []
        target = _target(url)
        barred = {name for names, matcher in self.others if not matcher.allows(target) for name in names}
        return [name for name in AI_AGENTS if name in barred]


class _Pattern(NamedTuple):
    allow: bool
    parts: list[str]
    """What stands between its wildcards."""
    anchored: bool
    """Whether it must reach the end of the URL."""

    def matches(self, target: str) -> bool:
        first, *rest = self.parts
        if not target.startswith(first):
            return False
        if not rest:
            return not self.anchored or len(target) == len(first)
        at = len(first)
        # The leftmost place of each part leaves most room for the next: no pattern needs a second try.
        for part in rest[:-1]:
            found = target.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        if self.anchored:
            return target.endswith(rest[-1]) and len(target) - len(rest[-1]) >= at
        return target.find(rest[-1], at) >= 0


class Matcher:
    """The rules of some groups, in the order in which they decide: the longest first, allowing ones before others."""

    def __init__(self, groups: Iterable[_Group]) -> None:
        self._groups = list(groups)
        self._rules: list[_Pattern] | None = None
        self._prefixes: tuple[str, ...] = ()
        self._special: list[_Pattern] = []

    def allows(self, target: str) -> bool:
        """Whether a path and query, spelled for comparison, is allowed."""
        rules = self._compiled() if self._rules is None else self._rules
        if target == "/robots.txt":
            return True
        # One look rules out every plain prefix at once; few files have anything else for most URLs.
        for rule in rules if target.startswith(self._prefixes) else self._special:
            if rule.matches(target):
                return rule.allow
        return True

    def _compiled(self) -> list[_Pattern]:
        """Made when first asked: a file may speak of hundreds of agents."""
        written = dict.fromkeys(rule for group in self._groups for rule in group.rules)
        ranked: list[tuple[int, _Pattern]] = []
        for allow, text in written:
            anchored = text.endswith("$")
            spelled = re.sub(r"\*{2,}", "*", _spelled(text[:-1] if anchored else text, wild="*"))
            if spelled[:1] in ("/", "*"):
                ranked.append((len(spelled) + anchored, _Pattern(allow, spelled.split("*"), anchored)))
        ranked.sort(key=lambda item: (-item[0], not item[1].allow))
        self._rules = [pattern for _, pattern in ranked]
        plain = [len(p.parts) == 1 and not p.anchored for p in self._rules]
        self._prefixes = tuple(p.parts[0] for p, is_plain in zip(self._rules, plain, strict=True) if is_plain)
        self._special = [p for p, is_plain in zip(self._rules, plain, strict=True) if not is_plain]
        return self._rules


def _lines(body: bytes | str, cut: bool) -> list[str]:
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raw = raw.decode("utf-16", "replace").encode("utf-8")
    if len(raw) > LARGEST:
        raw, cut = raw[:LARGEST], True
    # Octets are compared: whatever the charset, what is no UTF-8 keeps its bytes.
    text = raw.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if cut else lines


def _groups(lines: Iterable[str], wanted: set[str], sitemaps: list[str]) -> dict[str, list[_Group]]:
    """The groups of each wanted token; sitemaps are added to the list given.

    Rules alone end a list of user agents, nothing else does (RFC 9309, 2.2.4). A Crawl-delay, which is no rule, holds
    for the agents named before it.
    """
    groups: dict[str, list[_Group]] = {}
    group, members, named = _Group(), set[str](), set[str]()
    has_rules, has_delay = True, False
    for key, value in _records(lines):
        if key == "agent":
            if has_rules or has_delay:
                named, has_delay = set(), False
            if has_rules:
                group, members, has_rules = _Group(), set(), False
            for token in wanted.intersection(_tokens(value)):
                named.add(token)
                if token not in members:
                    members.add(token)
                    groups.setdefault(token, []).append(group)
        elif key == "sitemap":
            if value:
                sitemaps.append(value)
        elif key == "delay":
            has_delay = True
            if said := _DELAY.fullmatch(value):
                for token in named:
                    groups[token].append(_Group(delay=float(said[0])))
        elif key == "signal":
            group.signals += [f"{use}=no" for use in _SIGNAL.findall(value.lower())]
        else:
            has_rules = True
            if value:
                group.rules.append((key == "allow", value))
    return groups


def _records(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What the lines say, by the meaning of their keys; lines that say nothing are left out."""
    for line in lines:
        said = line.partition("#")[0]
        name, colon, value = said.partition(":")
        key = _KEYS.get(name.strip(" \t").lower()) if colon else None
        if key is None:
            # Some leave the colon out, also before a URL that has one.
            words = said.split(None, 1)
            key = _KEYS.get(words[0].lower()) if len(words) == 2 else None
            if key is None:
                continue
            value = words[1]
        yield key, value.strip()


def _tokens(value: str) -> Iterator[str]:
    """The product tokens that a User-agent line names: one, by the standard; some list several."""
    for item in value.lower().split(","):
        item = item.strip()
        # `*name*` is no wildcard for all: some write that for whoever has the name in theirs.
        if item == "*":
            yield "*"
        elif match := _TOKEN.match(item.lstrip("*")):
            yield match[0]


# How paths are spelled for comparison (RFC 9309, 2.2.2): what needs no escape has none, whatever the writer escaped. A
# slash or question mark that is escaped in a path is not the plain one, nor are `&`, `=` and `+` in a query.
_ODD = re.compile(r"%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~/?&=:,;@!'()+]")
_FINE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:,;@!'()")
_IN_PATH, _IN_QUERY = _FINE | frozenset("&=+"), _FINE | frozenset("/?")


def _speller(fine: frozenset[str], wild: str) -> Callable[[re.Match[str]], str]:
    def spelled(match: re.Match[str]) -> str:
        text = match[0]
        if len(text) == 3:
            char = chr(int(text[1:], 16))
            return char if char in fine else text.upper()
        return text if text == wild else "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogateescape"))

    return spelled


_SPELLERS = {wild: (_speller(_IN_PATH, wild), _speller(_IN_QUERY, wild)) for wild in ("", "*")}


def _spelled(text: str, wild: str = "") -> str:
    if not _ODD.search(text):
        return text
    in_path, in_query = _SPELLERS[wild]
    path, mark, query = text.partition("?")
    return _ODD.sub(in_path, path) + mark + _ODD.sub(in_query, query)


def _target(url: str) -> str:
    """Path and query of a normalised URL, spelled for comparison."""
    at = url.find("/", url.find("//") + 2)
    return _spelled(url[at:].partition("#")[0]) if at >= 0 else "/"
