"""The DAGs as Airflow sees them, read once; and a data home in which they run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.airflow_home import environment
from pipeline.settings import load


@pytest.fixture(scope="session")
def bag(tmp_path_factory):
    """What Airflow makes of the DAGs folder (a subprocess: Airflow takes over a process's logging and threads)."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("describe_dags.py"))],
        env=environment(load(home=tmp_path_factory.mktemp("bag"))),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])
