"""The image and the cluster, as far as they can be checked without an engine."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml

from pipeline.settings import Settings

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
pytestmark = pytest.mark.skipif(not DOCKER.is_dir(), reason="not a checkout")


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((DOCKER / "compose.yaml").read_text("utf-8"))


def test_the_cluster_has_every_service_of_airflow(compose):
    airflow = {"airflow-init", "api-server", "scheduler", "dag-processor", "triggerer", "worker"}
    assert airflow | {"postgres", "redis"} <= set(compose["services"])


def test_every_service_can_be_told_healthy(compose):
    unchecked = [n for n, s in compose["services"].items() if "healthcheck" not in s and not s.get("profiles")]
    assert unchecked == []


def test_whoever_is_waited_for_exists(compose):
    for service in compose["services"].values():
        assert set(service.get("depends_on", {})) <= set(compose["services"])


def test_no_secret_has_a_default(compose):
    text = (DOCKER / "compose.yaml").read_text("utf-8")
    for name, rest in re.findall(r"\$\{(\w*(?:PASSWORD|SECRET|KEY)\w*)([^}]*)\}", text):
        assert rest == ":?set it in docker/.env", name
    for service in compose["services"].values():
        for name, value in (service.get("environment") or {}).items():
            if re.search("PASSWORD|SECRET|KEY|AUTH", name):
                assert value.startswith("${"), name


def test_options_are_ones_airflow_and_newsledger_know(compose):
    (options,) = [f for f in metadata.files("apache-airflow-core") if str(f).endswith("config_templates/config.yml")]
    known = yaml.safe_load(options.locate().read_text("utf-8"))
    for name in compose["services"]["worker"]["environment"]:
        if name.startswith("NEWSLEDGER_"):
            assert name.removeprefix("NEWSLEDGER_").lower() in Settings.model_fields
        elif "__CELERY__" not in name:  # the provider's own section
            _, section, option = name.lower().split("__")
            assert option in known[section]["options"], name


def test_every_dependency_has_one_version_and_no_place(compose):
    pinned = {}
    for line in (DOCKER / "constraints.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            match = re.fullmatch(r"([A-Za-z0-9._-]+)==([\w.!+-]+)( ; .+)?", line)
            assert match, f"not a name and a version: {line}"
            pinned[match[1].lower()] = match[2]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    for extra in project["project"].get("optional-dependencies", {}).values():
        wanted += extra
    for dependency in wanted:
        name = re.match(r"[A-Za-z0-9._-]+", dependency)[0].lower().replace("_", "-")
        assert name in pinned, dependency


def test_the_image_runs_as_an_ordinary_user_and_copies_what_the_wheel_needs():
    lines = (DOCKER / "Dockerfile").read_text("utf-8").splitlines()
    assert lines.index("USER newsledger") > max(n for n, line in enumerate(lines) if line.startswith("FROM"))
    for folder in ("schemas", "dags", "pipeline"):
        assert f"COPY {folder} {folder}" in lines
