"""How a robots.txt is asked for, over real HTTP on loopback: who answers for it, and what its absence means."""

from __future__ import annotations

from typing import Any

import pytest
from collect_site import Handler, Site, in_turn, page, visiting

from pipeline.collect import Web
from pipeline.collect.robots import LARGEST
from pipeline.collect.web import Answer

ROBOTS = "http://quay.example/robots.txt"
URL = "http://quay.example/a"
BARRED = page("User-agent: *\nDisallow: /a", Content_Type="text/plain")


def asking(routes: dict[str, Handler], *urls: str, **settings: Any) -> tuple[list[Answer], Site]:
    """The answers to some URLs of a site, by one Web, and the site."""
    site = Site(routes)

    async def visit(web: Web) -> list[Answer]:
        return [await web.get(url, kind="article", source_id="quay") for url in urls or (URL,)]

    return visiting(site, visit, **settings), site


@pytest.mark.parametrize("hops", [1, 5])
def test_redirects_of_a_robots_txt_are_followed_to_other_hosts_and_its_rules_hold_for_the_first(hops: int) -> None:
    routes = {ROBOTS: page("", 301, Location="http://h1.example/r")}
    routes |= {f"http://h{n}.example/r": page("", 302, Location=f"http://h{n + 1}.example/r") for n in range(1, hops)}
    routes |= {f"http://h{hops}.example/r": BARRED, URL: page(), f"http://h{hops}.example/a": page()}
    answers, site = asking(routes, URL, f"http://h{hops}.example/a", max_redirects=1)
    assert [a.last.outcome for a in answers] == ["robots_disallowed", "fetched"]
    assert URL not in site.asked


def test_a_robots_txt_that_is_redirected_for_ever_is_none() -> None:
    routes = {f"http://quay.example/{n}": page("", 302, Location=f"/{n + 1}") for n in range(20)}
    answers, site = asking(routes | {ROBOTS: page("", 302, Location="/0"), URL: page()})
    assert answers[0].last.outcome == "fetched"
    assert len(site.requests) == 1 + 5 + 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_robots_txt_that_is_refused_or_missing_allows_everything(status: int) -> None:
    answers, _ = asking({ROBOTS: page("User-agent: *\nDisallow: /", status), URL: page()})
    assert answers[0].last.outcome == "fetched"


@pytest.mark.parametrize("status", [429, 500, 503, 599])
def test_a_robots_txt_in_trouble_disallows_in_this_batch_and_is_asked_again_in_the_next(status: int) -> None:
    site = Site({ROBOTS: in_turn(page("", status), page("", status), page("", 404)), URL: page()})

    async def visit(web: Web) -> list[Answer]:
        return [await web.get(u, kind="article", source_id="quay") for u in (URL, "http://quay.example/b")]

    first = visiting(site, visit, max_attempts=2)
    assert [(a.last.outcome, a.temporary) for a in first] == [("robots_disallowed", True)] * 2
    assert site.asked == []
    assert [a.last.outcome for a in visiting(site, visit)] == ["fetched", "not_found"]


def test_an_unreachable_robots_txt_is_not_asked_for_again_with_every_url() -> None:
    site = Site({})
    urls = [f"http://quay.example/{n}" for n in range(3)]

    async def visit(web: Web) -> list[Answer]:
        return [await web.get(u, kind="article", source_id="quay") for u in urls]

    answers = visiting(site, visit, resolve="*.example=127.0.0.1:9", max_attempts=2)
    assert [len(a.fetches) for a in answers] == [3, 1, 1]
    assert all(a.temporary and a.last.outcome == "connection_failed" for a in answers)


def test_each_origin_has_its_own_robots_txt_asked_for_once() -> None:
    routes = {ROBOTS: BARRED, "http://pier.example/a": page(), "http://pier.example/b": page()}
    answers, site = asking(routes, URL, "http://pier.example/a", "http://quay.example/a?x", "http://pier.example/b")
    assert [a.last.outcome for a in answers] == ["robots_disallowed", "fetched", "robots_disallowed", "fetched"]
    assert sorted(u for u, _, _ in site.requests if u.endswith("robots.txt")) == [
        "http://pier.example/robots.txt",
        ROBOTS,
    ]


def test_what_comes_before_the_cap_counts_and_no_more_is_read() -> None:
    endless = "User-agent: *\nDisallow: /a\n" + "# more of the same\n" * (4 * LARGEST // 19) + "Disallow: /b"
    routes = {ROBOTS: page(endless, Content_Type="text/plain"), URL: page(), "http://quay.example/b": page()}
    answers, _ = asking(routes, URL, "http://quay.example/b")
    assert [a.last.outcome for a in answers] == ["robots_disallowed", "fetched"]
    robots = answers[0].fetches[0]
    assert (robots.outcome, robots.body_bytes) == ("too_large", LARGEST)


def test_a_robots_txt_that_is_none_by_its_type_allows_everything() -> None:
    answers, _ = asking({ROBOTS: page(b"\x89PNG\r\n", Content_Type="image/png"), URL: page()})
    assert answers[0].last.outcome == "fetched"


def test_a_packed_robots_txt_is_unpacked() -> None:
    import gzip

    packed = gzip.compress(b"User-agent: Newsledger\nDisallow: /a")
    routes = {ROBOTS: page(packed, Content_Type="text/plain", Content_Encoding="gzip"), URL: page()}
    assert asking(routes)[0][0].last.outcome == "robots_disallowed"


@pytest.mark.parametrize("encoding", ["gzip", "ISO-8859-1", "zstd"])
@pytest.mark.parametrize("start", ["# our rules\n", "\ufeff", "\ufeff# our rules\n"])
def test_a_robots_txt_holds_whatever_encoding_it_claims(encoding: str, start: str) -> None:
    body = f"{start}User-agent: *\nDisallow: /a"
    answers, site = asking({ROBOTS: page(body, Content_Type="text/plain", Content_Encoding=encoding), URL: page()})
    assert answers[0].last.outcome == "robots_disallowed"
    assert site.asked == []


@pytest.mark.parametrize(
    "answered",
    [
        page(b"\0\1\2", Content_Type="text/plain", Content_Encoding="gzip"),
        page("", 304),
        page("", 301, Location="http://[quay"),
    ],
)
def test_a_robots_txt_that_cannot_be_understood_allows_nothing_for_now(answered: Handler) -> None:
    answers, site = asking({ROBOTS: answered, URL: page()}, max_attempts=1)
    assert (answers[0].last.outcome, answers[0].temporary) == ("robots_disallowed", True)
    assert site.asked == []


def test_a_picture_in_the_place_of_robots_txt_is_none() -> None:
    answers, _ = asking({ROBOTS: page(b"\x89PNG", Content_Type="image/png"), URL: page()})
    assert answers[0].last.outcome == "fetched"
