"""Nothing vanishes: the sums that must hold before a batch is published, over its files, and over the lake as a whole.

A function of one stage raises ConservationError, in one line that names a row; the ledger's SQL is the same for a
batch's files as for the lake.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import ConservationError
from pipeline.schema import table, tables
from pipeline.settings import Settings
from pipeline.warehouse import connect as warehouse

if TYPE_CHECKING:
    import duckdb

Staged = Mapping[str, Sequence[Path]]
"""The files of each table."""

STATES = (
    "stored", "duplicate", "paywalled", "not_article", "blocked", "gone", "not_modified", "failed", "pending",
)  # fmt: skip
"""The states of the ledger, in its precedence."""

_PAGES = "SELECT fetch_id, url FROM fetches WHERE kind = 'article' AND outcome = 'fetched'"
_LEDGER = ("url_states", "ledger")

_GROUPS = {
    "families: a family has not one original, or not of its name": (
        "SELECT family_id FROM families GROUP BY family_id "
        "HAVING count(*) FILTER (role = 'original' AND article_id = family_id) <> 1 "
        "OR count(*) FILTER (role = 'original') <> 1"
    ),
    "families: a family is in two stories": (
        "SELECT family_id FROM families JOIN stories USING (article_id) GROUP BY family_id "
        "HAVING count(DISTINCT story_id) > 1"
    ),
    "stories: a story has no article of its name": (
        "SELECT DISTINCT story_id FROM stories ANTI JOIN stories AS named "
        "ON named.article_id = stories.story_id AND named.story_id = stories.story_id"
    ),
    "story_titles: the counts are not those of the story": (
        "SELECT story_id FROM story_titles t JOIN (SELECT story_id, count(*) AS articles, "
        "count(DISTINCT family_id) AS families FROM stories JOIN families USING (article_id) GROUP BY story_id) "
        "USING (story_id) WHERE article_count <> articles OR family_count <> families"
    ),
    "story_titles: the leading article is not of the story": (
        "SELECT story_id FROM story_titles t ANTI JOIN stories s "
        "ON s.story_id = t.story_id AND s.article_id = t.lead_article_id"
    ),
    "occurrences: the counts are not those of what is joined": (
        "SELECT occurrence_id FROM occurrences JOIN (SELECT occurrence_id, count(*) AS events, "
        "count(DISTINCT e.article_id) AS articles, count(DISTINCT story_id) AS stories FROM occurrence_events "
        "JOIN (SELECT DISTINCT event_id, article_id FROM events) e USING (event_id) "
        "LEFT JOIN stories s ON s.article_id = e.article_id GROUP BY occurrence_id) USING (occurrence_id) "
        "WHERE event_count <> events OR article_count <> articles OR story_count <> stories"
    ),
    "occurrence_events: an event is in two occurrences": (
        "SELECT event_id FROM occurrence_events GROUP BY event_id HAVING count(DISTINCT occurrence_id) > 1"
    ),
}
"""What must not be found in the groups: what it means, and the rows."""


def batch_counts(staged: Staged) -> dict[str, int]:
    """Where the URLs of one batch ended, by its own files alone: ``url_count`` and ``<state>_count``.

    Needs links, fetches, articles and rejects; a table not given counts as empty. Raises ConservationError for a URL in
    no state, in two, or not counted.
    """
    with _over(staged) as connection:
        _closes(connection, "batch")
        found = dict(connection.execute("SELECT state, count(*) FROM ledger GROUP BY state").fetchall())
    return {"url_count": sum(found.values()), **{f"{state}_count": found.get(state, 0) for state in STATES}}


def check_collected(what: str, staged: Staged, deferred: Iterable[str], home: Path | None = None) -> None:
    """Distinct valid URLs = attempted + deferred, for links and fetches of a batch, and its rejects; bodies are kept.

    `deferred` are the URLs left for later: known and not due, or beyond the limit. A fetch that validation rejected was
    an attempt too. With `home`, each fetch that names a record of the archive is looked up there.
    """
    import pyarrow as pa

    with _over(staged) as connection:
        connection.register("deferred", pa.table({"url": pa.array(sorted(set(deferred)), pa.string())}))
        connection.execute(
            "CREATE TEMP VIEW attempted AS SELECT url FROM fetches WHERE kind = 'article' "
            "UNION SELECT url FROM rejects WHERE step = 'validate' AND table_name = 'fetches'"
        )
        _none(
            connection,
            what,
            "a URL was neither attempted nor deferred",
            "SELECT DISTINCT url FROM links ANTI JOIN attempted USING (url) ANTI JOIN deferred USING (url)",
        )
        _none(connection, what, "a URL was both attempted and deferred",
              "SELECT url FROM deferred SEMI JOIN attempted USING (url)")  # fmt: skip
        _closes(connection, what)
        for line in _archived(connection, home):
            raise ConservationError(f"{what}: {line}")


def check_derived(what: str, staged: Staged) -> None:
    """Pages = articles + clean's rejects, one by one; an article has its fetch, a mention or event its article."""
    with _over(staged) as connection:
        connection.execute(
            "CREATE TEMP VIEW judged AS SELECT fetch_id FROM articles UNION ALL SELECT fetch_id FROM rejects "
            "WHERE step = 'clean' OR (step = 'validate' AND table_name = 'articles')"
        )
        _none(
            connection,
            what,
            "a page became neither an article nor a reject",
            f"SELECT url FROM ({_PAGES}) ANTI JOIN judged USING (fetch_id)",
        )
        _none(
            connection,
            what,
            "a page was counted twice",
            "SELECT fetch_id FROM judged GROUP BY fetch_id HAVING count(*) > 1",
        )
        _none(
            connection,
            what,
            "an article or reject has no page",
            f"SELECT fetch_id FROM judged ANTI JOIN ({_PAGES}) USING (fetch_id)",
        )
        _none(connection, what, "an article has another URL or time than its fetch",
              "SELECT a.fetch_id, a.url FROM articles a JOIN fetches f USING (fetch_id) "
              "WHERE a.url <> f.url OR a.fetched_at <> f.fetched_at")  # fmt: skip
        for name in ("mentions", "events"):
            _none(connection, what, f"{name} without their article",
                  f"SELECT version_id FROM {name} ANTI JOIN articles USING (article_id, version_id)")  # fmt: skip


