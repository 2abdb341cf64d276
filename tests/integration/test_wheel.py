"""The wheel alone is enough: installed outside the checkout, it plays the demo and answers questions."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.integration


def ran(*command: object, cwd: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("NEWSLEDGER_", "AIRFLOW", "PYTHONPATH"))}
    done = subprocess.run(
        [str(c) for c in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts folder of an environment with nothing but the wheel."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    uv = Path(sys.executable).with_name("uv")
    ran(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", elsewhere, ROOT, cwd=elsewhere)
    (wheel,) = elsewhere.glob("newsledger-*.whl")
    ran(sys.executable, "-m", "venv", elsewhere / "venv", cwd=elsewhere)
    python = elsewhere / "venv" / "bin" / "python"
    ran(uv, "pip", "install", "-q", "--python", python, "-c", ROOT / "docker" / "constraints.txt", wheel, cwd=elsewhere)
    return python.parent


def test_the_demo_plays_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    shown = ran(installed / "newsledger", "demo", cwd=tmp_path)
    assert "= 79 URLs; none unaccounted for" in shown
    answer = ran(installed / "newsledger", "sql", "SELECT count(*) AS n FROM articles_current", cwd=tmp_path)
    assert "65" in answer
