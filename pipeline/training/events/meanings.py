"""What words mean, for the student: a vector for each of many words, from the teacher and from the language model.

    python -m pipeline.training.events.meanings FOLDER MODEL

FOLDER is what ``data`` wrote, MODEL a teacher; FOLDER gets ``meanings.npz``. Each word is read alone, by
all-mpnet-base-v2 as it is and by the teacher, and their states are reduced to principal components (as Model2Vec does
it for pieces of words, https://github.com/MinishLab/model2vec). The sentences have few of the words that tell an event;
by these vectors `rebuked` stands beside `scolded` and `admonished` whether the student ever read it or not.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.training.events import data
from pipeline.training.events.student import MEANING_WIDTH
from pipeline.training.events.teacher import Teacher
from pipeline.training.networks import DEVICE, Encoder, mpnet

WORDS = 20_000
_AT_ONCE = 500


def frequent(folder: Path) -> list[str]:
    """The words that come most often in the news and in the sentences not held out; names are none of them."""
    counts: Counter[str] = Counter()
    small: Counter[str] = Counter()
    examples = (e.words for e in data.prepared(folder) if not e.is_held_out)
    for sentence in chain((words for words, _, _ in data.news(folder)), examples):
        words = [word for word in sentence if word.isalpha() and len(word) > 1]
        counts.update(word.lower() for word in words)
        small.update(word for word in words if word.islower())
    # What is written with a capital more often than not is a name.
    return [word for word, count in counts.most_common() if 2 * small[word] >= count][:WORDS]


def states(encoder: Encoder, words: list[str], *, whole: bool) -> NDArray[Any]:
    """The mean state of each word's pieces, read alone, or of the `whole` that is read; shape (words, width)."""
    found = []
    with torch.inference_mode(), torch.autocast(DEVICE, torch.bfloat16):
        for first in range(0, len(words), _AT_ONCE):
            some = [[word] for word in words[first : first + _AT_ONCE]]
            nothing = [[0]] * len(some)
            state, kept, _, _ = encoder.encode(some, nothing, nothing)
            kept[:, 0] = int(whole)
            found.append(((state.float() * kept[..., None]).sum(1) / kept.sum(1, keepdim=True)).cpu().numpy())
    return np.vstack(found)


def write(folder: Path, model: Path) -> None:
    """Write the words and their vectors."""
    words = frequent(folder)
    teacher = Teacher(folder)
    teacher.load_state_dict(torch.load(model, weights_only=True))
    plain = Encoder(model=mpnet(folder)).to(DEVICE)
    # As it is, it is not told how words are written.
    torch.nn.init.zeros_(plain.written.weight)
    both = []
    # all-mpnet-base-v2 was made for the mean of all that it reads; the teacher's first state tells of whole sentences.
    for encoder, whole in ((plain.eval(), True), (teacher.eval(), False)):
        table = states(encoder, words, whole=whole)
        table -= table.mean(axis=0)
        both.append(table / np.sqrt(np.square(table).sum(axis=1).mean()))
    table = np.hstack(both)
    _, weights, directions = np.linalg.svd(table, full_matrices=False)
    vectors = table @ directions[:MEANING_WIDTH].T
    kept = np.square(weights[:MEANING_WIDTH]).sum() / np.square(weights).sum()
    print(f"{len(words):,} words; {kept:.2f} of the variance in {MEANING_WIDTH} numbers")
    np.savez(
        folder / "meanings.npz", words=np.array("\n".join(words).encode()),
        vectors=np.asarray(vectors / vectors.std(), np.float32),
    )  # fmt: skip


def main() -> None:
    """Write them."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("model", type=Path)
    given = parser.parse_args()
    write(given.folder, given.model)


if __name__ == "__main__":
    main()
