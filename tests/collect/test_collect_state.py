"""The state: learning in any order, any number of times, gives the same; what is due comes out."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
from collect_site import NOW
from sqlalchemy.dialects import postgresql

from pipeline.collect import State
from pipeline.collect.state import Known, upsert
from pipeline.errors import ConfigurationError, StoreError
from pipeline.records import Fetch, Link

HOUR = timedelta(hours=1)


def link(url: str, at: datetime = NOW, source_id: str = "quay", **hints: datetime) -> Link:
    return Link(
        url=url,
        source_id=source_id,
        discovered_at=at,
        discovered_via="feed",
        discovered_in="http://quay.example/rss",
        discovered_url=url,
        **hints,
    )


def fetched(url: str, at: datetime = NOW, outcome: str = "fetched", kind: str = "article", **more: object) -> Fetch:
    values: dict[str, object] = {"attempt": 1} | more
    return Fetch(
        fetch_id=f"{url}-{at}-{values['attempt']}",
        url=url,
        kind=kind,
        source_id="quay",
        fetched_at=at,
        outcome=outcome,
        **values,  # type: ignore[arg-type]
    )


def state(folder: Path, name: str = "state.db") -> State:
    return State(f"sqlite:///{folder / 'new' / name}")


def everything(known: State, urls: list[str]) -> list[object]:
    return [known.known(urls), [known.feed(u) for u in urls], known.due(NOW + 9 * HOUR)]


def history() -> tuple[list[str], list[Link], list[Fetch]]:
    """A made-up past of eight URLs, each seen and fetched several times."""
    luck = random.Random(7)
    urls = [f"http://quay-{n % 3}.example/{n}" for n in range(8)]
    links, fetches = [], []
    for n in range(120):
        at = NOW + timedelta(minutes=luck.randrange(600))
        hints = {name: at - luck.random() * HOUR for name in ("published_hint", "modified_hint") if luck.random() < 0.5}
        links.append(link(luck.choice(urls), at, luck.choice(["quay", "pier"]), **hints))
        outcome = luck.choice(["fetched", "not_modified", "unchanged", "server_error", "not_found"])
        more = {"etag": f'"{n}"', "content_hash": f"{n:064x}" if outcome == "fetched" else None}
        due = at + HOUR if luck.random() < 0.5 else None
        kind = luck.choice(["article", "feed"])
        fetches.append(fetched(luck.choice(urls), at, outcome, kind, next_fetch_at=due, attempt=n + 1, **more))
    return urls, links, fetches


def test_order_repetition_and_forgetting_make_no_difference(tmp_path: Path) -> None:
    urls, links, fetches = history()
    first = state(tmp_path, "first.db")
    first.learn(links, fetches)
    wanted = everything(first, urls)
    assert len(first.known(urls)) == 8
    second = state(tmp_path, "second.db")
    luck = random.Random(1)
    for _ in range(3):
        luck.shuffle(links)
        luck.shuffle(fetches)
        for n in range(0, 120, 40):
            second.learn(links[n : n + 40], [])
            second.learn([], fetches[n : n + 40])
        assert everything(second, urls) == wanted
    second.forget()
    assert second.due(NOW + 9 * HOUR) == {}
    second.learn(links, fetches)
    assert everything(second, urls) == wanted


def test_a_feed_is_known_by_its_validators_byte_for_byte(tmp_path: Path) -> None:
    url, etag, date = "http://quay.example/rss", 'W/"a  b"', "Mon, 02 Mar 2026 05:00:00 GMT"
    known = state(tmp_path)
    assert known.feed(url) is None
    known.learn([], [fetched(url, kind="feed", etag=etag, last_modified=date, content_hash="0" * 64)])
    known.learn([], [fetched(url, NOW + HOUR, "server_error", "feed")])
    feed = known.feed(url)
    assert feed is not None
    # A failure in between takes nothing of what is known away.
    assert (feed.etag, feed.last_modified, feed.content_hash) == (etag, date, "0" * 64)
    assert (feed.outcome, feed.last_fetched_at) == ("server_error", NOW + HOUR)
    assert known.known([url]) == {}


def test_a_url_never_fetched_is_due_until_it_is(tmp_path: Path) -> None:
    url = "http://quay.example/a"
    known = state(tmp_path)
    known.learn([link(url)], [])
    assert list(known.due(NOW)) == [url]
    known.learn([], [fetched(url, next_fetch_at=NOW + HOUR)])
    assert known.due(NOW) == {}
    assert list(known.due(NOW + HOUR)) == [url]
    known.learn([], [fetched(url, NOW + HOUR, "removed")])
    assert known.due(NOW + 99 * HOUR) == {}


def test_of_many_that_are_due_each_host_gives_its_newest(tmp_path: Path) -> None:
    known = state(tmp_path)
    known.learn([link(f"http://a.example/{n}", published_hint=NOW - n * HOUR) for n in range(5)], [])
    known.learn([link("http://b.example/x")], [])
    assert list(known.due(NOW, per_host=2)) == ["http://a.example/0", "http://a.example/1", "http://b.example/x"]


def test_documents_without_a_url_are_no_concern_of_the_state(tmp_path: Path) -> None:
    known = state(tmp_path)
    known.learn([link("urn:sha256:00")], [fetched("urn:sha256:00")])
    assert known.due(NOW) == {}


def test_a_wait_for_trouble_is_remembered_and_one_for_revisits_is_not() -> None:
    told = {"url": "u", "source_id": "quay", "last_fetched_at": NOW, "next_fetch_at": NOW + HOUR}
    assert Known(outcome="timeout", **told).last_wait == HOUR  # type: ignore[arg-type]
    assert Known(outcome="fetched", **told).last_wait is None  # type: ignore[arg-type]


def _learn(url: str, host: int) -> None:
    known = State(url)
    for n in range(20):
        known.learn([link(f"http://quay-{host}.example/{n}-{m}") for m in range(5)], [])


def test_several_processes_learn_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'state.db'}"
    workers = [get_context("fork").Process(target=_learn, args=(url, n)) for n in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [w.exitcode for w in workers] == [0, 0]
    assert len(State(url).due(NOW)) == 200


def test_the_same_statement_is_made_for_postgresql() -> None:
    text = str(upsert("postgresql").compile(dialect=postgresql.dialect()))
    assert "ON CONFLICT (url, role) DO UPDATE SET" in text


def test_a_state_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="STATE_URL"):
        State("nonsense")
    with pytest.raises(ConfigurationError, match="STATE_URL"):
        State("mysql://x/y")
    (tmp_path / "state.db").write_bytes(b"no database at all, but long enough to be looked at" * 50)
    with pytest.raises(StoreError, match="state"):
        State(f"sqlite:///{tmp_path / 'state.db'}")
