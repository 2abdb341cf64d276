"""The newsroom's server: which host answers what, with conditional requests and all the ways a page can fail."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from types import MappingProxyType
from typing import NamedTuple

from aiohttp import web

from pipeline.newsroom import BATCHES, pages
from pipeline.newsroom.content import Article, Oddity, articles, batch_number, oddities
from pipeline.newsroom.feeds import last_change, listing
from pipeline.newsroom.publishers import BY_HOST, Publisher

_HTML = "text/html; charset=utf-8"


class Request(NamedTuple):
    """One request the newsroom has served."""

    host: str
    path_qs: str
    status: int


class Answer(NamedTuple):
    """What a URL answers, before conditional headers are looked at."""

    status: int
    body: bytes = b""
    content_type: str = _HTML
    changed: datetime | None = None
    headers: Mapping[str, str] = MappingProxyType({})


class Desk:
    """The newsroom's clock and its log."""

    def __init__(self, moment: datetime = BATCHES[0][1]) -> None:
        self._lock = threading.Lock()
        self._moment = moment
        self._counts: Counter[tuple[str, str]] = Counter()
        self.requests: list[Request] = []

    @property
    def moment(self) -> datetime:
        """The time in the newsroom."""
        return self._moment

    def set_time(self, moment: datetime) -> None:
        """Set the clock and count requests afresh."""
        with self._lock:
            self._moment = moment
            self._counts.clear()

    def count(self, host: str, path_qs: str) -> int:
        """How often this URL has now been requested since the clock was set."""
        with self._lock:
            self._counts[host, path_qs] += 1
            return self._counts[host, path_qs]


def build(desk: Desk) -> web.Application:
    """The application that plays every publisher by its Host header."""

    async def serve(request: web.Request) -> web.Response:
        host = request.host.partition(":")[0].lower()
        publisher = BY_HOST.get(host)
        tries = desk.count(host, request.path_qs)
        if publisher is None:
            answer = Answer(404, b"no such publisher", "text/plain")
        else:
            answer = answer_for(publisher, request.path, request.query_string, desk.moment, tries)
        response = _respond(request, publisher, answer)
        desk.requests.append(Request(host, request.path_qs, response.status))
        return response

    app = web.Application()
    app.router.add_get("/{path:.*}", serve)
    return app


def answer_for(publisher: Publisher, path: str, query: str, moment: datetime, tries: int) -> Answer:
    """What a publisher answers to one request at this moment."""
    if path == "/robots.txt":
        if publisher.robots is None:
            return _error(publisher, 404)
        return Answer(200, publisher.robots.encode(), "text/plain; charset=utf-8")
    if listed := listing(publisher, path, moment):
        body, content_type = listed
        return Answer(200, body, content_type, last_change(publisher, moment))
    full = path + ("?print=1" if "print=1" in query.split("&") else "")
    row = oddities().get(publisher.home + full)
    if row is not None and row.batch <= batch_number(moment):
        return _odd(row, moment, tries)
    article = articles().get(publisher.home + path)
    if article is not None and article.batch <= batch_number(moment):
        return _article(article, moment)
    if path == "/":
        return Answer(200, pages.front(publisher, moment).encode())
    section = pages.section_at(publisher, path)
    if section is not None:
        return Answer(200, pages.front(publisher, moment, section).encode())
    return _error(publisher, 404)


def _article(article: Article, moment: datetime) -> Answer:
    body = pages.article(article, moment).encode()
    return Answer(200, body, changed=article.modified_at(moment) or BATCHES[article.batch - 1][1])


def _odd(row: Oddity, moment: datetime, tries: int) -> Answer:
    reached = batch_number(moment)
    publisher, article = row.publisher, row.article
    if article is None:
        if row.answer == "status":
            return _error(publisher, row.status)
        if row.answer == "section":
            return Answer(200, pages.front(publisher, moment, row.title).encode())
        return Answer(200, pages.special(row, moment).encode(), changed=BATCHES[row.batch - 1][1])
    if row.answer == "redirect":
        return Answer(301, headers={"Location": article.url})
    if row.answer == "flaky" and tries == 1:
        return Answer(429, b"Too many requests\n", "text/plain", headers={"Retry-After": "1"})
    if row.answer == "broken" and reached < row.until:
        return _error(publisher, 500)
    if row.answer == "withdrawn" and reached >= row.until:
        return _error(publisher, row.status)
    if row.answer in ("amp", "print"):
        body = pages.variant(article, row.answer, moment).encode()
        return Answer(200, body, changed=article.modified_at(moment))
    if row.answer == "windows-1252":
        return _article(article, moment)._replace(body=pages.article(article, moment).encode("windows-1252"))
    return _article(article, moment)


def _error(publisher: Publisher, status: int) -> Answer:
    return Answer(status, pages.error(publisher, status).encode())


def _respond(request: web.Request, publisher: Publisher | None, answer: Answer) -> web.Response:
    headers = {"Content-Type": answer.content_type, "Server": "newsroom", **answer.headers}
    if publisher is None or answer.status != 200 or answer.changed is None:
        return web.Response(status=answer.status, body=answer.body, headers=headers)
    etag = f'"{hashlib.sha1(answer.body).hexdigest()[:16]}"'
    if publisher.validators in ("both", "etag"):
        headers["ETag"] = etag
    if publisher.validators in ("both", "last_modified"):
        headers["Last-Modified"] = format_datetime(answer.changed, usegmt=True)
    if _unchanged(request, headers, answer.changed):
        kept: dict[str, str] = {name: value for name, value in headers.items() if name in ("ETag", "Last-Modified")}
        return web.Response(status=304, headers=kept)
    return web.Response(body=answer.body, headers=headers)


def _unchanged(request: web.Request, headers: dict[str, str], changed: datetime) -> bool:
    """As HTTP has it: If-None-Match decides alone where it is sent."""
    if "If-None-Match" in request.headers and "ETag" in headers:
        asked = [tag.strip().removeprefix("W/") for tag in request.headers["If-None-Match"].split(",")]
        return headers["ETag"] in asked or "*" in asked
    if "If-Modified-Since" in request.headers and "Last-Modified" in headers:
        try:
            return changed <= parsedate_to_datetime(request.headers["If-Modified-Since"])
        except (TypeError, ValueError):
            return False
    return False
