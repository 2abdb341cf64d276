"""The corpus of names is written as its guide says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import pipeline.training

CORPUS = sorted((Path(pipeline.training.__file__).parent / "corpus").glob("*.txt"))
_SPAN = re.compile(r"\[(PER|ORG|LOC|GRP|EVT|WRK|OTH) ([^\[\]]+)\]")


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_marked_names_are_whole_and_nothing_else_is_in_brackets(path: Path) -> None:
    sentences = [each for each in path.read_text("utf-8").splitlines() if each]
    assert len(set(sentences)) == len(sentences) > 500
    for sentence in sentences:
        assert not set("[]") & set(_SPAN.sub("", sentence)), sentence
        assert all(name == name.strip(" ,;") for _, name in _SPAN.findall(sentence)), sentence
