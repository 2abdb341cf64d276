"""**Files → batches: archived like what was fetched, then derived and grouped.**

`plan` → `archive` (a task a batch: each WARC, and all other files together)

Trigger it by hand, with parameters:

- `paths`: WARC, HTML, JSONL, CSV, Parquet or text files, as the workers see them. Each WARC becomes a batch, all other
  files of a run become one, named by the digest of its content: the same files again change nothing.
- `in_place`: refer to WARC files where they are, instead of copying them into the archive.

`archive` announces the asset `pages` for every batch it made, on which the DAG `derive` runs.
"""

from __future__ import annotations

import wiring
from airflow.sdk import Param, dag, task

PATHS = Param(
    type="array", items={"type": "string"}, minItems=1, title="Paths", description="Absolute paths of the files."
)
IN_PLACE = Param(False, type="boolean", title="In place", description="Refer to WARC files instead of copying them.")


@dag(
    schedule=None,
    doc_md=__doc__,
    tags=["newsledger", "ingest"],
    params={"paths": PATHS, "in_place": IN_PLACE},
    is_paused_upon_creation=False,
    **wiring.DAG,
)
def ingest() -> None:
    @task
    def plan() -> list[list[str]]:
        from pipeline.batch import ingest

        return ingest.plan(wiring.settings(), wiring.parameter("paths"))

    @task(outlets=[wiring.PAGES])
    def archive(paths: list[str]) -> list[str]:
        from pipeline.batch import ingest

        batches = ingest.archive(wiring.settings(), paths, in_place=wiring.parameter("in_place", False))
        wiring.announce(wiring.PAGES, batches, {"batches": len(batches)})
        return batches

    archive.expand(paths=plan())


ingest()
