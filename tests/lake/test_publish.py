"""A staged file becomes public by one rename, and only with the declared schema."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from lake_rows import BATCH, link

from pipeline.errors import ValidationError
from pipeline.lake import publish, store


def staged(path: Path, **more: object) -> Path:
    with store.Writer(path, "links", batch_id=BATCH) as writer:
        writer.add(link(**more))  # type: ignore[arg-type]
    return path


def test_a_file_stands_in_the_folder_of_its_day(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    target = publish.publish(staged(tmp_path / "links.parquet"), lake, "links", "2026-03-02", BATCH)
    assert target == lake / "links" / "day=2026-03-02" / f"{BATCH}.parquet"
    assert store.count(target) == 1
    assert not (tmp_path / "links.parquet").exists()
    assert publish.published(lake, "links", BATCH) == target
    assert publish.published(lake, "links", "2026-03-02T07") is None
    assert list(publish.batches(lake, "links")) == [("2026-03-02", BATCH)]


def test_publishing_again_replaces_the_file(tmp_path: Path) -> None:
    for title in ("old", "new"):
        target = publish.publish(
            staged(tmp_path / "links.parquet", title_hint=title), tmp_path / "lake", "links", "2026-03-02", BATCH
        )
    assert [r.title_hint for r in store.read(target, "links")] == ["new"]
    assert len(list(target.parent.iterdir())) == 1


def test_publishing_what_is_published_does_nothing(tmp_path: Path) -> None:
    file = staged(tmp_path / "links.parquet")
    first = publish.publish(file, tmp_path / "lake", "links", "2026-03-02", BATCH)
    assert publish.publish(file, tmp_path / "lake", "links", "2026-03-02", BATCH) == first


def test_a_file_with_holes_is_not_published(tmp_path: Path) -> None:
    file = staged(tmp_path / "links.parquet", source_id=None)
    with pytest.raises(ValidationError, match="has not the schema of links"):
        publish.publish(file, tmp_path / "lake", "links", "2026-03-02", BATCH)
    assert not (tmp_path / "lake").exists()


def test_a_lake_on_another_file_system_gets_a_copy_that_is_renamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = staged(tmp_path / "staging" / "links.parquet")
    real = Path.replace

    def across(self: Path, target: Path) -> Path:
        if self.parent != target.parent:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", across)
    target = publish.publish(file, tmp_path / "lake", "links", "2026-03-02", BATCH)
    assert store.count(target) == 1
    assert list(target.parent.iterdir()) == [target]
    assert not file.exists()
