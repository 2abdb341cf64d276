"""What faulty hosts are made of: pages, feeds and answers, noted by URL with the state in which it is to end."""

from __future__ import annotations

from collections.abc import Callable

from fault_site import Ask, Serve

ROUTES: dict[str, Serve] = {}
ENDS: dict[str, tuple[str, str]] = {}
"""URL → the state and reason in which it is to end."""

STORED = ("stored", "published")
LIMIT = 1_000_000
"""Bytes of a body that the collector is told to take."""


def page(name: str) -> str:
    """A page with an article of its own."""
    body = "".join(
        f"<p>{text}</p>"
        for text in (
            f"The harbour council of {name} voted on Monday to reopen the northern ferry line, which had been closed "
            "since the storm of last autumn broke the landing stage.",
            f"Engineers who inspected the pier at {name} said that the first boat could leave within nine days, "
            "provided that the weather holds and the new ramp is delivered in time.",
            f"Fishermen of {name} welcomed the decision, and asked the council to lower the harbour dues for a season.",
        )
    )
    return (
        f'<!doctype html><html lang="en"><head><title>Ferry of {name} runs again</title></head>'
        f"<body><article><h1>Ferry of {name} runs again</h1>{body}</article></body></html>"
    )


def feed(urls: list[str]) -> str:
    """An RSS feed of these URLs."""
    items = "".join(f"<item><title>Report</title><link>{u.replace('&', '&amp;')}</link></item>" for u in urls)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Desk</title>{items}</channel></rss>'


def at(url: str, state: str = "", reason: str = "") -> Callable[[Serve], Serve]:
    """Let a function answer for a URL; with a state, the URL is an article's, and ends there."""

    def put(serve: Serve) -> Serve:
        ROUTES[url] = serve
        if state:
            ENDS[url] = state, reason
        return serve

    return put


async def fine(ask: Ask) -> None:
    """A page without fault."""
    await ask.whole(page(f"{ask.request.host} {ask.request.path}"))


def stored(*urls: str) -> None:
    """Pages without fault."""
    for url in urls:
        ROUTES[url], ENDS[url] = fine, STORED


def robots(host: str, text: str) -> None:
    """The robots.txt of a host."""

    async def serve(ask: Ask) -> None:
        await ask.whole(text, kind="text/plain")

    ROUTES[f"http://{host}/robots.txt"] = serve


def always(status: str, *lines: str, body: bytes | str = b"") -> Serve:
    """The same answer every time."""

    async def serve(ask: Ask) -> None:
        await ask.whole(body, status, *lines)

    return serve


def raw(data: bytes) -> Serve:
    """These bytes and the end of the connection."""

    async def serve(ask: Ask) -> None:
        await ask.send(data)
        ask.end()

    return serve
