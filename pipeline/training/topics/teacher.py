"""The teacher of topics: a sentence-embedding model reads articles, a linear model above it learns their labels.

    python -m pipeline.training.topics.teacher embed VOLUME FOLDER     reads the 24,000 articles, half an hour of CPU at most

Of each article two stretches are read, 128 pieces each: title and beginning, and what follows.
"""

from __future__ import annotations

import gzip
import json
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from pipeline.training.networks import DEVICE, base

FILES = ("articles_6k.jsonl.gz", "unlabelled_18k.jsonl.gz")
PIECES = 128
_AT_ONCE = 64


class Embedder:
    """all-MiniLM-L6-v2 as its makers use it: the mean of the last states, of length one."""

    def __init__(self) -> None:
        from transformers import AutoModel, AutoTokenizer

        self._tokenizer = AutoTokenizer.from_pretrained(base())
        self._model = AutoModel.from_pretrained(base()).to(DEVICE).eval()

    def read(self, texts: Sequence[str]) -> NDArray[Any]:
        """Vectors of texts, shape (texts, 384)."""
        found = np.zeros((len(texts), 384), np.float32)
        order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
        with torch.inference_mode():
            for at in range(0, len(order), _AT_ONCE):
                rows = order[at : at + _AT_ONCE]
                given = self._tokenizer(
                    [texts[n] for n in rows], truncation=True, max_length=PIECES, padding=True, return_tensors="pt"
                ).to(DEVICE)
                states = self._model(**given).last_hidden_state
                mask = given["attention_mask"][..., None].float()
                found[rows] = nn.functional.normalize((states * mask).sum(1) / mask.sum(1), dim=1).cpu().numpy()
        return found


def stretches(title: str, text: str) -> tuple[str, str]:
    """The two stretches of an article that are read."""
    words = text.split()
    return f"{title}. {' '.join(words[:90])}", " ".join(words[90:200])


def articles(volume: Path) -> list[dict[str, Any]]:
    """All articles, those of the first file first."""
    found = []
    for name in FILES:
        with gzip.open(volume / name, "rt", encoding="utf-8") as lines:
            found += [json.loads(line) for line in lines]
    return found


def embed(volume: Path, folder: Path) -> None:
    """Write the vectors of all articles."""
    folder.mkdir(parents=True, exist_ok=True)
    pairs = [stretches(a["title"] or "", a["text"]) for a in articles(volume)]
    embedder = Embedder()
    first, second = (embedder.read([pair[n] for pair in pairs]) for n in (0, 1))
    np.savez(folder / "vectors.npz", first=first.astype(np.float16), second=second.astype(np.float16))


def main() -> None:
    """Embed."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["embed"])
    parser.add_argument("volume", type=Path)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    embed(given.volume, given.folder)


if __name__ == "__main__":
    main()
