"""Exact-span scores of extract's names against open gold: ``python tests/benchmarks/entities.py [SET …]``.

Sets lie in ../shared/data/ner (never in this repository): `uner_ewt_dev` and `wikigold` are for development,
`uner_pud` is the test set: score it once, do not tune on it. A span counts when start, end and type are right. Types
compared are person, organization and location; extract's groups, events and works have no counterpart there and are
left out.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from pipeline.extract import tag

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "ner"
TYPES = {"PER": "person", "ORG": "organization", "LOC": "location"}


def gold_spans(tokens: list[str], tags: list[str]) -> tuple[str, set[tuple[int, int, str]]]:
    """The sentence set with spaces, and its spans by offset."""
    text, spans, at, opened = "", set(), 0, None
    for token, label in zip(tokens, tags, strict=True):
        at = len(text)
        kind = label[2:]
        if opened and (label[0] in "OB" or kind != opened[1]):
            spans.add((opened[0], at - 1, opened[1]))
            opened = None
        if label != "O" and opened is None:
            opened = (at, kind)
        text += token + " "
    if opened:
        spans.add((opened[0], len(text) - 1, opened[1]))
    return text.rstrip(), {(s, e, TYPES[k]) for s, e, k in spans if k in TYPES}


def score(name: str, show: int = 0) -> dict[str, tuple[float, float, float]]:
    """Precision, recall and F1 by type, and over all three as `all`."""
    right: Counter[str] = Counter()
    ours: Counter[str] = Counter()
    theirs: Counter[str] = Counter()
    with (DATA / f"{name}.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            text, gold = gold_spans(row["tokens"], row["tags"])
            found = {(m["start"], m["end"], m["entity_type"]) for m in tag(text)["mentions"]}
            found = {f for f in found if f[2] in TYPES.values()}
            for group, counter in ((gold & found, right), (found, ours), (gold, theirs)):
                counter.update(k for _, _, k in group)
                counter["all"] += len(group)
            if show and found != gold:
                show -= 1
                print(text)
                print("  missed", [(text[s:e], k) for s, e, k in gold - found])
                print("  wrong ", [(text[s:e], k) for s, e, k in found - gold])
    result = {}
    for kind in (*TYPES.values(), "all"):
        precision = right[kind] / max(1, ours[kind])
        recall = right[kind] / max(1, theirs[kind])
        result[kind] = (precision, recall, 2 * precision * recall / max(1e-9, precision + recall))
    return result


def main(names: list[str]) -> None:
    """Print a line for each type of each set."""
    if not DATA.is_dir():
        print(f"skipped: {DATA} is not there")
        return
    show = 0
    if names and names[0].startswith("--show="):
        show = int(names.pop(0).removeprefix("--show="))
    for name in names or ["uner_ewt_dev", "wikigold"]:
        for kind, (precision, recall, f1) in score(name, show).items():
            print(f"{name:14} {kind:13} P {precision:.3f}  R {recall:.3f}  F1 {f1:.3f}")


if __name__ == "__main__":
    main(sys.argv[1:])
