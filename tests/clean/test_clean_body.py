"""Where the text comes from, and what may not hurt it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from invented import BODY, cleaned, html, ld, paragraphs, rejected

from pipeline.clean import forest
from pipeline.clean.traits import NAMES


def test_what_readers_wrote_below_is_none_of_the_text() -> None:
    thread = "".join(f'<li class="comment"><p>{text} I was there, and it rained all night.</p></li>' for text in BODY)
    article = cleaned(html(paragraphs(*BODY) + f'<ol class="comment-list">{thread}</ol>'))
    assert article.text == "\n\n".join(BODY)


def test_a_text_that_stands_twice_comes_once() -> None:
    twice = f'<div class="mobile">{paragraphs(*BODY)}</div><div class="desktop">{paragraphs(*BODY)}</div>'
    assert cleaned(html(twice)).text == "\n\n".join(BODY)


@pytest.mark.parametrize(
    "script",
    [
        '<script type="application/json">{}</script>',
        "<script>window.__STATE__ = {};</script>",
        "<script>self.__pages.push({});</script>",
    ],
)
def test_a_text_that_only_a_script_carries_is_found_there(script: str) -> None:
    state = json.dumps({"page": {"contentHtml": paragraphs(*BODY)}}).replace("<", "\\u003c")
    article = cleaned(html(script.replace("{}", state)))
    assert (article.text, article.extraction_method) == ("\n\n".join(BODY), "embedded")


def test_a_page_without_text_is_read_from_its_json_ld() -> None:
    article = cleaned(html("<p>Loading</p>", head=ld(headline="Lighthouse reopens", articleBody=" ".join(BODY))))
    assert article.extraction_method == "json_ld"
    assert article.text == " ".join(BODY)


def test_pages_made_to_hurt_are_rejects() -> None:
    attributes = " ".join(f'data-{number}="lamp"' for number in range(5000))
    reject = rejected(html(f"<div {attributes}>{paragraphs(*BODY)}</div>"))
    assert reject.reason == "unreadable"
    assert "attributes" in (reject.detail or "")


@pytest.mark.parametrize("path", [forest.ALONE, forest.ADVISED])
def test_the_models_that_ship_know_the_traits_and_give_probabilities(path: object) -> None:
    model = forest.load(path)  # type: ignore[arg-type]
    width = len(NAMES) + (4 if path == forest.ADVISED else 0)
    chances = model.probabilities(np.random.default_rng(0).normal(size=(5000, width)).astype(np.float32))
    assert chances.shape == (5000,)
    assert ((chances > 0) & (chances < 1)).all()
    assert int(model.columns.max()) < width
