"""Runs the DAGs of this folder one after another in this process, without a scheduler: `demo` and the tests start it.

    python in_process.py < requests > reports

A request is a line of JSON, ``{"dag": "collect", "conf": {"batch": "2026-11-22T14"}, "env": {"NEWSLEDGER_NOW": "…"}}``;
``env`` holds from that run on. Reports are lines of JSON as well: ``{"ready": true}`` once Airflow is loaded, then one
for each finished task and one for the finished run. Airflow's log goes to standard error. The environment is that of
``pipeline.airflow_home``.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import IO, Any

from airflow.sdk._shared.listeners import hookimpl


class Teller:
    """Reports each task as it ends."""

    def __init__(self, out: IO[str]) -> None:
        self.out = out
        self.started = 0.0

    def tell(self, **report: Any) -> None:
        self.out.write(json.dumps(report) + "\n")
        self.out.flush()

    @hookimpl
    def on_task_instance_running(self, previous_state: Any, task_instance: Any) -> None:
        self.started = time.monotonic()

    @hookimpl
    def on_task_instance_success(self, previous_state: Any, task_instance: Any) -> None:
        self._ended(task_instance)

    @hookimpl
    def on_task_instance_skipped(self, previous_state: Any, task_instance: Any) -> None:
        self._ended(task_instance)

    @hookimpl
    def on_task_instance_failed(self, previous_state: Any, task_instance: Any, error: Any) -> None:
        self._ended(task_instance, error=str(error))

    def _ended(self, ti: Any, **more: Any) -> None:
        seconds = round(time.monotonic() - self.started, 3)
        self.tell(task=ti.task_id, map_index=ti.map_index, state=ti.state.value, seconds=seconds, **more)


def main() -> None:
    # Airflow and the tasks print to standard output; the reports have it to themselves.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    teller = Teller(out)

    from airflow.dag_processing.dagbag import BundleDagBag
    from airflow.sdk.definitions.mappedoperator import MappedOperator
    from airflow.sdk.listener import get_listener_manager
    from airflow.utils.db import initdb

    initdb()
    get_listener_manager().add_listener(teller)  # type: ignore[no-untyped-call]
    folder = Path(__file__).resolve().parent
    bag = BundleDagBag(dag_folder=folder, bundle_path=folder, bundle_name="dags-folder")
    if bag.import_errors:
        raise SystemExit(f"DAG files with errors: {bag.import_errors}")
    for task in (task for dag in bag.dags.values() for task in dag.tasks):
        # Somebody is waiting and looking on: a failure is shown at once, not after minutes of retries.
        if isinstance(task, MappedOperator):
            task.partial_kwargs["retries"] = 0
        else:
            task.retries = 0
    teller.tell(ready=True, dags=sorted(bag.dags))
    for line in sys.stdin:
        request = json.loads(line)
        os.environ.update(request.get("env") or {})
        begun = time.monotonic()
        try:
            state, error = bag.dags[request["dag"]].test(run_conf=request.get("conf") or {}).state.value, None
        except Exception as refused:  # parameters that the DAG does not take
            traceback.print_exc()
            state, error = "failed", " ".join(str(refused).split())
        teller.tell(run=request["dag"], state=state, error=error, seconds=round(time.monotonic() - begun, 3))
    forget_waiting()
    sys.stderr.flush()
    # Everything is written; taking down all that Airflow and the steps have loaded would cost seconds more.
    os._exit(0)


def forget_waiting() -> None:
    """Drop what asset events asked for: those runs were made here, a scheduler started later shall not repeat them."""
    from airflow.models.asset import AssetPartitionDagRun, PartitionedAssetKeyLog
    from airflow.utils.session import create_session
    from sqlalchemy import delete, select

    waiting = select(AssetPartitionDagRun.id).where(AssetPartitionDagRun.created_dag_run_id.is_(None))
    with create_session() as session:
        session.execute(
            delete(PartitionedAssetKeyLog).where(PartitionedAssetKeyLog.asset_partition_dag_run_id.in_(waiting))
        )
        session.execute(delete(AssetPartitionDagRun).where(AssetPartitionDagRun.created_dag_run_id.is_(None)))


if __name__ == "__main__":
    main()
