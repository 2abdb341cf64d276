"""The whole room against the sample newsroom, over its three batches."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from pipeline import sources
from pipeline.collect import SLACK, ArchiveReader, ArchiveWriter, State, Web, discover, fetch, normalise, owners, plan
from pipeline.collect.fetch import by_host
from pipeline.newsroom import BATCHES, SOURCES, Newsroom
from pipeline.records import Fetch, Link, Reject

REGISTERED = {normalise(url) for source in sources.read(SOURCES) for url in (*source.feeds, *source.sitemaps)}


async def collect(
    home: Path, name: str, now: datetime, resolve: str, state: State
) -> tuple[list[Link], list[Fetch], list[Reject]]:
    """One batch, as pipeline.batch does it."""
    records: list[Link | Fetch | Reject] = []
    folder = home / "archive" / name
    with ArchiveWriter(folder, "0", relative_to=home, clock=lambda: now) as archive:
        async with Web(
            archive=archive,
            clock=lambda: now,
            user_agent="Newsledger/test",
            host_delay=0.0,
            retry_wait=0.01,
            resolve=resolve,
        ) as web:
            registered = sources.read(SOURCES)
            found = discover(
                registered,
                web,
                state.feed,
                feed_hours=1.0,
                until=now + SLACK,
                seen=state.seen,
                owners=owners(registered),
            )
            async for record in found:
                records.append(record)
            links = [r for r in records if isinstance(r, Link)]
            known = state.known({link.url for link in links}) | state.due(now + SLACK)
            targets = plan(links, known, now + SLACK, max_articles=200)
            async for got in fetch(by_host(targets), web, revisit_hours=(1, 6, 24), feed_hours=1.0):
                records.append(got)
    fetches = [r for r in records if isinstance(r, Fetch)]
    return links, fetches, [r for r in records if isinstance(r, Reject)]


def test_three_batches_of_the_newsroom(tmp_path: Path) -> None:
    state = State(f"sqlite:///{tmp_path / 'state.db'}")
    last: list[dict[str, str]] = []
    published: tuple[list[Link], list[Fetch]] = ([], [])
    with Newsroom() as room:
        for name, now in BATCHES:
            room.set_time(now)
            links, fetches, rejects = asyncio.run(collect(tmp_path, name, now, room.resolve, state))
            articles = [f for f in fetches if f.kind == "article"]
            last.append({f.url: f.outcome for f in articles})
            # What is discovered is attempted, unless it is known and not due.
            assert {link.url for link in links} - set(last[-1]) <= set(state.known(link.url for link in links))
            assert len({f.fetch_id for f in fetches}) == len(fetches)
            with ArchiveReader(tmp_path) as reader:
                for got in fetches:
                    if got.outcome == "fetched":
                        assert got.warc_file is not None
                        assert got.warc_offset is not None
                        document = reader.read(got.warc_file, got.warc_offset)
                        assert (document.record_id, len(document.body)) == (got.fetch_id, got.body_bytes)
            assert {r.reason for r in rejects} == {"invalid_url", "malformed_feed"}
            # Hours lie between the batches: a listing's rhythm may be slow, but not that slow.
            assert {f.url for f in fetches} >= REGISTERED
            state.learn(links, fetches)
            published[0].extend(links)
            published[1].extend(fetches)
    host = "http://diario-del-puerto.example/economia/2026/03/02/precio-pulpo-lonja-vigo"
    assert [batch.get(host) for batch in last[:2]] == ["server_error", "fetched"]
    counts = [Counter(batch.values()) for batch in last]
    assert counts[0]["robots_disallowed"] == counts[0]["forbidden"] == counts[0]["removed"] == 1
    assert counts[1]["not_modified"] > 20
    assert counts[2]["not_found"] == counts[2]["removed"] == 1
    rebuilt = State(f"sqlite:///{tmp_path / 'rebuilt.db'}")
    rebuilt.learn(*published)
    until = BATCHES[-1][1] + timedelta(days=9)
    assert rebuilt.due(until) == state.due(until)
    assert rebuilt.known(last[-1]) == state.known(last[-1])
