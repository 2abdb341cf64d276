"""Settings come from the environment once, and the clock can be set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.collect.web import Web
from pipeline.errors import ConfigurationError
from pipeline.settings import load


def test_what_is_given_stands_before_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NEWSLEDGER_HOME", "/nowhere")
    assert load(home=tmp_path).home == tmp_path
    assert load().home == Path("/nowhere")


def test_a_relative_home_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert load(home=Path("here")).home == tmp_path / "here"


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLEDGER_MAX_BYTES", "plenty")
    with pytest.raises(ConfigurationError, match="NEWSLEDGER_MAX_BYTES"):
        load()


def test_the_clock_goes_on_from_the_time_it_is_set_to() -> None:
    start = datetime(2026, 3, 2, 6, 5, tzinfo=UTC)
    shown = load(now=start).clock()
    assert start <= shown < start + timedelta(hours=1)


def test_without_a_set_time_the_clock_is_the_real_one() -> None:
    assert abs(load().clock() - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize(
    "agent", ["Desk/2.1 (+https://desk.example/bot)", "Desk (mailto:desk@paper.example)", "Desk/1 desk@paper.example"]
)
def test_a_user_agent_says_whom_to_ask(agent: str) -> None:
    assert load(user_agent=agent).user_agent == agent


@pytest.mark.parametrize(
    "agent",
    ["", " ", "Desk/2.1", "Desk/2.1 (+https://)", "Desk\r\nX: https://a.example", "Führe/1 (+https://a.example)"],
)
def test_a_user_agent_that_is_empty_or_names_nobody_is_refused(agent: str) -> None:
    with pytest.raises(ConfigurationError, match="NEWSLEDGER_USER_AGENT"):
        load(user_agent=agent)


def test_opt_outs_are_recorded_or_obeyed_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().opt_outs == "record"
    monkeypatch.setenv("NEWSLEDGER_OPT_OUTS", "obey")
    assert load().opt_outs == "obey"
    monkeypatch.setenv("NEWSLEDGER_OPT_OUTS", "ignore")
    with pytest.raises(ConfigurationError, match="NEWSLEDGER_OPT_OUTS"):
        load()


def test_the_web_takes_every_setting_that_is_for_it() -> None:
    given = load().web()
    assert {"read_timeout", "max_requests", "max_host_seconds", "opt_outs", "concurrent"} <= set(given)
    Web(archive=None, **given)
