"""The clocks of hosts that all who use a state share. On both databases."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

from collect_site import NOW
from test_collect_state import HOUR, SECOND, NewDatabase

from pipeline.collect import State
from pipeline.collect.state import FARTHEST


def test_turns_at_a_host_are_given_one_after_another(state: State) -> None:
    clocks = state.clocks()
    assert [clocks.take("quay.example", NOW, 1.5) for _ in range(3)] == [NOW, NOW + 1.5 * SECOND, NOW + 3 * SECOND]
    assert clocks.take("pier.example", NOW, 1.0) == NOW
    assert clocks.take("quay.example", NOW + HOUR, 1.5) == NOW + HOUR
    clocks.rest("quay.example", NOW + HOUR + 30 * SECOND)
    clocks.rest("quay.example", NOW + HOUR + 10 * SECOND)
    assert clocks.take("quay.example", NOW + HOUR, 1.0) == NOW + HOUR + 30 * SECOND


def test_threads_and_users_never_share_a_turn(new_database: NewDatabase) -> None:
    url = new_database()
    turns: list[datetime] = []

    def take(clocks: Any) -> None:
        for _ in range(20):
            turns.append(clocks.take("quay.example", NOW, 1.0))

    with State(url) as one, State(url) as other:
        users = [threading.Thread(target=take, args=(s.clocks(),)) for s in (one, one, other)]
        for user in users:
            user.start()
        for user in users:
            user.join()
    assert sorted(turns) == [NOW + n * SECOND for n in range(60)]


def test_a_clock_in_the_far_future_is_disbelieved(state: State) -> None:
    clocks = state.clocks()
    clocks.rest("quay.example", NOW + FARTHEST + SECOND)
    assert clocks.take("quay.example", NOW, 1.0) == NOW
    assert clocks.take("quay.example", NOW, 1.0) == NOW + SECOND
    clocks.rest("pier.example", NOW + FARTHEST)
    assert clocks.take("pier.example", NOW, 1.0) == NOW + FARTHEST
