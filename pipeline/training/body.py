"""Trains the forests of ``pipeline.clean.body`` and says what they are worth on pages of publishers they never saw.

    python -m pipeline.training.body ../shared/data/extraction            cross-validation, no files written
    python -m pipeline.training.body ../shared/data/extraction --write    trains on all of it and writes the models

Each folder below the one named holds ``gold.jsonl`` (file, url, body) and ``pages/`` (HTML, gzip). The pages of the
sample newsroom take part in training. A block is the article's where half of its words are aligned with the gold body;
blocks weigh by their words' share of their page, so that what is learned is what F1 over the words of a page counts.
"""

from __future__ import annotations

import gzip
import json
import re
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from pipeline.addresses import site
from pipeline.clean import authors, body, forest, jsonld, title
from pipeline.clean.blocks import Blocks, cut
from pipeline.clean.document import Document, open_html
from pipeline.clean.traits import NAMES, Head, Matrix, traits

_WORD = re.compile(r"\w+")
_FOLDS = 5
_NEAR = 15
_EASY = 0.25
"""Share of the blocks far from the article that is kept for training, each with the weight of all those like it."""

TREES = 120
DEPTH = 6
FORM: dict[str, Any] = {
    "max_iter": TREES, "learning_rate": 0.08, "max_leaf_nodes": 24, "max_depth": DEPTH, "min_samples_leaf": 30,
    "l2_regularization": 5, "max_features": 0.3, "random_state": 0, "early_stopping": False,
}  # fmt: skip


@dataclass(kw_only=True)
class Sample:
    """A page with its gold."""

    group: str
    url: str
    site: str
    gold: str
    document: Document
    page: Blocks
    matrix: Matrix
    advised: Matrix
    is_body: NDArray[Any]
    weight: NDArray[Any]


def head_of(document: Document) -> Head:
    """What `body` is told of the head of a page."""
    return Head(
        title=title.title(document) or "",
        description=document.meta("og:description", "description"),
        authors=authors.authors(document),
        declared_body=jsonld.text(document.article.get("articleBody")) if document.article else "",
    )


def samples(folder: Path) -> Iterator[Sample]:
    """The pages of all sets below a folder."""
    for gold in sorted(folder.glob("*/gold.jsonl")):
        for line in gold.read_text("utf-8").splitlines():
            row = json.loads(line)
            if not row.get("body"):
                continue
            raw = gzip.decompress((gold.parent / "pages" / row["file"]).read_bytes())
            yield _sample(gold.parent.name, row["url"], raw, row["body"])


def newsroom() -> Iterator[Sample]:
    """The pages of the sample newsroom: short articles in many kinds of markup."""
    from pipeline.newsroom import BATCHES, content, pages

    _, moment = BATCHES[-1]
    for piece in content.articles().values():
        raw = pages.article(piece, moment).encode()
        yield _sample("newsroom", piece.url, raw, piece.text(moment))


def _sample(group: str, url: str, raw: bytes, gold: str) -> Sample:
    document = open_html(raw, None, url)
    page = cut(document.tree)
    matrix = traits(page, head_of(document))
    advised = np.hstack([matrix, body.advice(page, body.trafilatura_text(document, page))])
    words = [_words(block.text) for block in page.blocks]
    held, counts = _aligned(words, _words(gold)), np.array([len(each) for each in words])
    share = np.minimum(counts, 400) / (held.sum() + 1)
    return Sample(
        group=group,
        url=url,
        site=site(urlsplit(url).hostname or ""),
        gold=gold,
        document=document,
        page=page,
        matrix=matrix,
        advised=advised,
        is_body=(counts > 0) & (held >= 0.5 * counts),
        weight=100 * share + 0.15,
    )


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _aligned(blocks: Sequence[Sequence[str]], gold: Sequence[str]) -> NDArray[Any]:
    """How many words of each block stand in the gold, in the same order."""
    owner = [number for number, words in enumerate(blocks) for _ in words]
    matcher = SequenceMatcher(None, [word for words in blocks for word in words], list(gold), autojunk=False)
    held = np.zeros(len(blocks))
    for match in matcher.get_matching_blocks():
        for place in range(match.a, match.a + match.size):
            held[owner[place]] += 1
    return held


