"""**Pages of a collected batch → articles, mentions, events and rejects, validated and in the lake.**

`plan` → `clean` (a task a shard of pages) → `extract` (a task a shard) → `validate` → `publish`

A run is about one batch. It starts when the asset `pages` announces one, or by hand, with parameters, for any batch of
the past: the bytes are in the archive, so a batch can be derived as often as you like, and each time its tables are
replaced whole.

- `batch`: which one, such as `2026-11-22T14` or `ingest-` and a digest. Needed only where the run has no partition.
- `start`: `clean`, or `extract` to keep the batch's published articles and code them anew.

`publish` announces the asset `lake`, partitioned by batch, on which the DAG `group` runs.
"""

from __future__ import annotations

from typing import Any

import wiring
from airflow.sdk import IdentityMapper, Param, PartitionedAssetTimetable, TriggerRule, dag, task

START = Param("clean", type="string", enum=["clean", "extract"], title="Start", description="The first step to run.")


@dag(
    schedule=PartitionedAssetTimetable(assets=wiring.PAGES, default_partition_mapper=IdentityMapper()),
    doc_md=__doc__,
    tags=["newsledger", "derive"],
    params={"batch": wiring.BATCH, "start": START},
    is_paused_upon_creation=False,
    **wiring.DAG,
)
def derive() -> None:
    @task
    def plan() -> list[str]:
        from pipeline.batch import derive

        with wiring.held(*wiring.this_run()) as (cfg, batch):
            return derive.plan(cfg, batch, start=wiring.parameter("start", "clean"))

    @task(map_index_template="{{ task.op_kwargs['shard'] }}")
    def clean(shard: str) -> dict[str, Any]:
        from pipeline.batch import derive

        with wiring.held(*wiring.this_run(), shared=True) as (cfg, batch):
            return derive.clean(cfg, batch, shard)

    @task(map_index_template="{{ task.op_kwargs['shard'] }}")
    def extract(shard: str) -> dict[str, Any]:
        from pipeline.batch import derive

        with wiring.held(*wiring.this_run(), shared=True) as (cfg, batch):
            return derive.extract(cfg, batch, shard)

    # A batch without a page has no shards; its empty tables are published all the same.
    @task(trigger_rule=TriggerRule.NONE_FAILED)
    def validate() -> dict[str, Any]:
        from pipeline.batch import derive

        with wiring.held(*wiring.this_run()) as (cfg, batch):
            return derive.validate(cfg, batch)

    @task(outlets=[wiring.LAKE])
    def publish() -> dict[str, Any]:
        from pipeline.batch import derive

        with wiring.held(*wiring.this_run()) as (cfg, batch):
            counts = derive.publish(cfg, batch)
        wiring.announce(wiring.LAKE, [batch.id], counts)
        return counts

    shards = plan()
    # A barrier: extract leaves out articles that another shard of the batch has too.
    clean.expand(shard=shards) >> extract.expand(shard=shards) >> validate() >> publish()


derive()
