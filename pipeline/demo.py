"""``newsledger demo``: the sample newsroom on loopback, through the real DAGs in Airflow, to answers."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path
from textwrap import fill

from pipeline import newsroom, sources
from pipeline.batch import collected
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings

_SETTINGS = {
    # The newsroom answers at once and is ours: no need to be slow with it. Retries still wait, as its 429 asks for.
    "NEWSLEDGER_HOST_DELAY": "0.01",
    "NEWSLEDGER_RETRY_WAIT": "0.05",
    "NEWSLEDGER_SHARDS": "2",
}


def demo(cfg: Settings) -> None:
    """Play three batches through `collect`, `derive` and `group`, then print what a reader wants to know.

    Raises ConfigurationError in a home that has other batches. Raises StoreError where Airflow fails:
    what it said is in ``<home>/airflow/demo.log``.
    """
    from pipeline.airflow_home import DagRunner

    ours = {batch for batch, _ in newsroom.BATCHES}
    if any(b.id not in ours for b in collected(cfg)):
        raise ConfigurationError(
            f"{cfg.home} has batches of its own: invented news does not belong there; use --home for another home"
        )
    began = time.monotonic()
    with newsroom.Newsroom() as room:
        publishers = len(sources.read(newsroom.SOURCES))
        say(f"A newsroom of {publishers} invented publishers answers on 127.0.0.1:{room.port}")
        say("Airflow is getting ready (its own SQLite, in the data home)")
        settings = {"NEWSLEDGER_SOURCES": str(newsroom.SOURCES), "NEWSLEDGER_RESOLVE": room.resolve, **_SETTINGS}
        with DagRunner(cfg, settings) as airflow:
            for batch, at in newsroom.BATCHES:
                room.set_time(at)
                say(f"Batch {batch}")
                for dag in ("collect", "derive", "group"):
                    took = airflow.run(dag, batch=batch, now=at)
                    say(f"  {dag:8} {took:5.1f} s")
    say(f"Three batches in {time.monotonic() - began:.0f} s")
    answers(cfg)


def say(line: str) -> None:
    """A line of progress, at once."""
    print(line, file=sys.stderr, flush=True)


def answers(cfg: Settings) -> None:
    """The funnel, the newest stories, events with their quotes, the files, and what to try next."""
    from pipeline.show import show_funnel, table
    from pipeline.warehouse import query

    print("\nWhere every URL ended (newsledger ledger)\n")
    show_funnel(cfg)

    print("\nNewest stories, the most reported first\n")
    stories = query.rows(
        cfg,
        "SELECT title, article_count, family_count, source_count FROM story_titles "
        "WHERE last_seen_at > (SELECT max(last_seen_at) FROM story_titles) - INTERVAL 2 DAY "
        "ORDER BY source_count DESC, last_seen_at DESC, title LIMIT 8",
    )
    table(["story", "articles", "without copies", "sources"], [list(s.values()) for s in stories])

    print("\nWhat happened, with the sentence to prove it\n")
    events = query.rows(
        cfg,
        "SELECT o.event_date, o.event_type, o.actor_text, o.recipient_text, o.article_count, "
        "o.independent_source_count, e.quote FROM occurrences o JOIN occurrence_events j USING (occurrence_id) "
        "JOIN events_current e USING (event_id) WHERE o.actor_code IS NOT NULL AND o.recipient_code IS NOT NULL "
        "QUALIFY row_number() OVER (PARTITION BY o.occurrence_id ORDER BY e.confidence DESC, e.event_id) = 1 "
        "ORDER BY o.independent_source_count DESC, o.article_count DESC, o.event_date, o.occurrence_id LIMIT 6",
    )
    for e in events:
        said = f"{e['event_date']}  {e['actor_text']} → {e['event_type']} → {e['recipient_text']}"
        articles, sources = e["article_count"], e["independent_source_count"]
        print(f"  {said}  ({articles} article{'s'[: articles > 1]}, {sources} independent source{'s'[: sources > 1]})")
        quote = " ".join(e["quote"].split())
        print(fill(f"“{quote}”", 100, initial_indent="      ", subsequent_indent="      "))

    print(f"\nThe tables are Parquet files: {cfg.lake}/<table>/day=<day>/<batch>.parquet")
    print(f"Any DuckDB client opens {cfg.warehouse}. Try next:")
    option = f" --home {cfg.home}" if _is_elsewhere(cfg) else ""
    for question in NEXT:
        print(f'\n  {_command()} sql{option} "{question}"')


NEXT = (
    "SELECT source_id, title, published_at FROM articles_current ORDER BY published_at DESC LIMIT 5",
    "SELECT entity_name, entity_type, count(DISTINCT article_id) AS articles FROM mentions_current "
    "GROUP BY ALL ORDER BY articles DESC, entity_name LIMIT 10",
    "SELECT family_id, role, source_id, title FROM families JOIN articles_current USING (article_id) "
    "WHERE family_id IN (SELECT family_id FROM families WHERE role = 'copy') ORDER BY family_id, role DESC",
)
"""What to try next; a test runs each of them."""


def _is_elsewhere(cfg: Settings) -> bool:
    return cfg.home != Path("data").absolute()


def _command() -> str:
    """`newsledger` as the user can type it here: by its path where its folder is not on PATH."""
    beside = Path(sys.executable).with_name("newsledger")
    if shutil.which("newsledger") or not beside.exists():
        return "newsledger"
    return os.path.relpath(beside)