def train(chosen: Sequence[Sample], *, advised: bool) -> Any:
    """A scikit-learn model of the samples' blocks.

    Each page takes part twice, the second time without half of the names of its elements: other sites have others.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    rng = np.random.default_rng(0)
    named = [number for number, name in enumerate(NAMES) if name.startswith("in_") and not name[3:4].isdigit()]
    rows, labels, weights = [], [], []
    for sample in chosen:
        matrix = sample.advised if advised else sample.matrix
        count = len(matrix)
        kept = rng.random(count) < _EASY
        weight = np.where(kept, sample.weight / _EASY, sample.weight)
        if (found := np.nonzero(sample.is_body)[0]).size:
            near = np.zeros(count, bool)
            near[max(0, found[0] - _NEAR) : found[-1] + _NEAR + 1] = True
            weight = np.where(near, sample.weight, weight)
            kept |= near
        nameless = matrix[kept].copy()
        nameless[:, [column for column in named if rng.random() < 0.5]] = -1
        rows += [matrix[kept], nameless]
        labels += [sample.is_body[kept]] * 2
        weights += [weight[kept], 0.4 * weight[kept]]
    model = HistGradientBoostingClassifier(**FORM)
    return model.fit(np.vstack(rows), np.concatenate(labels), sample_weight=np.concatenate(weights))


def forest_of(model: Any) -> forest.Forest:
    """A scikit-learn model as a forest: every tree filled up to the same depth."""
    inner, outer = 2**DEPTH - 1, 2**DEPTH
    trees = [predictor.nodes for (predictor,) in model._predictors]
    columns = np.zeros((len(trees), inner), np.int32)
    bounds = np.full((len(trees), inner), np.inf, np.float32)
    leaves = np.zeros((len(trees), outer), np.float32)
    for number, nodes in enumerate(trees):
        stack = [(0, 0, 0)]
        while stack:
            at, place, depth = stack.pop()
            node = nodes[at]
            if node["is_leaf"]:
                # Below a leaf that stands high, nothing is greater than infinity: the way leads left.
                leaves[number, place * 2 ** (DEPTH - depth) + 2 ** (DEPTH - depth) - 1 - inner] = node["value"]
                continue
            columns[number, place] = node["feature_idx"]
            # The bound is a float64: the greatest float32 that is not above it divides the same values.
            bound = np.float32(node["num_threshold"])
            below = np.nextafter(bound, np.float32(-np.inf))
            bounds[number, place] = below if bound > node["num_threshold"] else bound
            stack += [(int(node["left"]), 2 * place + 1, depth + 1), (int(node["right"]), 2 * place + 2, depth + 1)]
    return forest.Forest(
        start=float(model._baseline_prediction.ravel()[0]), columns=columns, bounds=bounds, leaves=leaves
    )


def decided(sample: Sample, alone: Any, advised: Any) -> str:
    """The text that two scikit-learn models give, as `body.extract` would."""
    chances = alone.predict_proba(sample.matrix)[:, 1] if len(sample.matrix) else np.zeros(0)
    if len(chances) and body.doubt(sample.page, chances) > body.DOUBT:
        chances = advised.predict_proba(sample.advised)[:, 1]
    return "\n\n".join(body.paragraphs(body.chosen(sample.page, chances)))


def overlap(gold: str, text: str) -> tuple[float, float, float]:
    """Shares of four-word runs: in both, in the text only, in the gold only (as ../shared/bench counts)."""
    runs = [Counter(zip(w, w[1:], w[2:], w[3:], strict=False)) for w in (_words(gold), _words(text))]
    both, extra, missed = (sum(each.values()) for each in (runs[0] & runs[1], runs[1] - runs[0], runs[0] - runs[1]))
    total = (both + extra + missed) or 1
    return both / total, extra / total, missed / total


def report(name: str, scores: Sequence[tuple[float, float, float]]) -> None:
    """Print what a set's pages came to."""
    both, extra, missed = (sum(column) for column in zip(*scores, strict=True))
    precision, recall = both / (both + extra), both / (both + missed)
    f1 = 2 * precision * recall / (precision + recall)
    low = sum(2 * b < 0.5 * (2 * b + e + m) for b, e, m in scores)
    print(f"{name:22}F1 {f1:.4f}  P {precision:.4f}  R {recall:.4f}  pages below 0.5: {low} of {len(scores)}")


def main() -> None:
    """The command line."""
    from sklearn.model_selection import GroupKFold

    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true", help="train on all pages and write the models")
    asked = parser.parse_args()
    pages = list(samples(asked.folder))
    invented = list(newsroom())
    print(f"{len(pages)} pages of {len({p.site for p in pages})} sites, {len(invented)} of the newsroom")
    if asked.write:
        for path, advised in ((forest.ALONE, False), (forest.ADVISED, True)):
            forest_of(train(pages + invented, advised=advised)).save(path)
            print(f"wrote {path.name}, {path.stat().st_size / 1000:.0f} kB")
        return
    scores: list[tuple[Sample, tuple[float, float, float]]] = []
    for learned, held in GroupKFold(_FOLDS).split(pages, groups=[page.site for page in pages]):
        known = [pages[number] for number in learned] + invented
        models = [train(known, advised=advised) for advised in (False, True)]
        scores += [(pages[n], overlap(pages[n].gold, decided(pages[n], *models))) for n in held]
    for group in sorted({page.group for page in pages}):
        of_group = [(page, score) for page, score in scores if page.group == group]
        report(group, [score for _, score in of_group])
        for half in (0, 1):
            report(
                f"  half {half} of the sites",
                [s for page, s in of_group if sha256(page.site.encode()).digest()[0] % 2 == half],
            )


if __name__ == "__main__":
    main()
