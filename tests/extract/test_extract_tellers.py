"""Who tells of an event, and whether in the actor's own voice."""

from __future__ import annotations

import pytest

from pipeline.extract.tellers import Telling, is_own_voice, tellings


def speakers(sentence: str, trigger: str) -> list[str]:
    lower = sentence.lower().split()
    at = lower.index(trigger)
    return [" ".join(lower[t.first : t.last]) for t in tellings(lower, 0, len(lower), (at, at + 1))]


@pytest.mark.parametrize(
    ("sentence", "trigger", "speaker"),
    [
        ("Rebels attacked the town , residents said .", "attacked", "residents"),
        ("Residents said rebels had attacked the town .", "attacked", "residents"),
        ("According to two diplomats , rebels attacked the town .", "attacked", "two diplomats"),
        ("Rebels attacked the town , said the mayor .", "attacked", "the mayor"),
        ("Rebels , a priest says , attacked the town .", "attacked", "a priest"),
        ("Nobody attacked the town , the inquest found .", "attacked", "the inquest"),
        ("Soldiers attacked nobody , an inquiry was told .", "attacked", "an inquiry"),
        ("Traders report that rebels attacked the town .", "attacked", "traders"),
        ("A leaked cable has it that rebels attacked the town .", "attacked", "a leaked cable"),
        ("Leaked minutes show that rebels attacked the town .", "attacked", "leaked minutes"),
        ("State radio spoke of an attack by rebels .", "attack", "state radio"),
        ("Rebels , a Kabul paper has learned , attacked the town .", "attacked", "a kabul paper"),
        ("At dawn , say two deputies , rebels attacked the town .", "attacked", "two deputies"),
        ("The attack by rebels was confirmed by the Red Cross .", "attack", "the red cross"),
    ],
)
def test_who_tells_an_event_stands_before_or_behind_the_verb_of_speech(
    sentence: str, trigger: str, speaker: str
) -> None:
    assert speakers(sentence, trigger) == [speaker]


@pytest.mark.parametrize(
    ("sentence", "trigger"),
    [
        ("Soldiers attacked a town claimed by the rebels .", "attacked"),
        ("The ministry restored the allowance as the union had insisted .", "restored"),
        ("The minister has not threatened Kyiv , whatever the headlines say .", "threatened"),
        ("The bishop withdrew the decree that the paper reported on .", "withdrew"),
        ("Ottawa has dropped its visa rule , contrary to a rumour .", "dropped"),
        ("The minister resigned , announced over the car radio as she drove .", "resigned"),
        ("According to plan , the army attacked the town .", "attacked"),
    ],
)
def test_a_verb_of_speech_that_tells_something_else_tells_no_event(sentence: str, trigger: str) -> None:
    assert speakers(sentence, trigger) == []


@pytest.mark.parametrize("sentence", ["Rebels reportedly attacked the town .", "Rebels are said to have attacked it ."])
def test_hearsay_tells_an_event_and_names_nobody(sentence: str) -> None:
    assert speakers(sentence, "attacked") == [""]


@pytest.mark.parametrize(
    ("speaker", "of_state", "is_foreign", "own"),
    [
        ("its spokesman", False, False, True),
        ("her lawyer", False, False, True),
        ("her sister", False, False, False),
        ("the defence ministry", True, False, True),
        ("the defence ministry", True, True, False),
        ("the defence ministry", False, False, False),
        ("residents", True, False, False),
    ],
)
def test_a_spokesman_speaks_for_his_own_and_a_ministry_for_its_state(
    speaker: str, of_state: bool, is_foreign: bool, own: bool
) -> None:
    words = speaker.split()
    assert is_own_voice(words, Telling(len(words), 0, len(words)), of_state=of_state, is_foreign=is_foreign) is own
