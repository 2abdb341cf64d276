"""Small invented documents, and homes to take them in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.settings import Settings, load

PARAGRAPHS = (
    "LISBON — The port authority of Lisbon signed an agreement with the dock workers' union on Monday, ending a strike "
    "of three weeks that had kept forty ships waiting in the Tagus estuary.",
    "Harbour director Marta Queirós said the first container ships would be unloaded before dawn. The union's leader, "
    "Duarte Falcão, thanked the mayor of Setúbal for her patience.",
    "The agreement raises night pay by a tenth and gives crane drivers a longer break in summer.",
)


def a_page(url: str = "https://tagus-times.example/port", title: str = "Lisbon dockers end strike") -> str:
    """A news page, invented for these tests."""
    body = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
    return (
        f'<!doctype html><html lang="en"><head><title>{title} | Tagus Times</title><link rel="canonical" href="{url}">'
        f'<meta property="article:published_time" content="2026-03-02T08:00:00+00:00"></head>'
        f"<body><article><h1>{title}</h1>{body}</article></body></html>"
    )


def a_row(number: int = 1, **given: Any) -> dict[str, Any]:
    """A row of a JSONL, invented."""
    row = {
        "url": f"https://tagus-times.example/rows/{number}",
        "title": f"Report number {number} from the river",
        "text": "\n\n".join(PARAGRAPHS),
        "published_at": "2026-03-02T08:00:00Z",
        "authors": ["Inês Carvalhal"],
    }
    return {**row, **given}


def write_jsonl(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), "utf-8")
    return path


@pytest.fixture
def cfg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings for a home of the test's own; one process, so that pools do not cost the tests their seconds."""
    for name in ("NEWSLEDGER_HOME", "NEWSLEDGER_SOURCES", "NEWSLEDGER_RESOLVE", "NEWSLEDGER_NOW"):
        monkeypatch.delenv(name, raising=False)
    return load(home=tmp_path / "data", workers=1)
