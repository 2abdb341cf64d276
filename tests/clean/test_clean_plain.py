"""Plain text by its layout, and ingested rows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from invented import BODY, URL, cleaned, link, rejected

from pipeline.records import Article

URN = "urn:sha256:" + "1" * 64
ARTICLE = "\n\n".join(
    [
        "Lighthouse at Cape Orrin Lit Again",
        "Keeper turns the key her father left",
        *BODY,
        "Author: Marta Fenwick",
        "Marta Fenwick is a keeper and",
    ]
)


def plain(text: str | bytes, **how: Any) -> Article:
    return cleaned(text, url=URN, content_type="text/plain", **how)


def row(**fields: Any) -> Article:
    return cleaned(json.dumps(fields), url=fields.get("url", URN), content_type="application/json")


def test_a_text_file_is_read_by_its_layout() -> None:
    article = plain(ARTICLE)
    assert article.title == "Lighthouse at Cape Orrin Lit Again"
    assert article.subtitle == "Keeper turns the key her father left"
    assert article.authors == ["Marta Fenwick"]
    assert article.text == "\n\n".join(BODY)
    assert (article.extraction_method, article.access, article.language) == ("plain_text", "open", "en")
    assert (article.canonical_url, article.published_at, article.published_candidates) == (URN, None, [])


def test_a_text_without_a_subtitle_or_author_is_read_too() -> None:
    article = plain("\n\n".join(["Light at last", *BODY]))
    assert (article.title, article.subtitle, article.authors) == ("Light at last", None, [])
    assert article.text == "\n\n".join(BODY)


def test_wrapped_lines_are_joined_and_line_ends_do_not_matter() -> None:
    wrapped = (
        "Light at last\r\n\r\n" + BODY[0][:70] + "\r\n" + BODY[0][70:].lstrip() + "\r\n\r\n" + "\r\n\r\n".join(BODY[1:])
    )
    assert [part.replace(" ", "") for part in plain(wrapped).text.split("\n\n")] == [
        part.replace(" ", "") for part in BODY
    ]


def test_a_date_line_and_a_byline_above_the_body_are_read() -> None:
    article = plain("\n\n".join(["Light at last", "By Tom Okoro", "Date: 2026-03-01", *BODY]))
    assert article.authors == ["Tom Okoro"]
    assert (article.published_at, article.published_basis) == (datetime(2026, 3, 1, tzinfo=UTC), "file")
    assert article.text == "\n\n".join(BODY)


def test_a_text_in_windows_1252_is_read() -> None:
    body = (
        "Das Licht am Kap wurde am Sonntag wieder entzündet, für die Fischer eine große Erleichterung nach elf Jahren. "
        * 3
    )
    assert "entzündet, für" in plain(f"Licht am Kap\n\n{body}".encode("windows-1252")).text


def test_an_empty_text_has_no_text() -> None:
    assert rejected("\n \n", content_type="text/plain").reason == "no_text"
    assert rejected("Light at last\n\nSoon.", content_type="text/plain").reason == "too_short"


def test_a_row_is_an_article_as_it_stands() -> None:
    article = row(
        url=URL, title="Light at last", subtitle="After eleven years", text="\n".join(BODY), published_at="2026-03-01",
        authors="Marta Fenwick, Tom Okoro", language="en", source="gazette",
    )  # fmt: skip
    assert (article.title, article.subtitle, article.authors) == (
        "Light at last",
        "After eleven years",
        ["Marta Fenwick", "Tom Okoro"],
    )
    assert article.text == "\n\n".join(BODY)
    assert (article.published_at, article.published_basis) == (datetime(2026, 3, 1, tzinfo=UTC), "file")
    assert [each.value for each in article.published_candidates] == ["2026-03-01"]
    assert (article.extraction_method, article.canonical_url, article.language) == ("record", URL, "en")


def test_a_row_may_give_authors_as_a_list_and_text_as_markup() -> None:
    article = row(title="Light at last", text="".join(f"<p>{part}</p>" for part in BODY), authors=["By Marta Fenwick"])
    assert article.authors == ["Marta Fenwick"]
    assert article.text == "\n\n".join(BODY)


def test_the_hint_of_the_file_is_not_a_second_date() -> None:
    fields = {"url": URL, "title": "Light", "text": " ".join(BODY), "published_at": "2026-03-01"}
    links = [link("file", datetime(2026, 3, 1, tzinfo=UTC))]
    article = cleaned(json.dumps(fields), url=URL, content_type="application/json", links=links)
    assert [each.basis for each in article.published_candidates] == ["file"]


def test_a_row_with_a_cut_text_is_truncated() -> None:
    assert row(title="Light", text=" ".join(BODY) + " [+1203 chars]").access == "truncated"


def test_a_row_without_text_has_none() -> None:
    assert rejected(json.dumps({"title": "Light", "text": ""}), content_type="application/json").reason == "no_text"
