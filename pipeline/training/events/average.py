"""One student of several that began as the same one: the mean of their weights.

    python -m pipeline.training.events.average MODEL STUDENT STUDENT …

Model soups (Wortsman et al., 2022): students trained on from one network, each in another order, lie in one basin,
and their mean errs less than they do and costs no more. Students that began anew may not be averaged.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

import numpy as np


def average(out: Path, students: Sequence[Path]) -> None:
    """Write the mean of the students' weights; what is no weight is the first one's, `glance` is left out.

    Raises ValueError where the students are not of one form.
    """
    parts = []
    for path in students:
        with np.load(path) as stored:
            parts.append({name: stored[name] for name in stored.files if name != "glance"})
    if len({tuple((name, value.shape) for name, value in sorted(part.items())) for part in parts}) != 1:
        raise ValueError("students of several forms have no mean")
    found = dict(parts[0])
    for name, value in parts[0].items():
        if value.dtype == np.float16:
            found[name] = np.mean([part[name].astype(np.float32) for part in parts], axis=0).astype(np.float16)
    pieces = np.mean([part["pieces"] * part["pieces_scale"] for part in parts], axis=0)
    scale = np.abs(pieces).max(axis=0) / 127
    found["pieces"], found["pieces_scale"] = np.round(pieces / scale).astype(np.int8), scale.astype(np.float32)
    np.savez_compressed(out, **found)


def main() -> None:
    """Average."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("students", type=Path, nargs="+")
    given = parser.parse_args()
    average(given.model, given.students)


if __name__ == "__main__":
    main()
