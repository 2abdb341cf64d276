"""Airflow beside the data: its folder under the data home, on SQLite, for `demo`, `make airflow` and the tests.

    python -m pipeline.airflow_home [--home data] [--port 8080] standalone        (or any other command of `airflow`)

Airflow is never imported here: it is a program that is started with an environment. Where several machines work, see
``docker/compose.yaml`` instead.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NoReturn

from pipeline.errors import ConfigurationError, NewsledgerError, StoreError
from pipeline.schema import DAGS
from pipeline.settings import Settings, load

LOOPBACK = "127.0.0.1"


def environment(cfg: Settings, port: int = 8080, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Variables that make `airflow` run these DAGs on this data home, and nothing beyond this machine.

    Where the caller's environment points Airflow at another home, database or DAGs, it is overruled: this Airflow
    writes nowhere else. Its other ``AIRFLOW__*`` variables are kept.
    """
    given = os.environ if given is None else given
    home = cfg.home / "airflow"
    ours = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW_CONFIG": str(home / "airflow.cfg"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__API__HOST": LOOPBACK,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://{LOOPBACK}:{port}",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://{LOOPBACK}:{port}/execution/",
        "NEWSLEDGER_HOME": str(cfg.home),
        # `airflow standalone` starts `airflow` from PATH.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), given.get("PATH", os.defpath)]),
    }
    defaults = {
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": str(max(2, cfg.workers)),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "GX_ANALYTICS_ENABLED": "false",
    }
    foreign = ("AIRFLOW__DATABASE__", "AIRFLOW__CELERY", "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST")
    kept = {name: value for name, value in given.items() if not name.startswith(foreign)}
    return {**defaults, **kept, **ours}


class DagRunner:
    """Runs the real DAGs one after another in one Airflow subprocess, without a scheduler (``dags/in_process.py``).

    Airflow's log, tasks and all, goes to ``<home>/airflow/demo.log``. Loading Airflow takes seconds, hence one process.
    """

    def __init__(self, cfg: Settings, settings: Mapping[str, str] | None = None) -> None:
        """`settings`: ``NEWSLEDGER_*`` variables that hold for every run."""
        self._cfg = cfg
        self._settings = dict(settings or {})
        self.log = cfg.home / "airflow" / "demo.log"

    def __enter__(self) -> DagRunner:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("a", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(DAGS / "in_process.py")],
                env=environment(self._cfg) | self._settings,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                encoding="utf-8",
            )
        try:
            self._next()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(hurry=kind is not None)

    def run(
        self,
        dag: str,
        *,
        batch: str | None = None,
        now: datetime | str | None = None,
        conf: Mapping[str, Any] | None = None,
        told: Callable[[dict[str, Any]], None] | None = None,
    ) -> float:
        """Run a DAG to its end. Returns the seconds it took.

        `now` is what the tasks' clock shows; `told` is given ``task``, ``map_index``, ``state`` and ``seconds`` of each
        task as it ends. Raises StoreError naming the task that failed.
        """
        request = {"dag": dag, "conf": {**({"batch": batch} if batch else {}), **(conf or {})}}
        if now is not None:
            request["env"] = {"NEWSLEDGER_NOW": now if isinstance(now, str) else now.isoformat()}
        pipe: IO[str] = self._process.stdin  # type: ignore[assignment]  # it was asked for
        try:
            pipe.write(json.dumps(request) + "\n")
            pipe.flush()
        except BrokenPipeError:
            raise StoreError(f"Airflow ended unexpectedly (see {self.log})") from None
        failure = None
        while "run" not in (report := self._next()):
            if report["state"] == "failed":
                failure = failure or f"{report['task']}: {report['error']}"
            if told:
                told(report)
        if report["state"] != "success":
            raise StoreError(f"{dag} failed: {failure or report.get('error')} (see {self.log})")
        return float(report["seconds"])

    def _next(self) -> dict[str, Any]:
        pipe: IO[str] = self._process.stdout  # type: ignore[assignment]
        line = pipe.readline()
        if not line:
            raise StoreError(f"Airflow ended unexpectedly (see {self.log})")
        report: dict[str, Any] = json.loads(line)
        return report

    def _end(self, hurry: bool = False) -> None:
        """Let the process finish by closing its input; on Ctrl-C it got the signal too, so don't wait for long."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        try:
            self._process.wait(5 if hurry else 30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def main(arguments: list[str] | None = None) -> NoReturn:
    """Become `airflow`, with the environment above. Exit status 1 where the settings are wrong."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.airflow_home", description=__doc__)
    parser.add_argument("--home", help="the data home (NEWSLEDGER_HOME, else ./data)")
    parser.add_argument("--port", type=int, default=8080, help="port of Airflow's web pages, on 127.0.0.1")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="arguments for `airflow`")
    asked = parser.parse_args(arguments)
    try:
        cfg = load(home=asked.home)
        program = Path(sys.executable).with_name("airflow")
        if not program.exists():
            raise ConfigurationError(f"there is no `airflow` beside {sys.executable}")
        (cfg.home / "airflow").mkdir(parents=True, exist_ok=True)
    except NewsledgerError as error:
        sys.exit(f"newsledger: {error}")
    os.execve(program, [str(program), *(asked.command or ["standalone"])], environment(cfg, asked.port))


if __name__ == "__main__":
    main()
