"""Settings come from the environment once, and the clock can be set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

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
