"""The invented sentences with events are written as their codebook says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from pipeline.extract.reader import CLASSES, FLAGS, MODEL, PARTS
from pipeline.training.events.average import average
from pipeline.training.events.data import examples, parse


def test_every_type_and_flag_has_enough_examples() -> None:
    found = examples()
    kinds = Counter(CLASSES[each.kind] for each in found)
    assert min(kinds[kind] for kind in CLASSES) >= 125
    assert sum(kinds.values()) - kinds["NONE"] >= 2000
    assert kinds["NONE"] >= 1000
    flags = Counter(flag for each in found for flag, said in zip(FLAGS, each.flags, strict=True) if said)
    assert min(flags[flag] for flag in FLAGS) >= 150


def test_every_event_has_a_trigger_and_a_party() -> None:
    for each in examples():
        parts = {part for _, _, part in each.spans}
        if not each.only:
            assert ("T" in parts) == (each.kind > 0), each.words
        assert not each.kind or parts & {"A", "R", "B"}, each.words


def test_listed_words_that_tell_no_event_are_examples_of_none() -> None:
    found = [each for each in examples() if each.only]
    assert len(found) > 500
    assert all(each.kind == 0 and [part for *_, part in each.spans] == ["T"] for each in found)


def test_no_sentence_is_there_twice_with_the_same_event() -> None:
    found = [(tuple(each.words), each.kind, tuple(each.spans)) for each in examples()]
    assert len(set(found)) == len(found)


def test_a_line_says_what_its_words_are() -> None:
    each = parse("ASSAULT.firearms negated | [A Troops] did not {fire on} [R the crowd].")
    assert (CLASSES[each.kind], each.flags[0]) == ("ASSAULT", 1.0)
    assert [PARTS[n] for n in each.parts()] == ["B-A", "O", "O", "B-T", "I-T", "B-R", "I-R", "O"]
    assert each.marks("T") == [0, 0, 0, 4, 4, 0, 0, 0]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("WAR | x", "no type"), ("AGREE.firearms | [A x] {y}", "no type"), ("AGREE angry | [A x] {y}", "no example"),
        ("no line", "no example"),
    ],
)  # fmt: skip
def test_a_line_that_is_none_is_an_error(line: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse(line)


def test_the_mean_of_students_lies_between_them(tmp_path: Path) -> None:
    with np.load(MODEL) as stored:
        one = {name: stored[name] for name in stored.files}
    other = one | {"parts_bias": one["parts_bias"] + np.float16(1), "pieces_scale": 3 * one["pieces_scale"]}
    for name, part in (("one", one), ("other", other)):
        np.savez(tmp_path / f"{name}.npz", **part)
    average(tmp_path / "mean.npz", [tmp_path / "one.npz", tmp_path / "other.npz"])
    with np.load(tmp_path / "mean.npz") as mean:
        assert np.allclose(mean["parts_bias"], one["parts_bias"] + 0.5, atol=0.01)
        pieces = one["pieces"] * one["pieces_scale"]
        assert np.allclose(mean["pieces"] * mean["pieces_scale"], 2 * pieces, atol=0.02 * np.abs(pieces).max())
        assert "glance" not in mean.files


def test_students_of_several_forms_have_no_mean(tmp_path: Path) -> None:
    np.savez(tmp_path / "one.npz", pieces=np.zeros((2, 3), np.int8))
    np.savez(tmp_path / "other.npz", pieces=np.zeros((2, 4), np.int8))
    with pytest.raises(ValueError, match="several forms"):
        average(tmp_path / "mean.npz", [tmp_path / "one.npz", tmp_path / "other.npz"])
