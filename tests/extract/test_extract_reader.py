"""The reader of events: sentences lie behind each other in one table, and none looks into another."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extract.convolutions import convolved, layers_of
from pipeline.extract.reader import LONGEST, Query, reader

sentences = st.lists(st.lists(st.sampled_from(["Troops", "shelled", "Homs", ",", "the"]), min_size=1, max_size=30))


def query(words: list[str], marked: int = 0) -> Query:
    """Words of which the first is marked as that, no names known."""
    none = [0] * len(words)
    return Query(words, none, none, [marked, *none[1:]])


@settings(max_examples=30, deadline=None)
@given(sentences)
def test_a_sentence_is_read_the_same_alone_and_among_others_marked_or_not(some: list[list[str]]) -> None:
    queries = [query(words, number % 3) for number, words in enumerate(some)]
    together = reader().read(queries)
    assert len(together) == len(some)
    for words, asked, answer in zip(some, queries, together, strict=True):
        (alone,) = reader().read([asked])
        assert answer.parts.shape == (len(words), alone.parts.shape[1])
        np.testing.assert_allclose(answer.classes, alone.classes, atol=1e-4)
        np.testing.assert_allclose(answer.parts, alone.parts, atol=1e-3)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=40), st.integers(0, 2**32 - 1))
def test_the_convolution_of_many_rows_is_that_of_each_sentence_padded_with_nothing(sizes: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    part = {"dilations": np.array([1, 4])}
    for n in range(2):
        part |= {f"w_{n}": rng.normal(size=(3, 4, 8)), f"b_{n}": rng.normal(size=8)}
        part |= {f"scale_{n}": rng.normal(size=4), f"shift_{n}": rng.normal(size=4)}
    state = rng.normal(size=(sum(sizes), 4)).astype(np.float32)
    found = convolved(state, layers_of(part), np.array(sizes))
    wanted = [convolved(each, layers_of(part)) for each in np.split(state, np.cumsum(sizes)[:-1])]
    np.testing.assert_allclose(found, np.vstack(wanted), rtol=1e-3, atol=1e-3)


def test_a_glance_passes_over_what_tells_no_event_and_not_over_what_does() -> None:
    attack = ["Gunmen", "killed", "three", "policemen", "near", "Kirkuk", "on", "Sunday", "."]
    weather = ["Mix", "the", "flour", "with", "two", "eggs", "and", "a", "pinch", "of", "salt", "."]
    passed, over = reader().skim([query(attack), query(weather)])
    assert over is None
    assert passed is not None
    (read,) = reader().read([query(attack)])
    np.testing.assert_allclose(passed.classes, read.classes, atol=1e-4)


def test_what_is_longer_than_any_sentence_is_always_read() -> None:
    (answer,) = reader().skim([query(["salt"] * (LONGEST + 1))])
    assert answer is not None
