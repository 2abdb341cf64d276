"""robots.txt as RFC 9309 reads it: whom a group is for, what it allows, and what real files get wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.collect.robots import AI_AGENTS, LARGEST, Rules

SITE = "https://quay.example"


def rules(text: str | bytes) -> Rules:
    return Rules.of(text, "Newsledger")


def allowed(text: str | bytes, path: str) -> bool:
    return rules(text).allows(SITE + path)


def test_without_rules_everything_is_allowed() -> None:
    assert allowed("", "/a")
    assert allowed("User-agent: *\nDisallow:", "/a")


def test_a_group_of_our_own_stands_before_the_one_for_all() -> None:
    text = "User-agent: *\nDisallow: /\n\nUser-agent: newsLEDGER\nDisallow: /desk"
    assert allowed(text, "/a")
    assert not allowed(text, "/desk/1")


@pytest.mark.parametrize(
    "name", ["Newsledger/2.0", "Newsledger 2", "newsledger*", "Other, Newsledger", "Newsledger # us"]
)
def test_our_product_token_is_known_with_what_follows_it(name: str) -> None:
    assert not allowed(f"User-agent: {name}\nDisallow: /", "/a")


@pytest.mark.parametrize("name", ["News", "ledger", "Newsledger2", "Newsledger-Image", "*News*"])
def test_another_product_token_is_not_ours(name: str) -> None:
    assert allowed(f"User-agent: {name}\nDisallow: /", "/a")


def test_groups_of_one_agent_are_one_group() -> None:
    text = "User-agent: Newsledger\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: newsledger\nDisallow: /b"
    assert [allowed(text, path) for path in ("/a", "/b", "/c")] == [False, False, True]


def test_agents_named_one_after_the_other_share_their_rules() -> None:
    text = "User-agent: x\n\n# and\nUser-agent: Newsledger\nDisallow: /a"
    assert not allowed(text, "/a")


@pytest.mark.parametrize("line", ["Sitemap: https://quay.example/s.xml", "Crawl-delay: 3", "Mood: fair", "what?"])
def test_lines_that_are_no_rules_do_not_end_a_list_of_agents(line: str) -> None:
    assert not allowed(f"User-agent: Newsledger\n{line}\nUser-agent: x\nDisallow: /a", "/a")


def test_rules_before_any_agent_are_for_nobody() -> None:
    assert allowed("Disallow: /\nUser-agent: x\nDisallow: /", "/a")


@pytest.mark.parametrize(
    ("patterns", "path", "is_allowed"),
    [
        *(("Disallow: /a\nAllow: /a/b", "/a/b/c", True), ("Allow: /a/b\nDisallow: /a", "/a/c", False)),
        *(("Allow: /a\nDisallow: /a", "/a", True), ("Disallow: /A", "/a", True), ("Disallow: /a", "/abc", False)),
        *(("Disallow: /*.pdf$", "/x/y.pdf", False), ("Disallow: /*.pdf$", "/x/y.pdf?z", True)),
        *(("Disallow: /a$", "/a", False), ("Disallow: /a$", "/a/b", True), ("Disallow: /a*b*c", "/a1b2c3", False)),
        *(("Disallow: *print", "/a/print.html", False), ("Disallow: /*?page=", "/a?page=2", False)),
        *(("Disallow: /a$b", "/a$b", False), ("Disallow: a", "/a", True), ("Disallow: /*/b$", "/a/b/b", False)),
        *(("Disallow: /*ab*ab$", "/ab", True), ("Disallow: /*ab*ab$", "/abab", False), ("Disallow: /*", "/", False)),
        *(("Disallow: /", "/robots.txt", True), ("Disallow /a", "/a", False), ("Dissalow: /a", "/a", False)),
    ],
)
def test_the_longest_pattern_decides(patterns: str, path: str, is_allowed: bool) -> None:
    assert allowed(f"User-agent: *\n{patterns}", path) is is_allowed


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        *(("/f%C3%A4hre", "/f%C3%A4hre", True), ("/fähre", "/f%C3%A4hre", True), ("/f%c3%a4hre", "/f%C3%A4hre", True)),
        *(("/foo/bar/%62%61%7A", "/foo/bar/baz", True), ("/a%2Fb", "/a/b", False), ("/a/b", "/a%2Fb", False)),
        *(("/q?u=https%3A%2F%2Ffoo.bar", "/q?u=https://foo.bar", True), ("/a%2a", "/ab", False)),
        *(("/a%2a", "/a*", True), ("/a%", "/a%25", True), ("/a b", "/a%20b", True), ("/a%24", "/a$", True)),
        *(("/q?a%26b", "/q?a&b", False), ("/a,b", "/a%2Cb", True)),
    ],
)
def test_escapes_are_compared_as_what_they_stand_for(pattern: str, path: str, matches: bool) -> None:
    assert allowed(f"User-agent: *\nDisallow: {pattern}", path) is not matches


def test_bytes_of_another_charset_match_their_escapes() -> None:
    assert not allowed("User-agent: *\nDisallow: /fähre".encode("latin-1"), "/f%E4hre")


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_lines_end_in_any_of_the_three_ways_and_in_no_other(end: str) -> None:
    assert not allowed(end.join(["User-agent: *", "Disallow: /a"]), "/a")
    assert allowed(f"User-agent: *{end}Disallow: /a\x0bDisallow: /b", "/b")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_the_first_line(encoding: str) -> None:
    assert not allowed("User-agent: *\nDisallow: /a".encode(encoding), "/a")


def test_a_page_in_place_of_a_robots_txt_says_nothing() -> None:
    assert allowed("<!doctype html><html><body>Allow cookies: yes\n<p>Disallow nothing: /</p></html>", "/a")


def test_what_comes_before_the_cap_is_used_and_a_line_that_it_cuts_is_not() -> None:
    start = b"User-agent: *\nDisallow: /a\n"
    last = b"Disallow: /bcd"
    body = start + b"#" * (LARGEST - len(start) - len(last) + 1) + b"\n" + last
    assert len(body) > LARGEST
    assert [allowed(body, path) for path in ("/a", "/bc", "/bcd")] == [False, True, True]
    assert Rules.of(start + last, "Newsledger", cut=True).allows(SITE + "/bcd")


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        *(("User-agent: *\nCrawl-delay: 2.5", 2.5), ("User-agent: *\nDisallow: /a\ncrawl-delay:3", 3.0)),
        *(("User-agent: x\nCrawl-delay: 9\nUser-agent: *\nDisallow: /a", None), ("Crawl-delay: 9", None)),
        *(("User-agent: *\nCrawl-delay: soon", None), ("User-agent: *\nCrawl-delay: 1e9", None)),
        *(("User-agent: *\nCrawl-delay: 9\nUser-agent: Newsledger\nCrawl-delay: 1", 1.0),),
    ],
)
def test_the_crawl_delay_is_the_one_that_names_us(text: str, delay: float | None) -> None:
    assert rules(text).delay == delay


def test_sitemaps_are_for_everyone() -> None:
    text = "Sitemap: https://a.example/1.xml\nUser-agent: x\nSitemap https://a.example/2.xml\nDisallow: /"
    assert rules(text).sitemaps == ["https://a.example/1.xml", "https://a.example/2.xml"]


def test_agents_that_gather_for_ai_are_named_where_a_group_of_theirs_bars_them() -> None:
    text = (
        "User-agent: *\nDisallow: /desk\n\nUser-agent: gptbot\nUser-agent: CCBot\nDisallow: /\n\n"
        "User-agent: PerplexityBot\nDisallow: /archive\n\nUser-agent: Googlebot\nDisallow: /"
    )
    assert rules(text).reserved(SITE + "/a") == ["CCBot", "GPTBot"]
    assert rules(text).reserved(SITE + "/archive/1") == ["CCBot", "GPTBot", "PerplexityBot"]


def test_a_content_signal_says_which_uses_it_refuses() -> None:
    assert rules("User-agent: *\nContent-Signal: search=yes, ai-train=no, ai-input=no\nAllow: /").signals == [
        "ai-input=no",
        "ai-train=no",
    ]


def test_the_agents_are_listed_in_order() -> None:
    assert list(AI_AGENTS) == sorted(AI_AGENTS, key=str.lower)


lines = st.lists(
    st.tuples(
        st.sampled_from(["User-agent", "disallow", "Allow", "Crawl-delay", "Sitemap", "", "Content-Signal", "\ufeff"]),
        st.sampled_from([":", " : ", " ", "::", ""]),
        st.text(alphabet=st.sampled_from("/*$%?#aAé2F \t\x00\u2028"), max_size=30) | st.sampled_from(["*", "GPTBot"]),
    ).map("".join),
    max_size=30,
).map("\n".join)


@settings(max_examples=150, deadline=None)
@given(text=lines | st.text(max_size=200), path=st.text(alphabet=st.sampled_from("/*$%?&=aA2F.é"), max_size=40))
def test_any_text_has_rules(text: str, path: str) -> None:
    found = rules(text)
    assert found.allows(f"{SITE}/{path}") in (True, False)
    assert set(found.reserved(f"{SITE}/{path}")) <= set(AI_AGENTS)
    assert found.delay is None or found.delay >= 0


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_have_rules(body: bytes) -> None:
    assert rules(b"User-agent: *\nDisallow: " + body).allows(SITE + "/a") in (True, False)


@pytest.mark.parametrize(
    "text",
    [
        "User-agent: *\nDisallow: /" + "*" * 400_000 + "$",
        "User-agent: *\nDisallow: /" + "*a" * 200_000 + "$",
        "User-agent: *\n" + "Disallow: /*a*b*c*d*e*f$\n" * 20_000,
        "User-agent: *\n" + "".join(f"Disallow: /{n}*x\n" for n in range(25_000)),
        "".join(f"User-agent: a{n}\n" for n in range(15_000)) + "Disallow: /b\n" * 20_000,
        "User-agent: GPTBot\nCrawl-delay: 1\n" * 15_000,
        "User-agent: *\nUser-agent: CCBot\n" * 6_000 + "Disallow: /b\n" * 20_000,
        "\r" * LARGEST,
        ":" * LARGEST,
    ],
)
def test_a_hostile_file_takes_no_more_than_its_length_would(text: str) -> None:
    # It ends: what grows faster than the file would not, within the patience of anybody who runs this.
    found = rules(text)
    assert found.allows(SITE + "/" + "a" * 4000) in (True, False)
    found.reserved(SITE + "/a")
