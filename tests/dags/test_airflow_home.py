"""The environment Airflow is started with."""

import subprocess
import sys

from pipeline.airflow_home import environment
from pipeline.settings import load


def test_airflow_keeps_to_the_data_home_and_to_this_machine(tmp_path):
    made = environment(load(home=tmp_path), given={})
    assert made["AIRFLOW_HOME"] == str(tmp_path / "airflow")
    assert made["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == f"sqlite:///{tmp_path}/airflow/airflow.db"
    assert made["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert made["AIRFLOW__USAGE_DATA_COLLECTION__ENABLED"] == "False"
    assert made["NEWSLEDGER_HOME"] == str(tmp_path)


def test_another_airflow_in_the_environment_is_left_alone(tmp_path):
    theirs = {
        "AIRFLOW_HOME": "/srv/airflow",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql://production",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD": "cat /srv/secret",
        "AIRFLOW__CELERY__BROKER_URL": "redis://production",
        "AIRFLOW__CORE__DAGS_FOLDER": "/srv/dags",
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": "[]",
    }
    made = environment(load(home=tmp_path), given=theirs)
    assert not [name for name, value in made.items() if "/srv" in value or "production" in value]
    assert "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST" not in made


def test_other_options_of_the_caller_hold(tmp_path):
    made = environment(load(home=tmp_path), given={"AIRFLOW__CORE__PARALLELISM": "7", "NEWSLEDGER_SHARDS": "3"})
    assert (made["AIRFLOW__CORE__PARALLELISM"], made["NEWSLEDGER_SHARDS"]) == ("7", "3")


def test_a_wrong_setting_is_one_clear_line(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.airflow_home", "--home", str(tmp_path), "version"],
        env={"NEWSLEDGER_SHARDS": "none"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("newsledger: NEWSLEDGER_SHARDS: ")
    assert done.stderr.count("\n") == 1