def check_settled(what: str, before: Staged, after: Staged) -> None:
    """Rows in = rows out + rejects, table by table, for what validation read and what it left."""
    with _over(before) as connection:
        came = {name: _count(connection, name) for name in before}
    with _over(after) as connection:
        left = {name: _count(connection, name) for name in before}
        sql = "SELECT table_name, count(*) FROM rejects WHERE step = 'validate' GROUP BY table_name"
        told = dict(connection.execute(sql).fetchall())
    with _over(before) as connection:
        old = dict(connection.execute(sql).fetchall())
    rejected = {name: told.get(name, 0) - old.get(name, 0) for name in before}
    for name, rows in came.items():
        made = sum(rejected.values()) if name == "rejects" else 0
        if rows + made != left[name] + rejected[name]:
            raise ConservationError(
                f"{what}: {name}: {rows:,} rows came in, {left[name]:,} went on and {rejected[name]:,} were rejected"
            )


def check_ledger(cfg: Settings) -> None:
    """Every URL of the lake is in one state, and every stored article belongs to one URL. Raises ConservationError."""
    funnel(cfg)


def funnel(cfg: Settings, day: str | None = None, source_id: str | None = None) -> list[dict[str, Any]]:
    """The URLs of the ledger counted by day, source, state and reason, of one day and source or of all.

    The whole ledger is checked first: raises ConservationError where it does not close.
    """
    with closing(warehouse.connect(cfg.home, cfg.lake)) as connection:
        # Made once: what is asked of it below would otherwise make it anew each time.
        connection.execute("CREATE TEMP TABLE made AS FROM ledger; CREATE TEMP VIEW ledger AS FROM made")
        _closes(connection, "ledger")
        _none(
            connection,
            "ledger",
            "an article belongs to no URL",
            "SELECT DISTINCT article_id FROM articles ANTI JOIN (SELECT a.article_id FROM articles a "
            "JOIN ledger l USING (url) WHERE l.state IN ('stored', 'duplicate')) USING (article_id)",
        )
        found = connection.execute(
            "SELECT day, source_id, state, reason, count(*) AS url_count FROM ledger "
            "WHERE day = coalesce(?::DATE, day) AND source_id IS NOT DISTINCT FROM coalesce(?, source_id) "
            "GROUP BY ALL ORDER BY ALL",
            [day, source_id],
        )
        rows: list[dict[str, Any]] = found.to_arrow_table().to_pylist()
    return rows


