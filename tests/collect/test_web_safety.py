"""What is never asked, sent or followed: private addresses however they are spelled, other schemes, injected lines."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any

import pytest
from aiohttp import web as server
from aiohttp.abc import ResolveResult
from collect_site import NOW, Handler, Site, page, visiting

from pipeline.collect import Web
from pipeline.collect.resolver import AddressRefused, Resolver, is_public
from pipeline.collect.web import Answer

URL = "http://quay.example/a"


def asking(routes: dict[str, Handler], url: str = URL, **known: Any) -> tuple[Answer, Site]:
    site = Site(routes)

    async def visit(web: Web) -> Answer:
        return await web.get(url, kind="article", source_id="quay", **known)

    return visiting(site, visit), site


PRIVATE = [
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"),
    *("255.255.255.255", "198.18.0.1", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "127.1", "017700000001"),
    *("[::1]", "[::]", "[fd00:ec2::254]", "[fe80::1]", "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[::7f00:1]"),
    *("[64:ff9b::7f00:1]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[ff02::1]", "[fec0::1]", "localhost"),
]


@pytest.mark.parametrize("host", PRIVATE)
def test_a_private_address_is_refused_however_it_is_spelled(host: str) -> None:
    answer, site = asking({}, f"http://{host}/x")
    assert {f.outcome for f in answer.fetches} == {"address_refused"}
    assert site.requests == []


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "[::ffff:127.0.0.1]"])
def test_a_redirect_to_a_private_address_is_refused_also_for_a_robots_txt(host: str) -> None:
    there = page("", 302, Location=f"http://{host}/x")
    refused = ("address_refused", "invalid")
    answer, site = asking({URL: there})
    assert answer.last.outcome in refused
    assert site.asked == [URL]
    answer, site = asking({URL: page(), "http://quay.example/robots.txt": there})
    assert answer.fetches[0].outcome in refused
    assert len([u for u, _, _ in site.requests if u.endswith("robots.txt")]) == 1


class Names(Resolver):
    """A resolver whose system gives one answer after the other."""

    def __init__(self, *answers: list[str]) -> None:
        super().__init__()
        self.answers = list(answers)

    async def _ask(self, host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
        found = self.answers.pop(0)
        return [
            ResolveResult(hostname=host, host=a, port=port, family=socket.AF_INET6 if ":" in a else socket.AF_INET,
                          proto=0, flags=socket.AI_NUMERICHOST)
            for a in found
        ]  # fmt: skip


def test_of_public_and_private_addresses_of_a_name_only_the_public_are_used() -> None:
    names = Names(["10.0.0.1", "93.184.215.14", "::1"], ["10.0.0.1", "::ffff:10.0.0.1"])
    assert [a["host"] for a in asyncio.run(names.resolve("quay.example"))] == ["93.184.215.14"]
    with pytest.raises(AddressRefused):
        asyncio.run(names.resolve("quay.example"))


def test_a_name_that_has_become_private_is_not_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site({URL: page()})

    async def rebound(self: Resolver, host: str, port: int = 0, family: object = None) -> list[ResolveResult]:
        # A resolver that is fooled: the look at the address that is connected to is the last one.
        return await Names(["127.0.0.1"])._ask(host, site.port, socket.AF_INET)

    monkeypatch.setattr(Resolver, "resolve", rebound)

    async def visit(web: Web) -> Answer:
        return await web.get(URL, kind="article", source_id="quay")

    answer = visiting(site, visit, max_attempts=1)
    assert answer.last.outcome == "address_refused"
    assert site.requests == []


def test_an_ipv6_address_that_nobody_was_given_is_not_public() -> None:
    assert not is_public("4000::1")
    assert is_public("2a00:1450:4001:800::200e")


@pytest.mark.parametrize(
    "location",
    [
        *("file:///etc/passwd", "ftp://quay.example/a", "javascript:alert(1)", "data:text/html,x", "gopher://x/1"),
        *("http://user:secret@quay.example/b", "http://quay.example:99999/", "http://quay.example:0/", "http://[::1"),
        "x" * 5000,
    ],
)
def test_a_redirect_to_what_is_no_page_of_the_web_is_invalid(location: str) -> None:
    answer, site = asking({URL: page("", 302, Location=location)})
    assert answer.last.outcome == "invalid"
    assert site.asked == [URL]


def test_a_redirect_with_a_second_header_in_it_is_not_followed() -> None:
    async def injected(request: server.Request) -> server.StreamResponse:
        assert request.transport is not None
        request.transport.write(b"HTTP/1.1 302 Found\r\nLocation: /b\x00\x0b/c\r\nContent-Length: 0\r\n\r\n")
        return server.Response()

    answer, site = asking({URL: injected, "http://quay.example/b": page()})
    assert answer.last.outcome in ("invalid", "connection_failed")
    assert set(site.asked) == {URL}


def test_validators_that_would_break_a_line_are_not_sent() -> None:
    answer, site = asking({URL: page()}, etag='"a"\r\nX-Evil: 1', last_modified="yesterday\n")
    sent = site.requests[-1][1]
    assert answer.last.outcome == "fetched"
    assert not {"If-None-Match", "If-Modified-Since", "X-Evil"} & set(sent)
    assert answer.last.conditional is False


def test_a_fetch_says_whether_validators_were_sent() -> None:
    assert asking({URL: page()}, etag='"a"')[0].last.conditional is True


def test_requests_carry_nothing_but_who_asks_and_what_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    routes = {URL: page("", 302, Location="/b", Set_Cookie="id=1; Path=/"), "http://quay.example/b": page()}
    answer, site = asking(routes)
    assert answer.last.outcome == "fetched"
    for _, headers, _ in site.requests:
        assert set(headers) <= {"Host", "User-Agent", "Accept", "Accept-Encoding"}


def test_a_url_that_no_client_would_send_is_an_outcome_too() -> None:
    for url in ("http://quay.example:70000/", "http://a b.example/", "http:///x", "nonsense"):
        answer, site = asking({}, url)
        assert {f.outcome for f in answer.fetches} == {"invalid"}, url
        assert site.requests == []


@pytest.mark.parametrize("where", ["http://quay.example/a{}", "http://quay.example/{}?a", "http://quay{}.example/"])
def test_a_url_with_a_line_break_is_not_requested(where: str) -> None:
    answer, site = asking({}, where.format(" HTTP/1.1\r\nX-Evil: 1\r\n"))
    assert (answer.last.outcome, site.requests) == ("invalid", [])


def test_where_permanent_redirects_lead_is_told_and_the_way_is_recorded() -> None:
    routes = {
        URL: page("", 301, Location="/b"),
        "http://quay.example/b": page("", 308, Location="/c"),
        "http://quay.example/c": page("", 302, Location="/d"),
        "http://quay.example/d": page(),
    }
    answer, _ = asking(routes)
    assert answer.moved_to == "http://quay.example/c"
    assert (answer.last.outcome, answer.last.detail) == ("fetched", "redirected: 301, 308, 302")
    assert asking(routes, "http://quay.example/c")[0].moved_to is None
    assert answer.last.fetched_at == NOW


def test_names_that_do_not_resolve_hold_up_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ended = threading.Semaphore(0), threading.Event()
    really = socket.getaddrinfo

    def slowly(host: Any, *args: Any, **more: Any) -> Any:
        if str(host).startswith("dead"):
            begun.release()
            ended.wait(20)
            raise socket.gaierror(-3, "Temporary failure in name resolution")
        return really("127.0.0.1" if host == "quay.test" else host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    site = Site({})

    async def visit(web: Web) -> Answer:
        dead = [asyncio.create_task(web.get(f"http://dead{n}.test/", kind="feed", source_id="s")) for n in range(30)]
        try:
            while not begun.acquire(blocking=False):
                await asyncio.sleep(0.01)
            return await web.get(f"http://quay.test:{site.port}/a", kind="article", source_id="s")
        finally:
            ended.set()
            await asyncio.gather(*dead)

    site.routes["http://quay.test/a"] = page()
    answer = visiting(site, visit, allow_private=True, max_attempts=1, timeout=3.0, concurrent=64)
    assert answer.last.outcome in ("fetched", "not_found")
