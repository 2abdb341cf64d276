"""Event types and actors of extract against the PLOVER gold records: ``python tests/benchmarks/events.py``.

The 322 records of ../shared/data/events/plover_gsr.jsonl (never in this repository) are a test set: score them once per
change of substance, do not tune on them. Their 18 older types are mapped to the 16: DEMAND → REQUEST, DISAPPROVE and
INVESTIGATE → ACCUSE, FIGHT → ASSAULT, YIELD → CONCEDE or RETREAT.

`found`: the gold type is among the sentence's events; `first`: it is the type of the event of highest confidence (the
earliest of equals); `none`: nothing was coded; `actor` and `recipient`: in a sentence of the right type, the gold
country code is among those of its events (records whose gold gives none are left out); `per sentence`: events coded.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from pipeline.extract import tag

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "events" / "plover_gsr.jsonl"
TYPES = {
    "DEMAND": {"REQUEST"},
    "DISAPPROVE": {"ACCUSE"},
    "INVESTIGATE": {"ACCUSE"},
    "FIGHT": {"ASSAULT"},
    "YIELD": {"CONCEDE", "RETREAT"},
}


def countries(sides: Any) -> set[str]:
    """Alpha-3 codes of a gold record's source or target."""
    found = set()
    for side in sides if isinstance(sides, list) else [sides] if sides else []:
        # A few records say in words whom they mean; these give no code.
        code = (side.get("code") or "") if isinstance(side, dict) else ""
        if len(code) >= 3:
            found.add(code[:3])
    return found - {"---", "IGO", "NGO", "IMG", "MNC"}


def score() -> dict[str, float]:
    """The shares described above, over all records."""
    counts: Counter[str] = Counter()
    with DATA.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            wanted = TYPES.get(row["event"], {row["event"]})
            events = tag(row["text"])["events"]
            counts["records"] += 1
            counts["events"] += len(events)
            counts["none"] += not events
            right = [e for e in events if e["event_type"] in wanted]
            counts["found"] += bool(right)
            counts["first"] += bool(events) and max(events, key=lambda e: e["confidence"])["event_type"] in wanted
            for side, gold in (("actor", row.get("source")), ("recipient", row.get("target"))):
                codes = countries(gold)
                if right and codes:
                    counts[f"{side} asked"] += 1
                    ours = {(p["code"] or "")[:3] for e in right for p in e[f"{side}s"] if p["country"]}
                    counts[side] += bool(codes & ours)
    records = counts["records"]
    return {
        "found": counts["found"] / records,
        "first": counts["first"] / records,
        "none": counts["none"] / records,
        "actor": counts["actor"] / max(1, counts["actor asked"]),
        "recipient": counts["recipient"] / max(1, counts["recipient asked"]),
        "per sentence": counts["events"] / records,
    }


def main() -> None:
    """Print one line of scores."""
    if not DATA.is_file():
        print(f"skipped: {DATA} is not there")
        return
    print("plover_gsr  " + "  ".join(f"{name} {value:.3f}" for name, value in score().items()))


if __name__ == "__main__":
    main()
