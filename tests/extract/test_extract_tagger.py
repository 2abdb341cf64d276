"""The tagger of names: whatever the text, its answers are names that can be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extract.tagger import TAGS, Words, best_path, shape, spans, tagger

words = st.lists(
    st.one_of(st.sampled_from(["Maria", "Okoro", "of", "the", "Bank", ",", "BAMAKO", "x"]), st.text(min_size=1))
)


@settings(max_examples=100, deadline=None)
@given(st.lists(words, max_size=5))
def test_names_lie_within_their_sentence_and_never_overlap(sentences: list[list[str]]) -> None:
    found = tagger().names(sentences)
    assert len(found) == len(sentences)
    for sentence, names in zip(sentences, found, strict=True):
        edges = [edge for first, last, _, _ in names for edge in (first, last)]
        assert edges == sorted(edges)
        assert all(0 <= first < last <= len(sentence) and 0 < sure <= 1 for first, last, _, sure in names)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_the_best_path_is_one_that_tags_can_take(count: int, seed: int) -> None:
    path = best_path(np.random.default_rng(seed).normal(size=(count, len(TAGS))) * 5)
    inside = ""
    for tag in (TAGS[n] for n in path):
        place, _, kind = tag.partition("-")
        assert (place in "IE") == bool(inside)
        assert not inside or kind == inside
        inside = kind if place in "BI" else ""
    assert not inside
    assert len(spans(path)) == sum(TAGS[n][0] in "ES" for n in path)


def test_a_sentence_is_read_the_same_alone_and_among_many() -> None:
    """Within the reach of the network the neighbours may tell; far away nothing does."""
    far = [["."] * 30, ["Police", "in", "Peru", "arrested", "Ernesto", "Vidal", "."], ["."] * 30]
    again = [["x"] * 50, *far, ["x"] * 50]
    assert [n[:3] for n in tagger().names(far)[1]] == [n[:3] for n in tagger().names(again)[2]]


def test_pieces_are_the_longest_of_the_vocabulary() -> None:
    known = Words(["[UNK]", "mu", "##ni", "munich", "##s", ".", "el"])
    assert known.pieces("Munichs") == [3, 4]
    assert known.pieces("Muní") == [1, 2]
    assert known.pieces("El.") == [6, 5]
    assert known.pieces("عربي") == [0]


@pytest.mark.parametrize(
    ("word", "written"), [("McArthur", "XxXxxx"), ("U.S.", "X.X."), ("2026", "ddd"), ("al-Shabaab", "xx-Xxxx")]
)
def test_the_shape_of_a_word_says_how_it_is_written(word: str, written: str) -> None:
    assert shape(word) == written


def test_a_million_words_without_a_full_stop_are_read_in_pieces() -> None:
    sentence = ["Angela", "Okoro", "met", "Maria", "Lind", "and"] * 2000
    (names,) = tagger().names([sentence])
    assert {" ".join(sentence[first:last]) for first, last, _, _ in names[:50]} <= {"Angela Okoro", "Maria Lind"}
    assert names[-1][1] > 11_990
