"""The invented sentences with events are written as their codebook says."""

from __future__ import annotations

from collections import Counter

import pytest

from pipeline.extract.reader import CLASSES, FLAGS, PARTS
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
