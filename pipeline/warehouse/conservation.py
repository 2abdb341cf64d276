"""Nothing vanishes: the sums that must hold before a batch is published, over its files, and over the lake as a whole.

A function of one stage raises ConservationError, in one line that names a row; the ledger's SQL is the same for a
batch's files as for the lake.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
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


def batch_counts(staged: Staged) -> dict[str, int]:
    """Where the URLs of one batch ended, by its own files alone: ``url_count`` and ``<state>_count``.

    Needs links, fetches, articles and rejects; a table not given counts as empty. Raises ConservationError for a URL in
    no state.
    """
    with _over(staged) as connection:
        _every_url_has_a_state(connection, "batch")
        found = dict(connection.execute("SELECT state, count(*) FROM ledger GROUP BY state").fetchall())
    return {"url_count": sum(found.values()), **{f"{state}_count": found.get(state, 0) for state in STATES}}


def check_collected(what: str, staged: Staged, deferred: Iterable[str]) -> None:
    """Distinct valid URLs = attempted + deferred, for links and fetches of a batch, and its rejects.

    `deferred` are the URLs left for later: known and not due, or beyond the limit. A fetch that validation rejected was
    an attempt too.
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
    with closing(warehouse.connect(cfg.home, cfg.lake)) as connection:
        _every_url_has_a_state(connection, "ledger")
        _none(
            connection,
            "ledger",
            "an article belongs to no URL",
            "SELECT DISTINCT article_id FROM articles ANTI JOIN (SELECT a.article_id FROM articles a "
            "JOIN ledger l USING (url) WHERE l.state IN ('stored', 'duplicate')) USING (article_id)",
        )
        _none(connection, "ledger", "a URL counts twice", "SELECT url FROM ledger GROUP BY url HAVING count(*) > 1")


def audit(cfg: Settings) -> list[str]:
    """What does not hold across batches and days, a line each: keys, references, and the counts of `batches`."""
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
            ("stories", "story_titles", "story_id"),
            ("stories", "articles", "article_id, version_id"),
            ("occurrence_events", "events", "event_id"),
            ("occurrence_events", "occurrences", "occurrence_id"),
        ):
            sql = f"SELECT {on} FROM {name} ANTI JOIN {of} USING ({on})"
            found += _told(connection, f"{name}: a row has no {of}", sql)
        for name in ("link", "fetch", "article", "mention", "event", "reject"):
            plural = name + ("es" if name == "fetch" else "s")
            sql = (
                f"SELECT batch_id FROM batches LEFT JOIN (SELECT batch_id, count(*) AS n FROM {plural} GROUP BY 1) "
                f"USING (batch_id) WHERE {name}_count <> coalesce(n, 0)"
            )
            found += _told(connection, f"batches: {name}_count is not the rows of {plural}", sql)
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


def _every_url_has_a_state(connection: duckdb.DuckDBPyConnection, what: str) -> None:
    _none(connection, what, "a URL is in no state: a rule is missing in url_states",
          "SELECT url, reason FROM ledger WHERE state IS NULL")  # fmt: skip


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
