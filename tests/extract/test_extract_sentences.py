"""Words and sentences."""

from __future__ import annotations

import pytest

from pipeline.extract.languages import language_of
from pipeline.extract.nlp import read


def sentences(text: str, language: str = "en") -> list[str]:
    cut = read(text, language)
    return [cut.span(first, last) for first, last in cut.sentences]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mr. Okoro met Dr. Lind. They talked.", ["Mr. Okoro met Dr. Lind.", "They talked."]),
        ("The U.S. Navy left. It rained.", ["The U.S. Navy left.", "It rained."]),
        ("She flew to the U.S. The trip was short.", ["She flew to the U.S.", "The trip was short."]),
        (
            "Col. Adeyemi and J. K. Marsh left at 5 p.m. on Monday.",
            ["Col. Adeyemi and J. K. Marsh left at 5 p.m. on Monday."],
        ),
        ("It cost 3.5 million. No. 7 won.", ["It cost 3.5 million.", "No. 7 won."]),
        ("“We will stay.” He sat down.", ["“We will stay.”", "He sat down."]),
        ("Really? Yes! Good.", ["Really?", "Yes!", "Good."]),
        ("A headline without a stop\n\nThe first line.", ["A headline without a stop", "The first line."]),
        ("A headline\r\n\r\nThe first line.", ["A headline", "The first line."]),
        ("A line that is\nwrapped by hand.", ["A line that is\nwrapped by hand."]),
        ("", []),
        (" \n ", []),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_chinese_and_arabic_sentences_end_at_their_own_marks() -> None:
    assert sentences("他来了。她走了。", "zh") == ["他来了。", "她走了。"]
    assert sentences("هل وصل؟ نعم وصل.", "ar") == ["هل وصل؟", "نعم وصل."]


@pytest.mark.parametrize("language", ["xx", "ja", "th", "ko", "vi", "eo", "no such"])
def test_a_language_without_a_tokenizer_of_its_own_is_still_cut_into_words(language: str) -> None:
    cut = read("Kyoto 2026.", language)
    assert all(cut.text[s:e] == w for w, s, e in zip(cut.words, cut.starts, cut.ends, strict=True))
    assert cut.words


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The mayor said that the bridge would stay closed for a week.", "en"),
        ("El alcalde dijo que los vecinos del barrio no se irán por la obra.", "es"),
        ("Le maire a dit que la ville est dans une situation qui dure.", "fr"),
        ("Der Bürgermeister sagte, dass die Brücke nicht von der Stadt ist.", "de"),
        ("市长说桥要关闭一周。", "zh"),
        ("قال رئيس البلدية إن الجسر مغلق.", "ar"),
        ("12345", "en"),
    ],
)
def test_the_language_of_a_bare_text_is_told_by_script_and_common_words(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("endless", ["(" * 300_000, "x" * 300_000, "http://" + "a/" * 100_000])
def test_what_goes_on_for_ever_without_a_space_is_one_word(endless: str) -> None:
    text = f"It rained. {endless} Angela left."
    found = read(text)
    assert endless in found.words
    assert [text[s:e] for s, e in zip(found.starts, found.ends, strict=True)] == found.words
    assert found.words[-3:] == ["Angela", "left", "."]
