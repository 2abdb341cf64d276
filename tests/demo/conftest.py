"""The demo, played once for all its tests: the command a newcomer runs, in a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import pytest

from pipeline import newsroom
from pipeline.settings import Settings, load
from pipeline.warehouse import query


@dataclass
class Played:
    """A data home the demo has filled, and what it printed."""

    cfg: Settings
    shown: str
    told: str

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        return query.rows(self.cfg, sql, values)


def newsledger(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command line, as a user runs it."""
    return subprocess.run(
        [sys.executable, "-m", "pipeline.cli", *arguments],
        capture_output=True,
        text=True,
        env={k: v for k, v in os.environ.items() if not k.startswith("NEWSLEDGER_")} | environment,
        check=False,
    )


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    home = tmp_path_factory.mktemp("demo") / "data"
    done = newsledger("demo", "--home", str(home))
    assert done.returncode == 0, done.stderr
    return Played(load(home=home), done.stdout, done.stderr)


@pytest.fixture(scope="session")
def gold() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(newsroom.GOLD.read_text("utf-8"))
    return found
