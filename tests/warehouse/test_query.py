"""SQL gets its answer in four forms, or one clear line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime

import pyarrow.parquet as pq
import pytest
from lake_rows import AT, BATCH, article, event, fetch, link

from pipeline.errors import InputError, QueryError
from pipeline.settings import Settings
from pipeline.warehouse import query

Put = Callable[..., None]
ODD = """SELECT 'a,"b"' AS text, NULL AS nothing, 1.5 AS number, true AS yes, DATE '2026-03-02' AS day,
         TIMESTAMPTZ '2026-03-02 07:00:00+01' AS moment, ['x', 'y'] AS list, {'k': 1} AS struct, 12::HUGEINT AS big"""


def answered(cfg: Settings, sql: str, form: query.Format) -> bytes:
    out = io.BytesIO()
    query.answer(cfg, sql, form, out, width=300)
    return out.getvalue()


def test_an_answer_is_an_arrow_table(cfg: Settings, put: Put) -> None:
    put(BATCH, link("a"), link("b"))
    assert query.query(cfg, "SELECT count(*) AS n FROM links").to_pylist() == [{"n": 2}]
    assert query.rows(cfg, "SELECT url FROM links WHERE source_id = ? LIMIT ?", ["harbour", 1]) == [
        {"url": link("a").url}
    ]


def test_times_are_utc(cfg: Settings, put: Put) -> None:
    put(BATCH, fetch("a"))
    assert query.rows(cfg, "SELECT fetched_at, hour(fetched_at) AS h FROM fetches") == [
        {"fetched_at": AT, "h": AT.hour}
    ]


def test_csv_can_be_read_back(cfg: Settings) -> None:
    [row] = csv.DictReader(io.StringIO(answered(cfg, ODD, "csv").decode()))
    assert row == {
        "text": 'a,"b"', "nothing": "", "number": "1.5", "yes": "True", "day": "2026-03-02",
        "moment": "2026-03-02T06:00:00Z", "list": '["x", "y"]', "struct": '{"k": 1}', "big": "12",
    }  # fmt: skip


def test_json_can_be_read_back(cfg: Settings) -> None:
    assert json.loads(answered(cfg, ODD, "json")) == [
        {"text": 'a,"b"', "nothing": None, "number": 1.5, "yes": True, "day": "2026-03-02",
         "moment": "2026-03-02T06:00:00Z", "list": ["x", "y"], "struct": {"k": 1}, "big": 12}
    ]  # fmt: skip
    assert json.loads(answered(cfg, "SELECT 1 AS a WHERE false", "json")) == []
    assert json.loads(answered(cfg, "SELECT 'nan'::DOUBLE AS a", "json")) == [{"a": None}]


def test_parquet_can_be_read_back(cfg: Settings) -> None:
    [row] = pq.read_table(io.BytesIO(answered(cfg, ODD, "parquet"))).to_pylist()
    assert row["moment"] == datetime(2026, 3, 2, 6, tzinfo=UTC)
    assert row["list"] == ["x", "y"]


def test_a_table_shows_each_row_on_its_line(cfg: Settings, put: Put) -> None:
    a = article("a", title="[bold]Dockers[/bold]\nmet")
    put(BATCH, a, event(a))
    lines = answered(cfg, "SELECT title, word_count FROM articles", "table").decode().splitlines()
    assert lines[0].split() == ["title", "word_count"]
    assert "[bold]Dockers[/bold] met" in lines[2]


def test_a_long_table_says_that_there_is_more(cfg: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "TABLE_ROWS", 2)
    assert "the first 2 rows" in answered(cfg, "SELECT * FROM range(3)", "table").decode()
    assert "the first" not in answered(cfg, "SELECT * FROM range(2)", "table").decode()


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELEC 1", 'syntax error at or near "SELEC"'),
        ("SELECT nonsense FROM articles", '"nonsense" not found'),
        ("SELECT * FROM artcles", 'Did you mean "articles'),
        ("SELECT 'x'::INTEGER FROM range(3)", "Could not convert string 'x'"),
        ("CREATE TABLE t (a INTEGER)", "read-only"),
        (" ; ", "there is no statement"),
    ],
)
def test_sql_that_does_not_run_gives_one_line(cfg: Settings, sql: str, says: str) -> None:
    with pytest.raises(QueryError) as caught:
        query.query(cfg, sql)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_format_there_is_not_is_named(cfg: Settings) -> None:
    with pytest.raises(InputError, match="no such format: xml"):
        query.answer(cfg, "SELECT 1", "xml")  # type: ignore[arg-type]


def test_the_plain_prompt_answers_until_the_input_ends(
    cfg: Settings, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    typed = iter(["SELECT 41", "+ 1 AS answer;", "SELEC;", ""])

    def typing(_: str) -> str:
        try:
            return next(typed)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", typing)
    monkeypatch.setattr(query.shutil, "which", lambda _: None)
    assert query.shell(cfg) == 0
    out, err = capsysbinary.readouterr()
    assert b"answer" in out
    assert b"42" in out
    assert b"syntax error" in err
