"""A real scheduler, started as `make airflow` does: the hour's collect leads to derive and group, by asset events."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from pipeline.airflow_home import environment
from pipeline.newsroom import BATCHES, SOURCES, Newsroom
from pipeline.settings import load

pytestmark = pytest.mark.integration
MINUTES = 60


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Pages:
    """Airflow's REST API."""

    def __init__(self, port):
        self._root = f"http://127.0.0.1:{port}"
        self._token = None

    def ask(self, path, method="GET", **body):
        if self._token is None:
            self._token = self._open("/auth/token", "GET", None)["access_token"]
        return self._open(f"/api/v2{path}", method, body or None)

    def _open(self, path, method, body):
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(self._root + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


def wait_for(what, seconds, probe):
    until = time.monotonic() + seconds
    found = None
    while time.monotonic() < until:
        with contextlib.suppress(OSError):  # not up yet
            found = probe()
            if found:
                return found
        time.sleep(1)
    raise AssertionError(f"waited {seconds} s for {what}; last seen: {found!r}")


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def airflow(home, tmp_path):
    """`airflow standalone` on free ports, with the sample newsroom as the web."""
    with Newsroom() as room:
        room.set_time(BATCHES[0][1])
        cfg, port = load(home=home), free_port()
        env = environment(cfg, port) | {
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
            "NEWSLEDGER_SOURCES": str(SOURCES),
            "NEWSLEDGER_RESOLVE": room.resolve,
            "NEWSLEDGER_HOST_DELAY": "0.01",
            "NEWSLEDGER_RETRY_WAIT": "0.05",
            "NEWSLEDGER_SHARDS": "2",
        }
        with (tmp_path / "standalone.log").open("w") as log:
            command = [sys.executable, "-m", "pipeline.airflow_home", "--home", str(home), "--port", str(port)]
            process = subprocess.Popen(
                [*command, "standalone"], env=env, stdout=log, stderr=log, start_new_session=True
            )
        try:
            pages = Pages(port)
            wait_for("four DAGs", 2 * MINUTES, lambda: pages.ask("/dags")["total_entries"] == 4)
            yield pages
        finally:
            # Ctrl-C, as on a terminal, reaches every process of the group.
            os.killpg(process.pid, signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def test_the_hours_collect_leads_to_derive_and_group(airflow, home):
    assert airflow.ask("/importErrors")["total_entries"] == 0
    airflow.ask("/dags/collect", "PATCH", is_paused=False)

    def ended(dag):
        def probe():
            runs = airflow.ask(f"/dags/{dag}/dagRuns")["dag_runs"]
            assert not [r for r in runs if r["state"] == "failed"], runs
            return next((r for r in runs if r["state"] == "success"), None)

        return wait_for(f"{dag} to end", 4 * MINUTES, probe)

    collected, derived, grouped = ended("collect"), ended("derive"), ended("group")
    batch = collected["partition_key"]
    assert collected["run_type"] == "scheduled"
    assert batch == collected["run_after"][:13]
    assert (derived["run_type"], derived["partition_key"]) == ("asset_triggered", batch)
    assert grouped["run_type"] == "asset_triggered"
    for table in ("links", "fetches", "articles", "mentions", "events", "batches"):
        assert len(list(home.glob(f"lake/{table}/day=*/{batch}.parquet"))) == 1, table
    assert list(home.glob("lake/stories/day=*/*.parquet"))
