"""How many, as sentences say it."""

from __future__ import annotations

import pytest

from pipeline.extract.counts import counts


def said(sentence: str) -> list[tuple[str, float | None, float | None]]:
    return [(c.kind or "", c.min, c.max) for c in counts(sentence)]


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("Gunmen killed at least 12 people and wounded 30 others.", [("killed", 12, None), ("injured", 30, 30)]),
        ("Twelve people were killed and dozens injured.", [("killed", 12, 12), ("injured", 24, None)]),
        ("Between 40 and 50 protesters were arrested.", [("arrested", 40, 50)]),
        ("The death toll rose to 1,204.", [("killed", 1204, 1204)]),
        ("As many as 300,000 people were displaced.", [("displaced", None, 300_000)]),
        ("Some 2,000 people rallied and 70 were detained.", [("protesters", 2000, 2000), ("arrested", 70, 70)]),
        ("Fighting forced 1.5 million from their homes.", [("displaced", 1_500_000, 1_500_000)]),
    ],
)
def test_people_are_counted_with_their_bounds(sentence: str, wanted: list[tuple[str, float, float]]) -> None:
    assert said(sentence) == wanted


def test_money_keeps_its_currency_and_the_words_it_was_read_from() -> None:
    sentence = "Germany will give Kenya 5 million euros, and the US $1.2 billion."
    found = counts(sentence)
    assert [(c.kind, c.min, c.unit) for c in found] == [("money", 5e6, "EUR"), ("money", 1.2e9, "USD")]
    assert [sentence[c.start : c.end] for c in found] == ["5 million euros", "$1.2 billion"]


@pytest.mark.parametrize(
    "sentence",
    [
        "Police questioned five men, aged 20 to 35, over the killing of a priest.",
        "The march began on 3 March 2024 at 10:30 am.",
        "Turnout fell by 12 per cent in 14 provinces.",
    ],
)
def test_years_ages_and_shares_count_nobody(sentence: str) -> None:
    assert said(sentence) == []
