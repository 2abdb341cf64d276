"""**Articles and events of several days → families, stories, occurrences, validated and in the lake.**

`plan` → `group` → `validate` → `publish`

Runs when the asset `lake` announces a batch. One run groups every day that is stale, whichever batch made it so, and
the days after it that come out differently for it. Where no day is stale, because the run before saw to it, the run
ends after `plan`.

- `days`: by hand, days to group anew too, such as `["2026-11-22"]`, whether they are stale or not.
"""

from __future__ import annotations

from typing import Any

import wiring
from airflow.sdk import FixedKeyMapper, Param, PartitionedAssetTimetable, dag, task

DAYS = Param(
    None,
    type=["null", "array"],
    items={"type": "string", "format": "date"},
    title="Days",
    description="Days to group too, stale or not.",
)


@dag(
    # Events of every batch lead to one partition: events without one would not be heard (the asset is partitioned).
    schedule=PartitionedAssetTimetable(assets=wiring.LAKE, default_partition_mapper=FixedKeyMapper("stale")),
    doc_md=__doc__,
    tags=["newsledger", "group"],
    params={"days": DAYS},
    is_paused_upon_creation=False,
    **wiring.DAG,
)
def group() -> None:
    @task.short_circuit
    def plan() -> list[str]:
        from pipeline.batch import group

        with wiring.grouping() as cfg:
            return group.plan(cfg, wiring.parameter("days"))

    @task(task_id="group")
    def group_(days: list[str]) -> dict[str, Any]:
        from pipeline.batch import group

        with wiring.grouping() as cfg:
            return group.group(cfg, days)

    @task
    def validate() -> dict[str, Any]:
        from pipeline.batch import group

        with wiring.grouping() as cfg:
            return group.validate(cfg)

    @task
    def publish() -> dict[str, Any]:
        from pipeline.batch import group

        with wiring.grouping() as cfg:
            return group.publish(cfg)

    days: Any = plan()
    group_(days) >> validate() >> publish()


group()
