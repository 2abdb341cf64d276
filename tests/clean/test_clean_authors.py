"""Names come out of bylines of many kinds, and agencies are known by theirs."""

from __future__ import annotations

import pytest
from invented import BODY, cleaned, html, ld, meta, paragraphs

from pipeline.clean.agencies import agencies, agency
from pipeline.clean.authors import clean_names

SITE = meta(og__site_name="The Gazette")
LONG = paragraphs(*BODY)


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("MARTA FENWICK", ["Marta Fenwick"]),
        ("Dr. Marta Fenwick", ["Marta Fenwick"]),
        ("Prof. Dr. Ida Brandt", ["Ida Brandt"]),
        ("김민수 기자", ["김민수"]),
        ("김민수 기자 외 1명", ["김민수"]),
        ("本報記者 王小明", ["王小明"]),
        ("Oleh: Siti Rahma", ["Siti Rahma"]),
        ("Автор: Анна Белова и Пётр Орлов", ["Анна Белова", "Пётр Орлов"]),
        ("LENA ORTH and TOM OKORO Associated Press", ["Lena Orth", "Tom Okoro", "Associated Press"]),
        ("Jeff Lamb Monday, November 18, 2019", ["Jeff Lamb"]),
        ("Le Rivage avec AFP", ["Le Rivage", "AFP"]),
        ("Deutsche Presse-Agentur", ["Deutsche Presse-Agentur"]),
        ("Dan Brook", ["Dan Brook"]),
    ],
)
def test_names_are_taken_out_of_bylines_of_many_languages(written: str, names: list[str]) -> None:
    assert clean_names([written]) == names


def test_an_agency_beside_a_person_is_an_author_and_the_paper_is_none() -> None:
    authors = [
        {"@type": "Person", "name": "Ida Brandt"},
        {"@type": "Organization", "name": "dpa"},
        {"@type": "Organization", "name": "The Gazette"},
    ]
    assert cleaned(html(head=SITE + ld(headline="Light", author=authors))).authors == ["Ida Brandt", "dpa"]


@pytest.mark.parametrize(
    "byline",
    [
        '<div class="byline">Marta Fenwick<br>Gazette Weekly<br>Published 10:02 AM Nov 19, 2025</div>',
        '<div class="meta"><span>Marta Fenwick&nbsp;|</span><span class="post-date">1 March 2026</span></div>',
        '<div data-testid="byline">By Marta Fenwick</div>',
        '<p class="posted-by">Marta Fenwick, staff writer</p>',
    ],
)
def test_the_name_is_found_in_bylines_of_several_lines_and_beside_dates(byline: str) -> None:
    assert cleaned(html(byline + LONG)).authors == ["Marta Fenwick"]


@pytest.mark.parametrize(
    "signature",
    [
        '<p style="text-align:right">Marta Fenwick</p>',
        "<p><strong>Marta Fenwick</strong></p>",
        "<p><em>Marta Fenwick</em></p>",
    ],
)
def test_a_name_under_the_last_paragraph_is_the_author(signature: str) -> None:
    assert cleaned(html(LONG + signature)).authors == ["Marta Fenwick"]


@pytest.mark.parametrize(
    "body",
    [
        LONG + "<p><strong>Second Lighthouse</strong></p>" + LONG,
        '<figure><img src="/a.jpg"><span class="author">Photo: Marta Fenwick</span></figure>' + LONG,
        '<div class="photo-author">Marta Fenwick</div>' + LONG,
        LONG + '<div class="comments"><span class="comment-author">Marta Fenwick</span> says</div>',
        LONG + '<aside class="related"><p class="byline">By Marta Fenwick</p></aside>',
        '<p class="author-tools">Edit topics</p>' + LONG,
    ],
)
def test_subheadings_photographers_and_readers_are_no_authors(body: str) -> None:
    assert cleaned(html(body)).authors == []


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Reuters", "Reuters"),
        ("The Associated Press", "AP"),
        ("Deutsche Presse-Agentur", "dpa"),
        ("新华社", "Xinhua"),
        ("Anadolu Ajansı", "Anadolu"),
        ("Marta Fenwick", None),
        ("Pa", None),
    ],
)
def test_agencies_are_known_by_their_names(name: str, short: str | None) -> None:
    assert agency(name) == short


@pytest.mark.parametrize(
    ("names", "text", "found"),
    [
        (["AFP/Reuters"], "", ["AFP", "Reuters"]),
        (["The Gazette with AP"], "", ["AP"]),
        (["Marta Fenwick"], "ORRIN (AP) — The lighthouse was lit again.", ["AP"]),
        ([], "Orrin (dpa/lbw) - Der Leuchtturm brennt wieder.", ["dpa"]),
        ([], "ORRIN, March 1 (Xinhua) -- The lighthouse was lit again.", ["Xinhua"]),
        ([], "新华社奥林3月1日电 灯塔重新点亮。", ["Xinhua"]),
        ([], "(서울=연합뉴스) 등대가 다시 켜졌다.", ["Yonhap"]),
        ([], "Der Leuchtturm brennt wieder.\n\nMehr will niemand sagen. (dpa)", ["dpa"]),
        (["Marta Fenwick"], "The keeper (58) was moved. Reuters asked her why.", []),
    ],
)
def test_agencies_are_told_by_bylines_datelines_and_last_words(names: list[str], text: str, found: list[str]) -> None:
    assert agencies(names, text) == found
