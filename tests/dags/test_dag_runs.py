"""Each DAG, run by Airflow on a data home of its own: the sample newsroom in, published tables out."""

from pathlib import Path

import pytest

from pipeline.airflow_home import DagRunner
from pipeline.batch import staging
from pipeline.errors import StoreError
from pipeline.newsroom import BATCHES, SOURCES, Newsroom
from pipeline.settings import load

BATCH, MOMENT = BATCHES[0]
QUICK = {"NEWSLEDGER_HOST_DELAY": "0.01", "NEWSLEDGER_RETRY_WAIT": "0.05", "NEWSLEDGER_SHARDS": "2"}
LETTER = """<html lang="en"><head><title>Harbour fees to rise in April</title>
<link rel="canonical" href="https://letters.example/harbour-fees"></head>
<body><article><h1>Harbour fees to rise in April</h1>
<p>The port council of Skerrow voted on Monday to raise mooring fees by a tenth from April, its clerk said. Owners of
small boats had asked for a year's delay, and two councillors voted with them.</p>
<p>The council expects the new fees to pay for dredging of the inner basin, which was put off twice for want of money.
</p></article></body></html>"""


class Played:
    """Runs DAGs, and keeps what each task reported."""

    def __init__(self, home: Path, airflow: DagRunner) -> None:
        self.home, self._airflow = home, airflow

    def run(self, dag, **conf):
        """The tasks that ran, as ``(name, state)``, each once."""
        tasks = []
        self._airflow.run(dag, now=MOMENT, conf=conf, told=lambda t: tasks.append((t["task"], t["state"])))
        return list(dict.fromkeys(tasks))

    def files(self, table, batch="*"):
        return {p.stem: p.read_bytes() for p in self.home.glob(f"lake/{table}/day=*/{batch}.parquet")}


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """The first batch of the newsroom, collected, derived and grouped."""
    home = tmp_path_factory.mktemp("home")
    with Newsroom() as room:
        room.set_time(MOMENT)
        settings = {"NEWSLEDGER_SOURCES": str(SOURCES), "NEWSLEDGER_RESOLVE": room.resolve, **QUICK}
        with DagRunner(load(home=home), settings) as airflow:
            played = Played(home, airflow)
            played.first = {
                "collect": played.run("collect", batch=BATCH),
                "derive": played.run("derive", batch=BATCH),
                "group": played.run("group"),
            }
            yield played


def ran(*names):
    return [(name, "success") for name in names]


def test_collect_publishes_what_was_found_and_fetched(played):
    assert played.first["collect"] == ran("plan", "discover", "assign", "fetch", "validate", "publish")
    assert list(played.files("links", BATCH)) == list(played.files("fetches", BATCH)) == [BATCH]


def test_derive_publishes_articles_mentions_and_events(played):
    assert played.first["derive"] == ran("plan", "clean", "extract", "validate", "publish")
    for table in ("articles", "mentions", "events", "batches"):
        assert list(played.files(table, BATCH)) == [BATCH]


def test_group_publishes_stories_of_the_stale_day(played):
    assert played.first["group"] == ran("plan", "group", "validate", "publish")
    assert played.files("stories")


def test_collecting_a_published_batch_again_changes_nothing(played):
    before = {table: played.files(table, BATCH) for table in ("links", "fetches", "rejects")}
    assert played.run("collect", batch=BATCH) == ran("plan")
    assert {table: played.files(table, BATCH) for table in before} == before


def test_a_past_batch_is_derived_again_by_its_name(played):
    before = {table: played.files(table, BATCH) for table in ("articles", "mentions", "events")}
    played.run("derive", batch=BATCH, start="extract")
    assert {table: played.files(table, BATCH) for table in before} == before


@pytest.mark.parametrize(
    ("held", "dag", "conf"),
    [
        (BATCH, "collect", {"batch": BATCH}),
        (BATCH, "derive", {"batch": BATCH, "start": "extract"}),
        ("group", "group", {}),
    ],
)
def test_no_task_touches_what_the_command_line_works_on(played, held, dag, conf):
    with staging.lock(load(home=played.home), held), pytest.raises(StoreError, match=f"working on {held}"):
        played.run(dag, **conf)


def test_a_file_becomes_a_batch_that_can_be_derived(played, tmp_path):
    letter = tmp_path / "letter.html"
    letter.write_text(LETTER, "utf-8")
    assert played.run("ingest", paths=[str(letter)]) == ran("plan", "archive")
    (batch,) = played.files("fetches", "ingest-*")
    played.run("derive", batch=batch)
    assert list(played.files("articles", "ingest-*")) == [batch]


def test_grouping_where_nothing_is_stale_ends_after_plan(played):
    played.run("group")
    assert played.run("group") == ran("plan")


@pytest.mark.parametrize(
    ("dag", "conf", "says"),
    [
        ("derive", {}, "no partition and no parameter `batch`"),
        ("derive", {"batch": "yesterday"}, "not the name of a batch: 'yesterday'"),
        ("derive", {"batch": "2001-01-01T00"}, "batch 2001-01-01T00 is not collected"),
        ("ingest", {}, "paths"),
        ("ingest", {"paths": ["/nowhere/to.be"]}, "/nowhere/to.be"),
        ("group", {"days": ["2001-01-01"]}, "2001-01-01"),
    ],
)
def test_a_run_that_cannot_be_fails_at_once_and_says_why(played, dag, conf, says):
    with pytest.raises(StoreError, match=f"^{dag} failed: .*") as failure:
        played.run(dag, **conf)
    assert says in str(failure.value)
