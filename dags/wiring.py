"""What the four DAGs share: the assets between them, which batch a run is about, and what is tried again.

Nothing heavy is imported at the top: Airflow parses every DAG file again and again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, Context, Param, RetryDecision, RetryPolicy, get_current_context

from pipeline.errors import NewsledgerError, UnknownBatch

if TYPE_CHECKING:
    from pipeline.batch import Batch
    from pipeline.settings import Settings

PAGES = Asset("pages", group="newsledger")
"""Pages of a batch are archived and published. The partition is the batch."""
LAKE = Asset("lake", group="newsledger")
"""A batch is derived and published. The partition is the batch."""


BUGS = (ArithmeticError, AssertionError, AttributeError, ImportError, LookupError, NameError, TypeError, ValueError)


class RetryWhatMayPass(RetryPolicy):
    """A wrong input or setting fails at once, and so does a bug; a full disk or a lost database is tried again."""

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Context | None = None
    ) -> RetryDecision:
        if isinstance(exception, NewsledgerError) and not exception.retryable:
            return RetryDecision.fail(reason=str(exception))
        if isinstance(exception, BUGS):
            return RetryDecision.fail(reason="a bug: the same again would end the same")
        return RetryDecision.default()


DAG: dict[str, Any] = {
    "start_date": datetime(2026, 1, 1, tzinfo=UTC),
    "catchup": False,
    # A batch has one folder in staging: two runs about one batch would tread on each other.
    "max_active_runs": 1,
    "default_args": {
        "owner": "newsledger",
        "retries": 2,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=10),
        "retry_policy": RetryWhatMayPass(),
    },
}
"""Arguments of every DAG."""

BATCH = Param(
    None,
    type=["null", "string"],
    title="Batch",
    description="Name of the batch, such as 2026-11-22T14 (an hour, UTC). Not needed where the run has a partition.",
)


@contextmanager
def held(cfg: Settings, batch: Batch, *, shared: bool = False) -> Iterator[tuple[Settings, Batch]]:
    """Hold the batch while a task works on it, as the command line does; tasks of shards hold it side by side.

    Raises BatchBusy, which is tried again, where somebody else has it. Between two tasks nobody holds it: who comes
    then goes on with what is finished, and what is left of this run fails at once.
    """
    from pipeline.batch import staging

    with staging.lock(cfg, batch.id, shared=shared):
        yield cfg, batch


@contextmanager
def grouping() -> Iterator[Settings]:
    """Hold the grouping of the lake while a task works on it. Raises BatchBusy."""
    from pipeline.batch import staging

    with staging.lock(settings(), "group"):
        yield settings()


def settings() -> Settings:
    """The settings, from the ``NEWSLEDGER_*`` variables of the worker."""
    from pipeline.settings import load

    return load()


def this_run() -> tuple[Settings, Batch]:
    """The settings and the batch that the run is about: its partition, else its parameter ``batch``.

    Raises UnknownBatch where it has neither, or one that names no batch.
    """
    from pipeline.batch import Batch

    cfg, name = settings(), batch_name()
    if not name:
        raise UnknownBatch("the run has no partition and no parameter `batch`, such as 2026-11-22T14")
    return cfg, Batch.of(name, cfg)


def this_run_or_now() -> tuple[Settings, Batch]:
    """The same; a run started by hand without a batch gets one that is named by the second the run was started."""
    from pipeline.batch import Batch

    started = get_current_context()["dag_run"].run_after
    return this_run() if batch_name() else (settings(), Batch.now(started))


def batch_name() -> str | None:
    """The run's partition, else its parameter ``batch``."""
    name = get_current_context()["dag_run"].partition_key or parameter("batch")
    return str(name) if name else None


def parameter(name: str, default: Any = None) -> Any:
    """A parameter of the run, as it was triggered with."""
    # Not context["params"]: several runs in one process (`in_process`) share those, and see each other's values.
    return (get_current_context()["dag_run"].conf or {}).get(name, default)


def announce(asset: Asset, batch_ids: list[str], counts: dict[str, Any]) -> None:
    """Make the task's asset event say which batches it is about, so that the next DAG runs for each of them."""
    event = get_current_context()["outlet_events"][asset]
    event.add_partitions(batch_ids)
    event.extra = counts
