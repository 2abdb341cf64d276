"""Topics of extract on 300 labelled articles of real news: ``python tests/benchmarks/topics.py``.

`main`: the first topic is the labelled main one; `within`: it is the main one or another that is labelled; `F1` counts
all topics of the first level an article has against all labelled; `second`: of those of the second level that are
given, how many are right, and of how many labelled. The baseline gives every article the commonest topic.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

from pipeline.extract.topics import MAIN as CODES
from pipeline.extract.topics import topics

MAIN = [f"medtop:{code}" for code in CODES]
VOLUME = Path(__file__).resolve().parents[3] / "shared" / "data" / "volume" / "articles_6k.jsonl.gz"
GOLD = Path(__file__).with_name("gold") / "topics.jsonl"


def main() -> None:
    """Print the scores."""
    if not VOLUME.is_file():
        print(f"skipped: {VOLUME} is not there")
        return
    with gzip.open(VOLUME, "rt", encoding="utf-8") as lines:
        articles = [json.loads(line) for line in lines]
    gold = [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()]
    counts: Counter[str] = Counter()
    by_topic: dict[str, Counter[str]] = {code: Counter() for code in MAIN}
    errors = []
    for row in gold:
        article = articles[row["line"]]
        found = topics(article["title"], article["text"])
        wanted = {row["main"], *row["also"]}
        given = {t.code or "" for t in found if t.code in MAIN}
        first = found[0]
        counts["main"] += first.code == row["main"]
        counts["within"] += first.code in wanted
        errors.append((first.score or 0.0, first.code == row["main"]))
        for code in MAIN:
            by_topic[code].update(right=code in wanted & given, given=code in given, wanted=code in wanted)
        second = [t.code for t in found if t.code not in MAIN]
        counts["second given"] += bool(second)
        counts["second wanted"] += row["second"] is not None
        counts["second right"] += row["second"] in second
    size = len(gold)
    total: Counter[str] = Counter()
    for code in MAIN:
        total.update(by_topic[code])
    f1 = 2 * total["right"] / (total["given"] + total["wanted"])
    common = Counter(row["main"] for row in gold).most_common(1)[0][1]
    print(f"main {counts['main'] / size:.3f} (commonest: {common / size:.3f})", end="  ")
    print(f"within {counts['within'] / size:.3f}  F1 of all {f1:.3f}", end="  ")
    print(
        f"second {counts['second right']} right of {counts['second given']} given, {counts['second wanted']} labelled"
    )
    error = 0.0
    for step in range(10):
        some = [(s, right) for s, right in errors if step / 10 <= s < (step + 1) / 10 or (step == 9 and s == 1)]
        error += abs(sum(s for s, _ in some) - sum(right for _, right in some))
    print(f"calibration error of the main topic {error / size:.3f}")
    for code, c in by_topic.items():
        if c["wanted"] or c["given"]:
            print(f"  {code} F1 {2 * c['right'] / (c['given'] + c['wanted']):.2f} ({c['wanted']})")


if __name__ == "__main__":
    main()
