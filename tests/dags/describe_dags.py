"""Prints what Airflow reads in the DAGs folder, as JSON: a program, so that the tests' own process stays without it."""

import json
import os
from datetime import UTC, datetime

from airflow.dag_processing.dagbag import BundleDagBag
from airflow.sdk import RetryAction, timezone
from airflow.serialization.serialized_objects import DagSerialization
from airflow.timetables.base import TimeRestriction

from pipeline import errors

folder = os.environ["AIRFLOW__CORE__DAGS_FOLDER"]
bag = BundleDagBag(dag_folder=folder, bundle_path=folder, bundle_name="dags-folder")


def task(operator):
    decide = operator.retry_policy.evaluate
    return {
        "after": sorted(operator.upstream_task_ids),
        "mapped": operator.is_mapped,
        "owner": operator.owner,
        "retries": operator.retries,
        "outlets": [o.name for o in operator.outlets],
        "gives_up_on": sorted(
            name
            for name, error in vars(errors).items()
            if isinstance(error, type)
            and issubclass(error, Exception)
            and decide(error("…"), 1, 3).action is RetryAction.FAIL
        ),
        "retries_full_disk": decide(OSError("no space left"), 1, 3).action is RetryAction.DEFAULT,
        "retries_bug": decide(KeyError("url"), 1, 3).action is RetryAction.DEFAULT,
    }


def describe(dag):
    core = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))
    first = None
    if dag.dag_id == "collect":
        half_past = timezone.coerce_datetime(datetime(2026, 3, 2, 5, 30, tzinfo=UTC))
        since = TimeRestriction(earliest=half_past, latest=None, catchup=True)
        first = core.timetable.next_dagrun_info_v2(last_dagrun_info=None, restriction=since)
    return {
        "doc": dag.doc_md,
        "tags": sorted(dag.tags),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "paused_at_first": dag.is_paused_upon_creation is not False,
        "schedule": type(core.timetable).__name__,
        "listens_to": sorted(key.name for key, _ in core.timetable.asset_condition.iter_assets())
        if core.timetable.asset_condition
        else [],
        "params": sorted(dag.params),
        "partition": first and first.partition_key,
        "tasks": {t.task_id: task(t) for t in dag.tasks},
    }


print(json.dumps({"errors": bag.import_errors, "dags": {k: describe(d) for k, d in bag.dags.items()}}))