def audit(cfg: Settings) -> list[str]:
    """What does not hold across batches and days, a line each: keys, references, bodies, the counts of `batches`."""
    found = []
    with closing(warehouse.connect(cfg.home, cfg.lake)) as connection:
        for declared in tables().values():
            if declared.key:
                key = ", ".join(f'"{c}"' for c in declared.key)
                sql = f"SELECT {key} FROM {declared.name} GROUP BY ALL HAVING count(*) > 1"
                found += _told(connection, f"{declared.name}: a key stands twice", sql)
        for name, of, on in (
            ("articles", "fetches", "fetch_id, batch_id"),
            ("mentions", "articles", "article_id, version_id, batch_id"),
            ("events", "articles", "article_id, version_id, batch_id"),
            ("families", "articles", "article_id, version_id"),
            ("families", "stories", "article_id, version_id"),
            ("stories", "families", "article_id, version_id"),
            ("stories", "story_titles", "story_id"),
            ("stories", "articles", "article_id, version_id"),
            ("story_titles", "stories", "story_id"),
            ("occurrence_events", "events", "event_id"),
            ("occurrence_events", "occurrences", "occurrence_id"),
            ("occurrences", "occurrence_events", "occurrence_id"),
        ):
            sql = f"SELECT {on} FROM {name} ANTI JOIN {of} USING ({on})"
            found += _told(connection, f"{name}: a row has no {of}", sql)
        for says, sql in _GROUPS.items():
            found += _told(connection, says, sql)
        for name in ("link", "fetch", "article", "mention", "event", "reject"):
            plural = name + ("es" if name == "fetch" else "s")
            sql = (
                f"SELECT batch_id FROM batches LEFT JOIN (SELECT batch_id, count(*) AS n FROM {plural} GROUP BY 1) "
                f"USING (batch_id) WHERE {name}_count <> coalesce(n, 0)"
            )
            found += _told(connection, f"batches: {name}_count is not the rows of {plural}", sql)
        states = " + ".join(f"{state}_count" for state in STATES)
        sql = f"SELECT batch_id FROM batches WHERE url_count <> {states}"
        found += _told(connection, "batches: the states do not add up to url_count", sql)
        sql = (
            "SELECT DISTINCT url FROM fetches ANTI JOIN links USING (url) ANTI JOIN "
            "(SELECT url FROM rejects WHERE step = 'validate' AND table_name = 'links') USING (url) "
            "WHERE kind = 'article'"
        )
        found += _told(connection, "fetches: a URL was fetched and never discovered", sql)
        found += _archived(connection, cfg.home)
    return found


