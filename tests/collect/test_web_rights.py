"""What publishers reserve against machines: recorded with every page, and obeyed where a setting says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from collect_site import Handler, Site, page, visiting

from pipeline.collect import Web, scan
from pipeline.collect.rights import in_headers
from pipeline.collect.web import Answer

URL = "http://quay.example/a"
ROBOTS = "http://quay.example/robots.txt"
NO_AI = page("User-agent: *\nDisallow: /desk\n\nUser-agent: GPTBot\nUser-agent: CCBot\nDisallow: /")


def asking(routes: dict[str, Handler], home: Path | None = None, **settings: Any) -> tuple[Answer, Site]:
    site = Site(routes)

    async def visit(web: Web) -> Answer:
        return await web.get(URL, kind="article", source_id="quay")

    return visiting(site, visit, home, **settings), site


def test_a_page_without_reservations_has_none() -> None:
    answer, _ = asking({URL: page(X_Robots_Tag="max-snippet: 20, nofollow", TDM_Reservation="0")})
    assert answer.last.rights is None


def test_reservations_of_robots_txt_and_headers_stand_in_one_order() -> None:
    headers = {"tdm_policy": "https://quay.example/tdm;1", "TDM_Reservation": "1", "X_Robots_Tag": "NoAI, noimageai"}
    answer, _ = asking({ROBOTS: NO_AI, URL: page(**headers)})
    assert answer.last.outcome == "fetched"
    assert answer.last.rights == (
        "robots.txt: CCBot, GPTBot disallowed; X-Robots-Tag: noai, noimageai; tdm-reservation: 1; "
        "tdm-policy: https://quay.example/tdm1"
    )


def test_the_reservations_are_those_of_the_host_that_answered() -> None:
    routes = {ROBOTS: NO_AI, URL: page("", 301, Location="http://pier.example/a"), "http://pier.example/a": page()}
    assert asking(routes)[0].last.rights is None


@pytest.mark.parametrize(
    ("values", "said", "is_reserved"),
    [
        *(((b"noai",), "X-Robots-Tag: noai", True), ((b"noindex, nofollow",), "X-Robots-Tag: noindex", False)),
        *(((b"googlebot: noai, noindex",), None, False), ((b"GPTBot: noai",), "X-Robots-Tag: GPTBot: noai", True)),
        ((b"googlebot: noindex", b"newsledger: noai"), "X-Robots-Tag: newsledger: noai", True),
        ((b"unavailable_after: 25 Jun 2030 15:00:00 PST, noai",), "X-Robots-Tag: noai", True),
        ((b"no\xff; ai",), None, False),
    ],
)
def test_directives_count_that_speak_to_all_to_us_or_to_agents_of_ai(
    values: tuple[bytes, ...], said: str | None, is_reserved: bool
) -> None:
    assert in_headers([(b"X-Robots-Tag", value) for value in values], "Newsledger") == (said, is_reserved)


def test_where_opt_outs_are_obeyed_what_robots_txt_reserves_is_not_requested() -> None:
    answer, site = asking({ROBOTS: NO_AI, URL: page()}, opt_outs="obey")
    assert (answer.last.outcome, answer.temporary) == ("robots_disallowed", False)
    assert answer.last.rights == "robots.txt: CCBot, GPTBot disallowed"
    assert answer.last.detail == "a reservation is obeyed: robots.txt: CCBot, GPTBot disallowed"
    assert site.asked == []


@pytest.mark.parametrize("header", [{"X_Robots_Tag": "noai"}, {"tdm_reservation": "1"}])
def test_where_opt_outs_are_obeyed_a_page_that_reserves_itself_is_not_kept(
    header: dict[str, str], tmp_path: Path
) -> None:
    answer, _ = asking({URL: page(**header)}, tmp_path, opt_outs="obey")
    last = answer.last
    assert (last.outcome, last.status_code, answer.body) == ("robots_disallowed", 200, b"")
    assert (last.warc_file, last.content_hash) == (None, None)
    assert URL not in [d.target_uri for d in scan(tmp_path / "archive/0-00.warc.gz")]


def test_a_page_that_only_asks_not_to_be_indexed_is_kept_also_then() -> None:
    assert asking({URL: page(X_Robots_Tag="noindex")}, opt_outs="obey")[0].last.outcome == "fetched"
