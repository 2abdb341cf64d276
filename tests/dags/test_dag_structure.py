"""The DAG files: they load, and they are wired as their documentation says."""

import ast

import pytest

from pipeline.schema import DAGS

NAMES = ["collect", "derive", "group", "ingest"]
ORDER = {
    "collect": {
        "plan": [],
        "discover": ["plan"],
        "assign": ["discover"],
        "fetch": ["assign"],
        "validate": ["fetch"],
        "publish": ["validate"],
    },
    "derive": {
        "plan": [],
        "clean": ["plan"],
        "extract": ["clean", "plan"],
        "validate": ["extract"],
        "publish": ["validate"],
    },
    "group": {"plan": [], "group": ["plan"], "validate": ["group"], "publish": ["validate"]},
    "ingest": {"plan": [], "archive": ["plan"]},
}


def test_every_dag_file_loads_and_nothing_else_is_taken_for_one(bag):
    assert bag["errors"] == {}
    assert sorted(bag["dags"]) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_tasks_are_the_steps_in_their_order(bag, name):
    assert {task: how["after"] for task, how in bag["dags"][name]["tasks"].items()} == ORDER[name]


def test_shards_are_mapped_and_nothing_else(bag):
    mapped = {(dag, task) for dag in NAMES for task, how in bag["dags"][dag]["tasks"].items() if how["mapped"]}
    assert mapped == {
        ("collect", "discover"), ("collect", "fetch"), ("derive", "clean"), ("derive", "extract"), ("ingest", "archive")
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_dag_says_what_it_does_and_whose_it_is(bag, name):
    dag = bag["dags"][name]
    assert dag["doc"] == ast.get_docstring(ast.parse((DAGS / f"{name}.py").read_text("utf-8")), clean=False)
    assert {"newsledger", name} <= set(dag["tags"])
    assert {task["owner"] for task in dag["tasks"].values()} == {"newsledger"}


@pytest.mark.parametrize("name", NAMES)
def test_one_run_at_a_time_and_no_hour_of_the_past_is_collected(bag, name):
    dag = bag["dags"][name]
    assert dag["max_active_runs"] == 1
    assert dag["catchup"] is False


def test_collect_runs_hourly_and_its_partition_is_the_name_of_the_batch(bag):
    assert bag["dags"]["collect"]["schedule"] == "CronPartitionTimetable"
    assert bag["dags"]["collect"]["partition"] == "2026-03-02T06"


def test_assets_lead_from_pages_to_the_lake_to_the_groups(bag):
    dags = bag["dags"]
    announced = {name: [o for t in dags[name]["tasks"].values() for o in t["outlets"]] for name in NAMES}
    assert announced == {"collect": ["pages"], "derive": ["lake"], "group": [], "ingest": ["pages"]}
    assert {name: dags[name]["listens_to"] for name in NAMES} == {
        "collect": [], "derive": ["pages"], "group": ["lake"], "ingest": [],
    }  # fmt: skip


def test_only_collect_waits_to_be_switched_on(bag):
    assert [name for name in NAMES if bag["dags"][name]["paused_at_first"]] == ["collect"]


def test_a_run_can_be_told_what_it_is_about(bag):
    assert {name: bag["dags"][name]["params"] for name in NAMES} == {
        "collect": ["batch"], "derive": ["batch", "start"], "group": ["days"], "ingest": ["in_place", "paths"],
    }  # fmt: skip


def test_what_cannot_pass_is_not_retried_and_what_can_is(bag):
    for dag in bag["dags"].values():
        for task in dag["tasks"].values():
            assert task["retries"] == 2
            assert task["retries_full_disk"]
            assert not task["retries_bug"]
            assert {"ConfigurationError", "NotAnArchive", "UnknownBatch", "ValidationError"} <= set(task["gives_up_on"])
            assert not {"StoreError", "BatchBusy"} & set(task["gives_up_on"])
