"""Every setting, read once: from ``NEWSLEDGER_*`` variables, or passed in. Nothing else reads the environment.

``Settings.clock()`` is the only clock of the package: steps are given times, they never look.
"""

from __future__ import annotations

import os
import re
import time
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline.errors import ConfigurationError

_PRODUCT = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*(?:[/ ]|$)")
_CONTACT = re.compile(r"https?://[^\s/;,()]+\.|[^\s@;,(+:]+@[^\s@;,)]+\.")
_STARTED = time.monotonic()


class Settings(BaseSettings):
    """Where the data lives and how the steps behave. Raises ConfigurationError through `load`."""

    model_config = SettingsConfigDict(env_prefix="NEWSLEDGER_", extra="ignore", frozen=True)

    home: Path = Field(default=Path("data"), description="The data home.")
    sources: Path | None = Field(default=None, description="The register; `<home>/sources.toml` if not set.")
    state_url: str | None = Field(
        default=None, description="SQLite or PostgreSQL (`postgresql://…`); `<home>/state.db` if not set."
    )
    now: datetime | None = Field(
        default=None, description="The time the clock showed when the process started (tests, demo)."
    )
    workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, description="Processes for deriving.")
    shards: int = Field(default=4, ge=1, description="At most so many shards (mapped tasks) a step.")

    user_agent: str = Field(
        default="Newsledger/0.1 (+https://newsledger.example/bot)",
        description="User-Agent header: `Name/1.0 (+https://…)`. It names a page or an address to write to.",
    )
    resolve: str = Field(
        default="", description="Hosts to send elsewhere: `*.example=127.0.0.1:8080`, several separated by commas."
    )
    allow_private: bool = Field(
        default=False, description="Whether loopback, private and link-local addresses may be fetched from."
    )
    timeout: float = Field(default=30.0, gt=0, description="Seconds for one request, in all.")
    connect_timeout: float = Field(default=10.0, gt=0, description="Seconds to connect.")
    read_timeout: float = Field(default=15.0, ge=0, description="Seconds between two bytes of an answer; 0: no limit.")
    max_bytes: int = Field(default=8_000_000, gt=0, description="Largest decoded body, bytes.")
    max_redirects: int = Field(default=5, ge=0, description="Redirects followed.")
    max_attempts: int = Field(default=3, ge=1, description="Attempts at one URL within a batch.")
    retry_wait: float = Field(default=1.0, ge=0, description="Seconds before the second attempt, doubled each time.")
    max_retry_after: float = Field(default=60.0, ge=0, description="Longest Retry-After waited for within a batch.")
    concurrent: int = Field(default=32, ge=1, description="Requests at once, over all hosts of a shard.")
    host_delay: float = Field(default=1.0, ge=0, description="Seconds between two requests to one host.")
    max_articles: int = Field(default=200, ge=1, description="Article fetches of one host in one batch.")
    max_requests: int = Field(default=0, ge=0, description="Requests of one shard in one batch, in all; 0: no limit.")
    max_host_seconds: float = Field(
        default=1800.0, ge=0, description="Seconds one host may take of a batch, pauses included; 0: no limit."
    )
    opt_outs: Literal["record", "obey"] = Field(
        default="record",
        description="Whether reservations against AI and text mining are only recorded (in `rights`) or obeyed: a page "
        "that robots.txt bars AI agents from is not requested, one that says noai or tdm-reservation is not kept.",
    )
    revisit_hours: tuple[float, ...] = Field(
        default=(1, 6, 24, 168), description="Hours after the first fetch at which an article is fetched again."
    )
    feed_hours: float = Field(
        default=1.0, ge=0, description="Least hours between two polls of a feed or sitemap; 0: every batch polls."
    )
    sitemap_days: float = Field(
        default=30.0, gt=0, description="Entries of sitemaps older than so many days are left aside."
    )

    min_words: int = Field(default=25, ge=1, description="Fewer words than this make no article.")
    nlp_model: str | None = Field(
        default=None,
        description="An installed spaCy pipeline to take names from, in its language; or several: en=…,de=….",
    )
    entity_links: Path | None = Field(
        default=None,
        description="A CSV of entities with their Wikidata ids: name, wikidata_id, entity_type, country_code.",
    )
    tags: Path | None = Field(
        default=None, description="A TOML or YAML file of tags of your own (`newsledger tags check FILE` tries it)."
    )
    window_days: int = Field(default=4, ge=1, description="How far apart articles of one story or family may be.")

    @field_validator("now")
    @classmethod
    def _in_utc(cls, value: datetime | None) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value

    @field_validator("user_agent")
    @classmethod
    def _honest(cls, value: str) -> str:
        value = value.strip()
        if not (value.isascii() and value.isprintable() and _PRODUCT.match(value)):
            raise ValueError("begin it with a name of letters and digits, in plain characters: Name/1.0 (+https://…)")
        if not _CONTACT.search(value):
            raise ValueError("name a page or a mail address, so that publishers can ask: Name/1.0 (+https://…)")
        return value

    @field_validator("home", "sources")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value.expanduser().absolute() if value is not None else None

    def clock(self) -> datetime:
        """The time (UTC): the real one, or `now` and what has passed since the process started."""
        if self.now is None:
            return datetime.now(UTC)
        return self.now.astimezone(UTC) + timedelta(seconds=time.monotonic() - _STARTED)

    def web(self) -> dict[str, Any]:
        """What a `pipeline.collect.Web` takes."""
        names = (
            "user_agent", "timeout", "connect_timeout", "read_timeout", "max_bytes", "max_redirects", "max_attempts",
            "max_requests", "max_host_seconds", "retry_wait", "max_retry_after", "host_delay", "concurrent", "opt_outs",
            "resolve", "allow_private",
        )  # fmt: skip
        return {"clock": self.clock, **{name: getattr(self, name) for name in names}}

    @cached_property
    def register(self) -> Path:
        """Path of the register of sources."""
        return self.sources or self.home / "sources.toml"

    @property
    def archive(self) -> Path:
        """Folder of the WARC files."""
        return self.home / "archive"

    @property
    def staging(self) -> Path:
        """Folder of what is not yet validated."""
        return self.home / "staging"

    @property
    def lake(self) -> Path:
        """Folder of the published Parquet files."""
        return self.home / "lake"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file with views over the lake."""
        return self.home / "newsledger.duckdb"

    @property
    def state(self) -> str:
        """SQLAlchemy URL of the state."""
        return self.state_url or f"sqlite:///{self.home / 'state.db'}"


def load(**given: object) -> Settings:
    """The settings: what is given (None means not given), else ``NEWSLEDGER_*``, else the defaults.

    Raises ConfigurationError naming the setting that is wrong.
    """
    try:
        return Settings(**{k: v for k, v in given.items() if v is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]) or "settings"
        raise ConfigurationError(f"NEWSLEDGER_{name.upper()}: {first['msg']}") from error
