"""The state: learning in any order, any number of times, gives the same; what is due comes out. On both databases."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from collect_site import NOW
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.collect import State
from pipeline.collect.known import Known
from pipeline.collect.state_tables import LYING
from pipeline.errors import ConfigurationError, StoreError
from pipeline.records import Fetch, Link

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
NewDatabase = Callable[[], str]


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


def fetched(url: str, at: datetime = NOW, outcome: str = "fetched", kind: str = "article", **more: Any) -> Fetch:
    values: dict[str, Any] = {"attempt": 1, "source_id": "quay"} | more
    return Fetch(
        fetch_id=f"{url}-{at}-{values['attempt']}", url=url, kind=kind, fetched_at=at, outcome=outcome, **values
    )


URLS = [f"http://quay-{n % 3}.example/{n}" for n in range(8)]


def everything(state: State) -> list[object]:
    until = NOW + 9 * HOUR
    return [
        state.known(URLS),
        [state.feed(u) for u in URLS],
        state.due(until),
        state.seen(URLS),
        state.resting(NOW),
        state.learned(),
    ]


def history() -> tuple[list[Link], list[Fetch]]:
    """A made-up past of eight URLs, each seen and fetched several times."""
    luck = random.Random(7)
    links, fetches = [], []
    for n in range(120):
        at = NOW + timedelta(minutes=luck.randrange(600))
        hints = {name: at - luck.random() * HOUR for name in ("published_hint", "modified_hint") if luck.random() < 0.5}
        links.append(link(luck.choice(URLS), at, luck.choice(["quay", "pier"]), **hints))
        outcome = luck.choice(["fetched", "not_modified", "unchanged", "server_error", "not_found"])
        more = {"etag": f'"{n}"', "content_hash": f"{n:064x}" if outcome == "fetched" else None}
        due = at + HOUR if luck.random() < 0.5 else None
        kind = luck.choice(["article", "feed"])
        fetches.append(fetched(luck.choice(URLS), at, outcome, kind, next_fetch_at=due, attempt=n + 1, **more))
    return links, fetches


def test_order_repetition_and_forgetting_make_no_difference(new_database: NewDatabase) -> None:
    links, fetches = history()
    with State(new_database()) as first, State(new_database()) as second:
        first.learn(links, fetches)
        wanted = everything(first)
        assert len(first.known(URLS)) == 8
        luck = random.Random(1)
        for _ in range(3):
            luck.shuffle(links)
            luck.shuffle(fetches)
            for n in range(0, 120, 40):
                second.learn(links[n : n + 40], [])
                second.learn([], fetches[n : n + 40])
            assert everything(second) == wanted
        second.forget()
        assert second.due(NOW + 9 * HOUR) == {}
        second.learn(links, fetches)
        assert everything(second) == wanted


# Few values, so that times and the like coincide.
TIMES = st.integers(0, 3).map(lambda hours: NOW + hours * HOUR)
LINKS = st.builds(
    link,
    st.sampled_from(URLS[:3]),
    TIMES,
    st.sampled_from(["quay", "pier"]),
    published_hint=st.none() | TIMES,
    modified_hint=st.none() | TIMES,
)
FETCHES = st.builds(
    fetched,
    st.sampled_from(URLS[:3]),
    TIMES,
    st.sampled_from(["fetched", "not_modified", "unchanged", "timeout", "rate_limited", "removed"]),
    st.sampled_from(["article", "feed", "sitemap", "robots"]),
    attempt=st.integers(1, 2),
    source_id=st.sampled_from(["quay", "pier"]),
    next_fetch_at=st.none() | TIMES,
    etag=st.none() | st.sampled_from(['"a"', 'W/"a"']),
    last_modified=st.none() | st.just("Mon, 02 Mar 2026 05:00:00 GMT"),
    content_hash=st.none() | st.sampled_from(["0" * 64, "1" * 64]),
    entry_count=st.none() | st.integers(0, 2),
    known_entry_count=st.none() | st.integers(0, 2),
    detail=st.none() | st.just(f"redirected: 301; {LYING}"),
)


# Each example forgets all, so that one database serves them.
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(LINKS | FETCHES, max_size=8), data=st.data())
def test_the_laws_of_the_state(state: State, rows: list[Link | Fetch], data: st.DataObject) -> None:
    def learn(some: list[Link | Fetch]) -> None:
        state.learn([r for r in some if isinstance(r, Link)], [r for r in some if isinstance(r, Fetch)])

    state.forget()
    learn(rows)
    wanted = everything(state)
    learn(rows)
    assert everything(state) == wanted, "twice is once"
    state.forget()
    others = data.draw(st.permutations(rows + rows[:3]))
    for n in range(0, len(others), 4):
        learn(others[n : n + 4])
    assert everything(state) == wanted, "the order does not matter"


def test_a_feed_is_known_by_its_validators_byte_for_byte(state: State) -> None:
    url, etag, date = "http://quay.example/rss", 'W/"a  b"', "Mon, 02 Mar 2026 05:00:00 GMT"
    assert state.feed(url) is None
    state.learn([], [fetched(url, kind="feed", etag=etag, last_modified=date, content_hash="0" * 64)])
    state.learn([], [fetched(url, NOW + HOUR, "server_error", "feed")])
    feed = state.feed(url)
    assert feed is not None
    # A failure in between takes nothing of what is known away.
    assert (feed.etag, feed.last_modified, feed.content_hash) == (etag, date, "0" * 64)
    assert (feed.outcome, feed.last_fetched_at, feed.got_at) == ("server_error", NOW + HOUR, NOW)
    assert state.known([url]) == {}


def test_what_a_listing_brought_is_remembered_beside_what_it_brings(state: State) -> None:
    url = "http://quay.example/rss"
    counts = {"content_hash": "0" * 64, "entry_count": 20}
    state.learn(
        [],
        [
            fetched(url, kind="feed", known_entry_count=15, next_fetch_at=NOW + 2 * HOUR, **counts),
            fetched(url, NOW + 2 * HOUR, "unchanged", "feed", known_entry_count=20, **counts),
            fetched(url, NOW + 5 * HOUR, "not_modified", "feed", next_fetch_at=NOW + 9 * HOUR),
        ],
    )
    feed = state.feed(url)
    assert feed is not None
    assert (feed.stored_at, feed.body_at, feed.got_at) == (NOW, NOW + 2 * HOUR, NOW + 5 * HOUR)
    assert (feed.news_at, feed.news_count, feed.rhythm, feed.wait) == (NOW, 20, 2 * HOUR, 4 * HOUR)


def test_a_url_never_fetched_is_due_until_it_is(state: State) -> None:
    url = "http://quay.example/a"
    state.learn([link(url)], [])
    assert list(state.due(NOW)) == [url]
    state.learn([], [fetched(url, next_fetch_at=NOW + HOUR)])
    assert state.due(NOW) == {}
    assert list(state.due(NOW + HOUR)) == [url]
    state.learn([], [fetched(url, NOW + HOUR, "removed")])
    assert state.due(NOW + 99 * HOUR) == {}


def test_of_many_that_are_due_each_host_gives_its_newest(state: State) -> None:
    state.learn([link(f"http://a.example/{n}", published_hint=NOW - n * HOUR) for n in range(5)], [])
    state.learn([link("http://b.example/x")], [])
    assert list(state.due(NOW, per_host=2)) == ["http://a.example/0", "http://a.example/1", "http://b.example/x"]


def test_what_is_in_trouble_leaves_the_first_places_to_the_others(state: State) -> None:
    ill, well = "http://a.example/ill", "http://a.example/well"
    state.learn([link(ill, published_hint=NOW), link(well, published_hint=NOW - HOUR)], [])
    assert list(state.due(NOW, per_host=1)) == [ill]
    state.learn([], [fetched(ill, NOW, "server_error", next_fetch_at=NOW + HOUR)])
    assert list(state.due(NOW + HOUR, per_host=1)) == [well]


def test_a_sitemap_of_fifty_thousand_is_looked_up_in_a_few_questions(state: State) -> None:
    urls = [f"http://quay.example/{n}" for n in range(50_000)]
    state.learn([link(url) for url in urls[:10]], [])
    asked: list[str] = []
    sa.event.listen(state._engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    assert state.seen(urls) == set(urls[:10])
    assert sum("SELECT" in statement for statement in asked) == 10


def test_documents_without_a_url_are_no_concern_of_the_state(state: State) -> None:
    state.learn([link("urn:sha256:00")], [fetched("urn:sha256:00")])
    assert state.due(NOW) == {}


def test_a_wait_for_trouble_is_remembered_and_one_for_revisits_is_not() -> None:
    told: dict[str, Any] = {"url": "u", "source_id": "quay", "last_fetched_at": NOW, "next_fetch_at": NOW + HOUR}
    assert Known(outcome="timeout", **told).last_wait == HOUR
    assert Known(outcome="fetched", **told).last_wait is None


def test_a_host_that_asked_to_be_left_alone_rests_until_it_answers_otherwise(state: State) -> None:
    a, b, rss = (f"http://quay.example/{name}" for name in ("a", "b", "rss"))
    state.learn([link(a), link(b)], [fetched(b, NOW - HOUR)])
    assert state.resting(NOW) == set()
    state.learn([], [fetched(a, NOW, "rate_limited", next_fetch_at=NOW + 3 * HOUR)])
    assert state.resting(NOW + 2 * HOUR) == {"quay.example"}
    assert state.resting(NOW + 3 * HOUR) == set()
    state.learn([], [fetched(rss, NOW + HOUR, kind="feed")])
    assert state.resting(NOW + 2 * HOUR) == set()


def test_batches_are_noted_with_their_rows_or_not_at_all(state: State) -> None:
    state.learn([link(URLS[0])], [], batch_id="2026-03-02T06")
    state.learn([link(URLS[0])], [], batch_id="2026-03-02T06")

    def breaking_off() -> Iterator[Link]:
        yield from (link(f"http://pier.example/{n}") for n in range(2_000))
        raise StoreError("the lake is gone")

    with pytest.raises(StoreError, match="the lake is gone"):
        state.learn(breaking_off(), [], batch_id="2026-03-02T07")
    assert state.learned() == {"2026-03-02T06"}
    assert list(state.due(NOW)) == [URLS[0]]


def _learn(url: str, worker: int, hosts: list[int]) -> None:
    with State(url) as state:
        for n in range(20):
            # The same rows in another order: who locks them one by one, locks out the other.
            shared = [fetched(f"http://quay.example/{m}", NOW + n * SECOND, attempt=worker) for m in hosts]
            state.learn([link(f"http://quay-{worker}.example/{n}-{m}") for m in range(5)], shared)


def test_several_processes_learn_at_once(new_database: NewDatabase) -> None:
    url = new_database()
    orders = (list(range(50)), list(range(49, -1, -1)))
    workers = [get_context("fork").Process(target=_learn, args=(url, n, order)) for n, order in enumerate(orders, 1)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [w.exitcode for w in workers] == [0, 0]
    with State(url) as state:
        assert len(state.due(NOW)) == 200


def test_a_state_of_another_layout_is_begun_anew(new_database: NewDatabase) -> None:
    url = new_database()
    with State(url) as state:
        state.learn([link(URLS[0])], [], batch_id="2026-03-02T06")
        with state._engine.begin() as connection:
            connection.execute(sa.text("UPDATE newsledger_layout SET number = 1"))
            connection.execute(sa.text("ALTER TABLE newsledger_urls DROP COLUMN etag"))
    with State(url) as state:
        assert state.learned() == set()
        assert state.due(NOW) == {}
        state.learn([link(URLS[0])], [], batch_id="2026-03-02T06")
    with State(url) as state:
        assert state.learned() == {"2026-03-02T06"}


def test_the_first_layout_had_no_number(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "state.db") as old:
        old.execute("CREATE TABLE urls (url TEXT, role TEXT, host TEXT, PRIMARY KEY (url, role))")
        old.execute("INSERT INTO urls VALUES ('http://quay.example/a', 'article', 'quay.example')")
    with State(f"sqlite:///{tmp_path / 'state.db'}") as state:
        assert (state.learned(), state.due(NOW)) == (set(), {})
    with sqlite3.connect(tmp_path / "state.db") as new:
        assert "urls" not in {name for (name,) in new.execute("SELECT name FROM sqlite_master")}


def test_the_tables_of_others_are_left_alone(new_database: NewDatabase) -> None:
    url = new_database()
    with State(url) as state, state._engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE hosts (name TEXT)"))
        connection.execute(sa.text("UPDATE newsledger_layout SET number = 1"))
    with State(url) as state, state._engine.connect() as connection:
        assert sa.inspect(connection).has_table("hosts")


def test_a_state_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="STATE_URL"):
        State("nonsense")
    with pytest.raises(ConfigurationError, match="STATE_URL"):
        State("mysql://x/y")
    with pytest.raises(StoreError, match="the state cannot be"):
        State(f"postgresql+psycopg://nobody@/none?host={tmp_path}")


def test_a_damaged_state_says_that_it_may_be_deleted(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(b"no database at all, but long enough to be looked at" * 50)
    with pytest.raises(StoreError, match=r"state\.db is damaged .* cache; delete it"):
        State(f"sqlite:///{path}")
    path.unlink()
    with State(f"sqlite:///{path}") as state:
        state.learn([link(f"http://quay.example/{n}") for n in range(500)], [])
    body = path.read_bytes()
    path.write_bytes(body[:4096] + b"\xff" * (len(body) - 4096))
    with pytest.raises(StoreError, match="delete it") as raised, State(f"sqlite:///{path}") as state:
        state.due(NOW)
    assert "\n" not in str(raised.value)
