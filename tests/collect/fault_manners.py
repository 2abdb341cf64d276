"""Hosts whose rules, validators and listings are odd, and hosts that are not there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from fault_making import ENDS, ROUTES, STORED, always, at, feed, fine, page, raw, robots, stored
from fault_site import Ask, Serve

# What publishers ask for ---------------------------------------------------------------------------------------------

BARRED = [
    "http://barred.example/private/a",
    "http://barred.example/PrivAte/../private/c",
    "http://barred.example/%70rivate/d",
]
robots("barred.example", "User-agent: *\nDisallow: /private/\n")
stored("http://barred.example/open")
ENDS["http://barred.example/private/a"] = "blocked", "robots_disallowed"


@at("http://late-robots.example/robots.txt")
async def robots_later(ask: Ask) -> None:
    if ask.batch == 1:
        await ask.whole("broken", "500 Internal Server Error")
    else:
        await ask.whole("User-agent: *\nDisallow: /private/", kind="text/plain")


stored("http://late-robots.example/a")
ENDS["http://late-robots.example/private/a"] = "blocked", "robots_disallowed"
at("http://no-robots.example/robots.txt")(always("503 Service Unavailable"))
ENDS["http://no-robots.example/a"] = "blocked", "robots_disallowed"
ENDS["http://mute-robots.example/a"] = "failed", "timeout"


@at("http://long-robots.example/robots.txt")
async def robots_for_ever(ask: Ask) -> None:
    await ask.head("200 OK", "Transfer-Encoding: chunked", kind="text/plain")
    await ask.chunk(b"User-agent: *\nDisallow: /private/\n")
    while ask.request.sent < 100_000_000:
        await ask.chunk(b"# and more\n" * 5000)


stored("http://long-robots.example/a")
ENDS["http://long-robots.example/private/a"] = "blocked", "robots_disallowed"

robots("crawl.example", "User-agent: *\nCrawl-delay: 0.4\n")
stored(*(f"http://crawl.example/{n}" for n in range(3)))


def after(status: str, *lines: Callable[[], str]) -> Serve:
    """That answer once a batch, then a fine one."""

    async def serve(ask: Ask) -> None:
        if ask.nth > 1:
            await fine(ask)
        else:
            await ask.whole("wait", status, *(line() for line in lines))

    return serve


def _date(offset: timedelta) -> str:
    return format_datetime((datetime.now(UTC) + offset).replace(microsecond=0), usegmt=True)


HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
WAITS = ["http://wait.example/a", "http://wait-ahead.example/a", "http://wait-behind.example/a"]
stored(*WAITS)
ROUTES[WAITS[0]] = after("429 Too Many Requests", lambda: "Retry-After: 1")
ROUTES[WAITS[1]] = after(
    "503 Service Unavailable", lambda: f"Date: {_date(HOUR)}", lambda: f"Retry-After: {_date(HOUR + SECOND)}"
)
ROUTES[WAITS[2]] = after(
    "503 Service Unavailable", lambda: f"Date: {_date(-HOUR)}", lambda: f"Retry-After: {_date(-HOUR + SECOND)}"
)


@at("http://away.example/*")
async def away(ask: Ask) -> None:
    """Asks to be left alone for two hours, in the first batch."""
    if ask.batch == 1:
        await ask.whole("later", "429 Too Many Requests", "Retry-After: 7200")
    else:
        await fine(ask)


ENDS |= {"http://away.example/a": STORED, "http://away.example/b": STORED}


# What servers answer -------------------------------------------------------------------------------------------------


@at("http://flap.example/a", *STORED)
async def flaps_within_a_batch(ask: Ask) -> None:
    await (fine(ask) if ask.nth % 2 == 0 else ask.whole("broken", "500 Internal Server Error"))


@at("http://flap-later.example/a", *STORED)
async def flaps_from_batch_to_batch(ask: Ask) -> None:
    await (fine(ask) if ask.batch % 2 == 0 else ask.whole("broken", "502 Bad Gateway"))


@at("http://half-broken.example/*")
async def half_broken(ask: Ask) -> None:
    """Five pages fail for ever; the sixth is fine."""
    if ask.request.path == "/f":
        await fine(ask)
    else:
        await ask.whole("broken", "500 Internal Server Error")


ENDS |= {f"http://half-broken.example/{c}": ("failed", "server_error") for c in "abcde"}
ENDS["http://half-broken.example/f"] = STORED

at("http://gone.example/a", "gone", "not_found")(always("404 Not Found"))
at("http://gone.example/b", "gone", "removed")(always("410 Gone"))
at("http://walled.example/a", "blocked", "forbidden")(always("403 Forbidden"))
at("http://odd-status.example/a", "failed", "server_error")(always("999 Request denied"))
at("http://picture.example/a", "not_article", "unsupported_type")(
    always("200 OK", "Content-Type: image/png", body=b"\x89PNG\r\n\x1a\n")
)
ROUTES["http://picture.example/a"] = raw(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n\x1a\n")


at("http://nothing.example/204", "not_article", "no_text")(raw(b"HTTP/1.1 204 No Content\r\n\r\n"))
at("http://nothing.example/200", "not_article", "no_text")(always("200 OK"))
at("http://part.example/206", "failed", "connection_failed")(
    always("206 Partial Content", "Content-Range: bytes 0-999/5000", body=page("a part")[:1000])
)


@at("http://charset.example/a", *STORED)
async def wrong_charset(ask: Ask) -> None:
    body = page("Saint-Rémy und Öland").encode("windows-1252")
    await ask.whole(body, kind="text/html; charset=utf-8")


@at("http://charset.example/b", *STORED)
async def unknown_charset(ask: Ask) -> None:
    await ask.whole(page("Łódź"), kind="text/html; charset=x-none-such")


@at("http://cookies.example/a", *STORED)
@at("http://cookies.example/b", *STORED)
async def cookies(ask: Ask) -> None:
    await ask.whole(page(ask.request.url), "200 OK", "Set-Cookie: reader=7; Path=/")


# Validators ----------------------------------------------------------------------------------------------------------


@at("http://same-etag.example/a", *STORED)
async def same_etag_other_bytes(ask: Ask) -> None:
    await ask.whole(page(f"batch {ask.batch}"), "200 OK", 'ETag: "same"')


@at("http://new-etag.example/a", *STORED)
async def new_etag_same_bytes(ask: Ask) -> None:
    await ask.whole(page("new-etag"), "200 OK", f'ETag: "{ask.batch}-{ask.nth}"')


@at("http://odd-etag.example/a", *STORED)
async def odd_etag(ask: Ask) -> None:
    await ask.whole(page("odd-etag"), "200 OK", "ETag: W/ \xff\x01 not, quoted", "Last-Modified: some day")


at("http://always-304.example/a", "not_modified", "unasked_not_modified")(
    raw(b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n')
)
at("http://always-304-feed.example/feed")(raw(b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n'))


# Hosts that are not there --------------------------------------------------------------------------------------------

ENDS |= {
    "http://no-such-host.invalid/a": ("failed", "connection_failed"),
    "http://closed.example/a": ("failed", "connection_failed"),
    "https://self-signed.tls.example/a": ("failed", "tls_failed"),
    "https://not-tls.example/a": ("failed", "tls_failed"),
}


# Listings ------------------------------------------------------------------------------------------------------------

FALSE = "http://html-feed.example/feed"
at(FALSE)(always("200 OK", body=page("no feed")))
at("http://gone-feed.example/feed")(always("410 Gone"))


def moving(host: str, step: int, *lines: str) -> None:
    """A feed of the five newest entries, with `step` new ones in every batch; validators that never change."""

    async def serve(ask: Ask) -> None:
        if lines and "if-none-match" in ask.headers:
            await ask.whole(b"", "304 Not Modified", *lines)
            return
        newest = ask.batch * step
        await ask.whole(feed([f"http://{host}/{n}" for n in range(newest, newest + 5)]), "200 OK", *lines)

    ROUTES[f"http://{host}/feed"] = serve
    ROUTES[f"http://{host}/*"] = fine


async def flaps(ask: Ask) -> None:
    """A feed that cannot be had in the first batch."""
    if ask.batch == 1:
        await ask.whole("broken", "500 Internal Server Error")
    else:
        await ask.whole(feed(["http://flap-feed.example/a"]))


moving("rolling.example", 10)
moving("overlap.example", 2)
moving("lying-feed.example", 5, 'ETag: "for ever"')
at("http://flap-feed.example/feed")(flaps)
stored("http://flap-feed.example/a")
INVALID = ["http://[::1/a", "javascript:alert(1)", "http://quay.example:99999/a"]


@at("http://desk.example/feed")
async def desk(ask: Ask) -> None:
    """Lists every URL whose end is known, those that robots.txt bars however spelled, and some that are none."""
    await ask.whole(feed([*ENDS, *BARRED, *INVALID]), "200 OK", 'ETag: "desk"')


FEEDS = [
    f"http://{host}.example/feed"
    for host in (
        "desk", "rolling", "overlap", "lying-feed", "drip-feed", "zipped-feed", "shorter-feed", "html-feed",
        "gone-feed", "always-304-feed", "flap-feed",
    )
]  # fmt: skip
