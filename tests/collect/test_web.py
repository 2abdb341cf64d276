"""Asking the web, over real HTTP on loopback: what each answer is called, and what is asked at all."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web as server
from collect_site import NOW, Handler, Site, in_turn, page, visiting

from pipeline.collect import ArchiveReader, Web, scan
from pipeline.collect.resolver import Resolver, is_public
from pipeline.collect.web import Answer
from pipeline.errors import ConfigurationError

URL = "http://quay.example/a"


def asking(
    routes: dict[str, Handler], url: str = URL, home: Path | None = None, **settings: Any
) -> tuple[Answer, Site]:
    """The answer to one URL of a site, and the site."""
    site = Site(routes)
    known = {k: settings.pop(k) for k in ("etag", "last_modified", "content_hash", "kind") if k in settings}

    async def visit(web: Web) -> Answer:
        return await web.get(url, source_id="quay", **({"kind": "article"} | known))

    return visiting(site, visit, home, **settings), site


def outcomes(answer: Answer) -> list[str]:
    """Outcomes of every attempt at the URL, robots.txt aside."""
    return [f.outcome for f in answer.fetches if f.kind != "robots"]


def test_a_page_that_comes_is_a_fetch_and_stands_in_the_archive(tmp_path: Path) -> None:
    answer, _ = asking({URL: page("<html><p>Fähre</p></html>", ETag='"v1"')}, home=tmp_path)
    fetch = answer.last
    assert (fetch.outcome, fetch.status_code, fetch.attempt, fetch.etag) == ("fetched", 200, 1, '"v1"')
    assert (fetch.content_type, answer.charset, fetch.body_bytes) == ("text/html", "utf-8", len(answer.body))
    assert fetch.fetched_at == NOW
    assert fetch.warc_file is not None
    assert fetch.warc_offset is not None
    with ArchiveReader(tmp_path) as reader:
        document = reader.read(fetch.warc_file, fetch.warc_offset)
    assert document.body == answer.body == "<html><p>Fähre</p></html>".encode()
    assert (document.record_id, document.target_uri, document.date) == (fetch.fetch_id, URL, NOW)


def test_robots_txt_is_read_once_before_the_first_request_to_a_host() -> None:
    site = Site({URL: page(), "http://quay.example/b": page()})

    async def visit(web: Web) -> list[Answer]:
        return [await web.get(u, kind="article", source_id="quay") for u in (URL, "http://quay.example/b")]

    first, second = visiting(site, visit)
    assert [f.kind for f in first.fetches] == ["robots", "article"]
    assert [f.kind for f in second.fetches] == ["article"]
    assert first.fetches[0].outcome == "not_found"
    assert first.fetches[0].url == "http://quay.example/robots.txt"


def test_what_robots_txt_disallows_is_not_requested() -> None:
    rules = page("User-agent: *\nDisallow: /a\nAllow: /b", Content_Type="text/plain")
    answer, site = asking({"http://quay.example/robots.txt": rules, URL: page()})
    assert outcomes(answer) == ["robots_disallowed"]
    assert answer.last.status_code is None
    assert site.asked == []


def test_a_robots_txt_in_trouble_disallows_for_now() -> None:
    answer, site = asking({"http://quay.example/robots.txt": page("", 500), URL: page()})
    assert outcomes(answer) == ["robots_disallowed"]
    assert answer.temporary
    assert site.asked == []


def test_an_unchanged_page_answers_not_modified_to_its_validators_byte_for_byte(tmp_path: Path) -> None:
    etag, date = 'W/"odd  one"', "Mon, 02 Mar 2026 05:00:00 GMT"
    answer, site = asking({URL: page("", 304)}, home=tmp_path, etag=etag, last_modified=date)
    assert outcomes(answer) == ["not_modified"]
    asked = site.requests[-1][1]
    assert (asked["If-None-Match"], asked["If-Modified-Since"]) == (etag, date)
    # The validators still hold, though the answer did not repeat them.
    assert (answer.last.etag, answer.last.last_modified) == (etag, date)
    assert [d.record_type for d in scan(tmp_path / "archive/0-00.warc.gz")][-3:] == ["revisit", "request", "metadata"]


def test_the_same_bytes_again_are_unchanged(tmp_path: Path) -> None:
    before, _ = asking({URL: page()})
    again, _ = asking({URL: page()}, home=tmp_path, content_hash=before.last.content_hash)
    assert outcomes(again) == ["unchanged"]
    assert "response" not in [d.record_type for d in scan(tmp_path / "archive/0-00.warc.gz") if d.target_uri == URL]


def test_too_many_requests_waits_as_told_and_tries_again() -> None:
    answer, site = asking({URL: in_turn(page("", 429, Retry_After="1"), page())})
    assert outcomes(answer) == ["rate_limited", "fetched"]
    assert [f.attempt for f in answer.fetches if f.kind == "article"] == [1, 2]
    waited = site.requests[-1][2] - site.requests[-2][2]
    assert 0.9 < waited < 5


def test_a_longer_wait_than_allowed_ends_the_tries() -> None:
    answer, _ = asking({URL: page("", 503, Retry_After="3600")})
    assert outcomes(answer) == ["rate_limited"]
    assert answer.retry_after == 3600


def test_server_errors_are_tried_until_the_attempts_are_used_up() -> None:
    answer, site = asking({URL: page("", 500)}, max_attempts=3)
    assert outcomes(answer) == ["server_error"] * 3
    assert len(site.asked) == 3


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(401, "forbidden"), (403, "forbidden"), (451, "forbidden"), (404, "not_found"), (410, "removed")],
)
def test_a_refusal_is_named_and_not_repeated(status: int, outcome: str) -> None:
    answer, site = asking({URL: page("", status)})
    assert outcomes(answer) == [outcome]
    assert len(site.asked) == 1


def test_redirects_are_followed_to_where_they_lead(tmp_path: Path) -> None:
    routes = {
        URL: page("", 301, Location="/b?utm_source=x"),
        "http://quay.example/b?utm_source=x": page("", 302, Location="http://pier.example/c"),
        "http://pier.example/c": page("<html>there</html>"),
    }
    answer, _ = asking(routes, home=tmp_path)
    assert (answer.last.outcome, answer.last.url, answer.last.final_url) == ("fetched", URL, "http://pier.example/c")
    assert len([f for f in answer.fetches if f.kind == "article"]) == 1
    kept = [d.target_uri for d in scan(tmp_path / "archive/0-00.warc.gz") if d.record_type == "response"]
    assert [u for u in kept if "robots" not in u] == list(routes)


def test_a_redirect_to_what_robots_txt_disallows_stops_there() -> None:
    routes = {
        URL: page("", 301, Location="http://pier.example/c"),
        "http://pier.example/robots.txt": page("User-agent: *\nDisallow: /"),
        "http://pier.example/c": page(),
    }
    answer, site = asking(routes)
    assert outcomes(answer) == ["robots_disallowed"]
    assert site.asked == [URL]


@pytest.mark.parametrize("length", [1, 2, 9])
def test_redirects_that_never_arrive_end(length: int) -> None:
    routes = {f"http://quay.example/{n}": page("", 302, Location=f"/{(n + 1) % length}") for n in range(length)}
    answer, site = asking(routes, "http://quay.example/0", max_redirects=5)
    assert outcomes(answer) == ["too_many_redirects"]
    assert len(site.asked) <= 6


def test_a_redirect_to_no_url_is_invalid() -> None:
    answer, _ = asking({URL: page("", 302, Location="mailto:desk@quay.example")})
    assert outcomes(answer) == ["invalid"]


def test_a_body_is_cut_off_at_the_size_limit(tmp_path: Path) -> None:
    answer, _ = asking({URL: page("<html>" + "x" * 300_000)}, home=tmp_path, max_bytes=100_000)
    assert outcomes(answer) == ["too_large"]
    assert answer.last.body_bytes == 100_000
    assert answer.body == b""


def test_a_small_body_that_unpacks_to_a_large_one_is_cut_off_too() -> None:
    async def bomb(request: server.Request) -> server.Response:
        answer = server.Response(body=b"<html>" + b"0" * 5_000_000, content_type="text/html")
        answer.enable_compression(server.ContentCoding.gzip)
        return answer

    answer, _ = asking({URL: bomb}, max_bytes=100_000)
    assert outcomes(answer) == ["too_large"]


def test_a_film_is_not_read() -> None:
    answer, _ = asking({URL: page(b"0" * 1000, Content_Type="video/mp4")})
    assert outcomes(answer) == ["unsupported_type"]
    assert answer.last.content_type == "video/mp4"


def test_a_pdf_without_a_type_is_known_by_its_bytes() -> None:
    answer, _ = asking({URL: page(b"%PDF-1.7", Content_Type="application/octet-stream")})
    assert outcomes(answer) == ["unsupported_type"]


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://[::1]/", "http://localhost/", "http://169.254.169.254/x"])
def test_private_addresses_are_refused(url: str) -> None:
    answer, site = asking({}, url)
    assert outcomes(answer) == ["address_refused"]
    assert site.requests == []


def test_a_redirect_into_the_private_network_is_refused() -> None:
    answer, site = asking({URL: page("", 302, Location="http://127.0.0.1/admin")})
    assert outcomes(answer) == ["address_refused"]
    assert site.asked == [URL]


def test_private_addresses_are_asked_where_settings_allow_it() -> None:
    site = Site({})

    async def visit(web: Web) -> Answer:
        return await web.get(f"http://127.0.0.1:{site.port}/x", kind="article", source_id="local")

    assert outcomes(visiting(site, visit, allow_private=True)) == ["not_found"]


def test_a_mapping_leads_a_host_to_another_port() -> None:
    mapping = Resolver("*.example=127.0.0.1:8080, quay.example=127.0.0.1:9090, pier.test=[::1]:81, moon.test=10.0.0.1")
    assert mapping.mapped("harbour.example") == ("127.0.0.1", 8080)
    assert mapping.mapped("quay.example") == ("127.0.0.1", 9090)
    assert mapping.mapped("pier.test") == ("::1", 81)
    assert mapping.mapped("moon.test") == ("10.0.0.1", None)
    assert mapping.mapped("example") is None


@pytest.mark.parametrize("mapping", ["quay.example", "=1.2.3.4", "quay.example=1.2.3.4:http", "quay.example=1.2.3.4:0"])
def test_a_mapping_that_cannot_be_read_is_a_configuration_error(mapping: str) -> None:
    with pytest.raises(ConfigurationError, match="RESOLVE"):
        Resolver(mapping)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        *(("93.184.215.14", True), ("2606:4700::1", True), ("10.1.2.3", False), ("100.64.0.1", False)),
        *(("::ffff:127.0.0.1", False), ("64:ff9b::a00:1", False), ("fe80::1%eth0", False), ("224.0.0.1", False)),
        # Where Azure tells its machines about themselves.
        *(("168.63.129.16", False), ("::ffff:168.63.129.16", False)),
    ],
)
def test_an_address_is_public_or_not_however_it_is_wrapped(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_nobody_answering_is_a_failed_connection_tried_again() -> None:
    answer, _ = asking({}, resolve="*.example=127.0.0.1:9", max_attempts=2)
    # Already robots.txt cannot be had, so the page is not asked for.
    assert [f.outcome for f in answer.fetches if f.kind == "robots"] == ["connection_failed"] * 2
    assert set(outcomes(answer)) == {"connection_failed"}


def test_a_server_that_speaks_no_tls_is_a_failed_handshake() -> None:
    answer, _ = asking({URL: page()}, "https://quay.example/a")
    assert outcomes(answer) == ["tls_failed"]


def test_a_validator_that_is_no_plain_text_is_not_kept() -> None:
    answer, _ = asking({URL: page(ETag='"Fähre"', Last_Modified="yesterday, or so")})
    assert (answer.last.etag, answer.last.last_modified) == (None, "yesterday, or so")


def test_a_silent_server_is_a_timeout() -> None:
    async def silent(request: server.Request) -> server.Response:
        await asyncio.sleep(5)
        return server.Response()

    answer, _ = asking({URL: silent}, timeout=0.2, max_attempts=1)
    assert outcomes(answer) == ["timeout"]


def test_an_answer_that_breaks_off_is_a_failed_connection(tmp_path: Path) -> None:
    async def short(request: server.Request) -> server.StreamResponse:
        answer = server.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "text/html"})
        await answer.prepare(request)
        await answer.write(b"<html>")
        assert request.transport is not None
        request.transport.close()
        return answer

    answer, _ = asking({URL: short}, home=tmp_path, max_attempts=1)
    assert outcomes(answer) == ["connection_failed"]
    assert answer.last.warc_file is None


def test_a_host_is_asked_one_thing_at_a_time_with_a_pause() -> None:
    urls = [f"http://quay.example/{n}" for n in range(3)]
    site = Site(dict.fromkeys(urls, page()))

    async def visit(web: Web) -> None:
        await asyncio.gather(*(web.get(u, kind="article", source_id="quay") for u in urls))

    visiting(site, visit, host_delay=0.1)
    times = [at for _, _, at in site.requests]
    assert all(later - earlier >= 0.095 for earlier, later in pairwise(times))


def test_a_crawl_delay_longer_than_ours_is_kept() -> None:
    routes = {"http://quay.example/robots.txt": page("User-agent: *\nCrawl-delay: 0.4"), URL: page()}
    _, site = asking(routes, host_delay=0.0)
    assert site.requests[1][2] - site.requests[0][2] >= 0.38


def test_hosts_are_asked_side_by_side() -> None:
    async def slow(request: server.Request) -> server.Response:
        await asyncio.sleep(0.3)
        return server.Response(text="<html>", content_type="text/html")

    urls = [f"http://quay-{n}.example/a" for n in range(6)]
    site = Site(dict.fromkeys(urls, slow))

    async def visit(web: Web) -> float:
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(web.get(u, kind="article", source_id="quay") for u in urls))
        return asyncio.get_running_loop().time() - began

    assert visiting(site, visit) < 1.5
