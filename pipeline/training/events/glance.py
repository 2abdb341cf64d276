"""The reader's first glance: which sentences are worth its time.

    python -m pipeline.training.events.glance FOLDER MODEL

FOLDER holds the news that ``data`` wrote; MODEL, a reader of events, gets its row ``glance``. A linear layer on the
pooled rows of a sentence's words learns whether the network, which it saves, will hold an event likely; it passes 99
in 100 of those, counted on sentences that it did not learn from.
"""

from __future__ import annotations

from argparse import ArgumentParser
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from pipeline.extract.events import WORTH
from pipeline.extract.reader import LONGEST, Query, Reader, pooled
from pipeline.training.events import data

SENTENCES = 60_000
PASSED = 0.99
_AT_ONCE = 500


def learn(folder: Path, model: Path) -> None:
    """Learn the row, tell what it saves, and put it into the model."""
    reader = Reader(model)
    queries = [Query(words, kinds, listed, [0] * len(words)) for words, kinds, listed in data.news(folder)]
    queries = list(islice((q for q in queries if len(q.words) <= LONGEST), SENTENCES))
    features, likely = [], []
    for first in range(0, len(queries), _AT_ONCE):
        some = queries[first : first + _AT_ONCE]
        features.append(pooled(np.vstack([reader.rows(q) for q in some]), np.array([len(q.words) for q in some])))
        likely += [1 - answer.classes[0] for answer in reader.read(some)]
    table, chances = np.vstack(features), np.array(likely)
    learned = len(queries) * 3 // 4
    mean, spread = table[:learned].mean(axis=0), table[:learned].std(axis=0) + 1e-6
    x = torch.tensor((table[:learned] - mean) / spread)
    y = torch.tensor(chances[:learned] >= 0.5, dtype=torch.float32)
    layer = torch.nn.Linear(x.shape[1], 1)
    optimizer = torch.optim.LBFGS(layer.parameters(), max_iter=300, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        found = torch.nn.functional.binary_cross_entropy_with_logits(layer(x)[:, 0], y)
        found = found + 1e-3 * layer.weight.square().sum()
        found.backward()
        return found

    optimizer.step(loss)
    weights = layer.weight.detach().numpy()[0] / spread
    scores = table[learned:] @ weights
    worth = chances[learned:] >= WORTH
    least = float(np.quantile(scores[worth], 1 - PASSED))
    sizes = np.array([len(q.words) for q in queries[learned:]])
    asked = sizes[scores > least].sum() / sizes.sum()
    print(f"{worth.mean():.3f} of the sentences are likely; {asked:.3f} of the words stand in those that are passed")
    with np.load(model) as stored:
        part = {name: stored[name] for name in stored.files}
    part["glance"] = np.append(weights, -least).astype(np.float32)
    np.savez_compressed(model, **part)


def main() -> None:
    """Learn it."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("model", type=Path)
    given = parser.parse_args()
    learn(given.folder, given.model)


if __name__ == "__main__":
    main()
