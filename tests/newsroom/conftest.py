"""A running newsroom, and a way to ask it for a URL as a polite client would."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from pipeline.newsroom import BATCHES, Newsroom


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


Get = Callable[..., Reply]


@pytest.fixture(scope="session")
def _running() -> Iterator[Newsroom]:
    with Newsroom() as room:
        yield room


@pytest.fixture
def room(_running: Newsroom) -> Newsroom:
    """The newsroom, its clock at the first batch."""
    _running.set_time(BATCHES[0][1])
    return _running


@pytest.fixture
def get(room: Newsroom) -> Get:
    """Ask the newsroom for a URL, redirects not followed; keywords are headers, with _ for -."""

    def ask(url: str, **headers: str) -> Reply:
        host, _, path = url.removeprefix("http://").partition("/")
        connection = http.client.HTTPConnection("127.0.0.1", room.port, timeout=5)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request("GET", f"/{path}", headers={"Host": host, **named})
            response = connection.getresponse()
            return Reply(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    return ask