@contextmanager
def _over(staged: Staged) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory whose tables are these files; the ledger is made of them as it is of the lake."""
    import duckdb

    with closing(duckdb.connect()) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for declared in tables().values():
            columns = ", ".join(f'"{c}"' for c in declared.columns)
            if files := [str(f) for f in staged.get(declared.name, ())]:
                connection.from_parquet(files, union_by_name=True).create_view(f"{declared.name}_files")
            else:
                connection.register(f"{declared.name}_files", table(declared.name).arrow().empty_table())
            # The day lives in the folder's name only; no sum over one batch needs it.
            connection.execute(
                f"CREATE TEMP VIEW {declared.name} AS SELECT {columns}, NULL::DATE AS day FROM {declared.name}_files"
            )
        for view in warehouse.views():
            if view.name in _LEDGER:
                connection.execute(view.sql.replace("CREATE VIEW", "CREATE TEMP VIEW", 1))
        yield connection


def _closes(connection: duckdb.DuckDBPyConnection, what: str) -> None:
    """Every URL of links and fetches stands in the ledger, once, in a state that there is."""
    _none(connection, what, "a URL is in no state: a rule is missing in url_states",
          "SELECT url, reason FROM ledger WHERE state IS NULL")  # fmt: skip
    _none(connection, what, "a URL is in a state that there is not",
          f"SELECT url, state FROM ledger WHERE state NOT IN {STATES}")  # fmt: skip
    _none(connection, what, "a URL counts twice", "SELECT url FROM ledger GROUP BY url HAVING count(*) > 1")
    _none(connection, what, "a URL is missing from the ledger",
          "SELECT url FROM (SELECT url FROM links UNION SELECT url FROM fetches WHERE kind = 'article') "
          "ANTI JOIN ledger USING (url)")  # fmt: skip


def _archived(connection: duckdb.DuckDBPyConnection, home: Path | None) -> list[str]:
    """What is wrong with where fetches say their bodies are: a line a kind, with a count and the first of them.

    A record begins with the head of a gzip member, or with `WARC/`. Without a home, the files are not looked at.
    """
    sql = "SELECT url FROM fetches WHERE outcome = 'fetched' AND (warc_file IS NULL OR warc_offset IS NULL)"
    found = _told(connection, "a body was fetched and not archived", sql)
    if home is None:
        return found
    records = connection.execute(
        "SELECT warc_file, warc_offset, min(url) FROM fetches WHERE warc_file IS NOT NULL AND warc_offset IS NOT NULL "
        "GROUP BY ALL ORDER BY ALL"
    )
    lost: dict[str, list[str]] = {}
    with ExitStack() as opened:
        name, file = "", None
        while row := records.fetchone():
            if row[0] != name:
                opened.close()
                name, file = row[0], None
                with suppress(OSError):
                    file = opened.enter_context((home / name).open("rb"))
            if file is None:
                lost.setdefault("a file of the archive is missing", []).append(f"{name} with {row[2]}")
                continue
            file.seek(row[1])
            start = file.read(5)
            if not start.startswith(b"\x1f\x8b\x08") and start != b"WARC/":
                lost.setdefault("no record of the archive begins there", []).append(f"{name} at {row[1]}: {row[2]}")
    return found + [f"{says} ({len(them)} in all, the first: {them[0]})" for says, them in lost.items()]


def _none(connection: duckdb.DuckDBPyConnection, what: str, says: str, sql: str) -> None:
    """Raise ConservationError with the count and the first of the rows that should not be."""
    for line in _told(connection, says, sql):
        raise ConservationError(f"{what}: {line}")


def _told(connection: duckdb.DuckDBPyConnection, says: str, sql: str) -> list[str]:
    rows = connection.execute(f"SELECT * FROM ({sql}) ORDER BY ALL").fetchmany(1)
    if not rows:
        return []
    count = connection.execute(f"SELECT count(*) FROM ({sql})").fetchone()
    return [f"{says} ({count[0] if count else 0} in all, the first: {', '.join(map(str, rows[0]))})"]


def _count(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    row: Any = connection.execute(f"SELECT count(*) FROM {name}").fetchone()
    return int(row[0])
