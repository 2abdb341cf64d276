"""Progress of long work: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any, Protocol


class Progress(Protocol):
    """Told what goes on."""

    def begin(self, step: str, total: int) -> None:
        """A step begins, with so many shards."""

    def advance(self, counts: dict[str, Any]) -> None:
        """A shard is done, with its counts."""


class Silent:
    """Progress nobody watches."""

    def begin(self, step: str, total: int) -> None:
        """Nothing."""

    def advance(self, counts: dict[str, Any]) -> None:
        """Nothing."""


class _Lines:
    def __init__(self) -> None:
        self._step, self._total, self._done = "", 0, 0
        self._counts: dict[str, int] = {}

    def begin(self, step: str, total: int) -> None:
        self._step, self._total, self._done, self._counts = step, total, 0, {}

    def advance(self, counts: dict[str, Any]) -> None:
        self._done += 1
        for name, value in counts.items():
            if isinstance(value, int):
                self._counts[name] = self._counts.get(name, 0) + value
        if self._done == self._total:
            print(f"{self._step}: {summary(self._counts)}", file=sys.stderr, flush=True)


class _Bar(_Lines):
    def __init__(self, bar: Any) -> None:
        super().__init__()
        self._bar = bar
        self._task: Any = None

    def begin(self, step: str, total: int) -> None:
        super().begin(step, total)
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(step, total=total or None)

    def advance(self, counts: dict[str, Any]) -> None:
        self._bar.advance(self._task)
        super().advance(counts)


def summary(counts: dict[str, int]) -> str:
    """Counts in words: ``12 articles, 340 mentions``."""
    return ", ".join(f"{value:,} {name.replace('_', ' ')}" for name, value in counts.items() if value) or "nothing"


@contextlib.contextmanager
def progress() -> Iterator[Progress]:
    """A progress for the command line; what it says goes to stderr."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    columns = (TextColumn("{task.description:10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with RichProgress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Bar(bar)
