"""What the command line shows of the ledger: it adds up, and it fits the terminal."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.show import funnel_lines
from pipeline.warehouse.conservation import STATES

MANY = {f"source-{n:03}": {"stored": 1000 * n + 1, "failed": n % 3} for n in range(77)}


def numbers(line: str) -> list[int]:
    return [int(n.replace(",", "")) for n in re.findall(r"(?<![\w-])[\d,]+(?![\w-])", line)]


def test_the_largest_source_comes_first_and_the_sum_names_every_state() -> None:
    lines = funnel_lines("source", {"small": {"stored": 2}, "large": {"stored": 1500, "gone": 3}})
    assert lines == [
        "source   stored   gone    URLs",
        "──────────────────────────────",
        "large     1,500      3   1,503",
        "small         2              2",
        "──────────────────────────────",
        "all       1,502      3   1,505",
        "",
        "1,502 stored + 3 gone = 1,505 URLs; none unaccounted for",
    ]


def test_a_state_that_no_url_is_in_has_no_column() -> None:
    assert not {"pending", "failed"} & set(funnel_lines("source", {"a": {"stored": 1, "failed": 0}})[0].split())


def test_of_many_sources_the_rest_is_one_row() -> None:
    lines = funnel_lines("source", MANY, 80, most=40)
    (rest,) = (line for line in lines if line.startswith("…"))
    assert rest.startswith("… and 37 more ")
    shown = [numbers(line)[-1] for line in lines if line.startswith("source-")]
    assert len(shown) == 40
    assert sum(shown) + numbers(rest)[-1] == numbers(next(line for line in lines if line.startswith("all")))[-1]


def test_days_come_in_their_order() -> None:
    lines = funnel_lines("day", {"2026-03-03": {"stored": 9}, "2026-03-02": {"stored": 1}})
    assert [line.split()[0] for line in lines[2:4]] == ["2026-03-02", "2026-03-03"]


def test_where_nine_states_are_too_wide_the_smallest_share_a_column_and_the_sum_names_them() -> None:
    counts = {state: 10 ** max(1, 8 - n) for n, state in enumerate(STATES)}
    lines = funnel_lines("source", {"the-times-of-somewhere-far": counts, "b": counts}, 80)
    head = " ".join(" ".join(lines[:2]).split())
    assert "other" in head
    assert "pending" not in head
    assert "20 failed + 20 pending = " in " ".join(lines[lines.index("") :])
    assert max(map(len, lines)) <= 80


def test_an_empty_ledger_says_so() -> None:
    assert funnel_lines("source", {})[-1] == "no URL was seen yet"


counts = st.dictionaries(st.sampled_from(STATES), st.integers(1, 10**7), min_size=1)
names = st.text("abcdefghij-.é", min_size=1, max_size=40)


@given(by_row=st.dictionaries(names, counts, min_size=1, max_size=12), wide=st.integers(70, 140))
def test_any_funnel_fits_and_adds_up(by_row: dict[str, dict[str, int]], wide: int) -> None:
    lines = funnel_lines("source", by_row, wide, most=5)
    assert max(map(len, lines)) <= wide
    first, last = (n for n, line in enumerate(lines) if line.startswith("──"))
    for line in (*lines[first + 1 : last], lines[last + 1]):
        cells = [int(cell.replace(",", "")) for cell in re.sub(r"^… and \d+ more", "more", line).split()[1:]]
        assert sum(cells[:-1]) == cells[-1]


@pytest.mark.parametrize("wide", [40, 60])
def test_a_narrow_terminal_still_gets_an_answer(wide: int) -> None:
    assert funnel_lines("source", MANY, wide)
