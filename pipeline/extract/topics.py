"""What an article is about: IPTC Media Topics, by the words of its title and beginning.

A vector for each of 24,000 words, their mean, and one linear layer (fastText's form: Joulin et al., 2017) that learned
from a larger model; `pipeline/training/topics` makes it, `topics_en.md` is its card.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from pipeline.extract.convolutions import softmax
from pipeline.records import Topic
from pipeline.schema import ontology

MODEL = Path(__file__).with_name("topics_en.npz")
MOST_WORDS = 250
"""Words of the text that are looked at."""
MAIN = tuple(f"{n:02}000000" for n in range(1, 18))
_ALSO, _SECOND = 0.5, 0.6
"""Least probability of a further topic, and of a second-level one."""
_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)?|\d{4}")


def words_of(title: str, words: Sequence[str]) -> list[str]:
    """The words that count, in small letters: the title's twice."""
    text = " ".join(words[:MOST_WORDS])
    return [w for w in _WORD.findall(f"{title} {title} {text}".lower()) if len(w) > 2]


class _Classifier:
    def __init__(self) -> None:
        with np.load(MODEL) as stored:
            self._numbers = {w: n for n, w in enumerate(stored["words"].tobytes().decode().split("\n"))}
            self._table = stored["table"].astype(np.float32) * stored["scale"]
            self._layer = stored["layer"].astype(np.float32)
            self._bias = stored["bias"]
            self._second = stored["second"].tobytes().decode().split("\n")
        self._names: dict[str, str] = ontology("media_topics")["topics"]

    def read(self, words: Sequence[str]) -> list[Topic]:
        """The topics of an article of these words: the main one first; none where it knows none of them."""
        known = [number for w in words if (number := self._numbers.get(w)) is not None]
        if not known:
            return []
        raw = self._table[known].mean(axis=0) @ self._layer + self._bias
        main = softmax(raw[:17])
        any_ = 1 / (1 + np.exp(-raw[17:34]))
        first = int(main.argmax())
        found = [(MAIN[first], float(main[first]))]
        second = softmax(raw[34:])
        best = int(second.argmax())
        if second[best] >= _SECOND and self._names[self._second[best]].startswith(f"{self._names[MAIN[first]]} > "):
            found.append((self._second[best], float(second[best])))
        found += [(MAIN[n], float(any_[n])) for n in np.argsort(-any_).tolist() if any_[n] >= _ALSO and n != first]
        return [
            Topic(code=f"medtop:{code}", name=self._names[code].rpartition(" > ")[2], score=round(score, 3))
            for code, score in found
        ]


@cache
def _classifier() -> _Classifier:
    return _Classifier()


def topics(title: str | None, text: str) -> list[Topic]:
    """IPTC Media Topics of an English article, the main one first, each with its probability."""
    return _classifier().read(words_of(title or "", text[: 12 * MOST_WORDS].split()))
