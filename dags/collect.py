"""**What the registered sources published in the last hour, archived and in the lake.**

`plan` → `discover` (a task a shard of sources) → `assign` → `fetch` (a task a shard of hosts) → `validate` → `publish`

A run is about one batch, the hour it starts in: the run's partition, such as `2026-11-22T14`. A run that is triggered
by hand without a partition takes the parameter `batch`, else the batch is named by the second.

- A published batch is not collected again: its run ends after `plan`, and nothing changes.
- A batch that was left unfinished goes on where it stopped: clear the failed task, or trigger the run again.
- Never backfilled: today's web is not the web of the past.

`publish` announces the asset `pages`, partitioned by batch, on which the DAG `derive` runs.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import wiring
from airflow.sdk import CronPartitionTimetable, TriggerRule, dag, task


@dag(
    schedule=CronPartitionTimetable("0 * * * *", timezone="UTC", key_format="%Y-%m-%dT%H"),
    doc_md=__doc__,
    tags=["newsledger", "collect", "web"],
    params={"batch": wiring.BATCH},
    dagrun_timeout=timedelta(hours=3),
    **wiring.DAG,
)
def collect() -> None:
    @task.short_circuit
    def plan() -> list[str]:
        from pipeline.batch import collect

        with wiring.held(*wiring.this_run_or_now()) as (cfg, batch):
            return collect.plan(cfg, batch)

    @task(map_index_template="{{ task.op_kwargs['shard'] }}")
    def discover(shard: str) -> dict[str, Any]:
        from pipeline.batch import collect

        with wiring.held(*wiring.this_run_or_now(), shared=True) as (cfg, batch):
            return collect.discover(cfg, batch, shard)

    @task
    def assign() -> list[str]:
        from pipeline.batch import collect

        with wiring.held(*wiring.this_run_or_now()) as (cfg, batch):
            return collect.assign(cfg, batch)

    @task(map_index_template="{{ task.op_kwargs['shard'] }}")
    def fetch(shard: str) -> dict[str, Any]:
        from pipeline.batch import collect

        with wiring.held(*wiring.this_run_or_now(), shared=True) as (cfg, batch):
            return collect.fetch(cfg, batch, shard)

    # Where no URL is due, fetch has no shards and is skipped; what was discovered is published all the same.
    @task(trigger_rule=TriggerRule.NONE_FAILED)
    def validate() -> dict[str, Any]:
        from pipeline.batch import collect

        with wiring.held(*wiring.this_run_or_now()) as (cfg, batch):
            return collect.validate(cfg, batch)

    @task(outlets=[wiring.PAGES])
    def publish() -> dict[str, Any]:
        from pipeline.batch import collect

        with wiring.held(*wiring.this_run_or_now()) as (cfg, batch):
            counts = collect.publish(cfg, batch)
        wiring.announce(wiring.PAGES, [batch.id], counts)
        return counts

    hosts = assign()
    discover.expand(shard=plan()) >> hosts
    fetch.expand(shard=hosts) >> validate() >> publish()


collect()
