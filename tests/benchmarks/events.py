"""Events of extract against the PLOVER gold records and real news: ``python tests/benchmarks/events.py``.

    python tests/benchmarks/events.py --news --half     the half of the labelled sentences that may be looked at
    python tests/benchmarks/events.py --judged          events judged one by one: precision and calibration
    python tests/benchmarks/events.py --held-out        the invented sentences that were held out of training, and flags
    python tests/benchmarks/events.py --5w              who and where of each article's main event, Giveme5W1H

The 322 records of ../shared/data/events/plover_gsr.jsonl (never in this repository) are a test set: score them once per
change of substance, do not tune on them. Their 18 older types are mapped to the 16: DEMAND → REQUEST, DISAPPROVE and
INVESTIGATE → ACCUSE, FIGHT → ASSAULT, YIELD → CONCEDE or RETREAT.

With given pairs the gold actor and recipient are told, and the type is asked. In bare sentences, `found`: the gold type
is among the sentence's events; `first`: it is the type of the event of highest confidence (the earliest of equals);
`none`: nothing was coded; `actor`, `recipient`: in a sentence of the right type, the gold country code is among those
of its events (records whose gold gives none are left out); `per sentence`: events coded.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pipeline.extract import tag
from pipeline.extract.reader import FLAGS
from pipeline.schema import ontology
from pipeline.training.events import data

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "events" / "plover_gsr.jsonl"
VOLUME = DATA.parents[1] / "volume" / "articles_6k.jsonl.gz"
SENTENCES = Path(__file__).with_name("gold") / "event_sentences.jsonl"
JUDGEMENTS = SENTENCES.with_name("event_judgements.jsonl")
_INVENTED = re.compile(r"\[([ARB]) ([^\[\]{}]+)\]|\{([^{}\[\]]+)\}")
AS_FUTURE = {"RETREAT": "CONCEDE"} | dict.fromkeys(("CONSULT", "SUPPORT", "COOPERATE", "AID"), "AGREE")
_MARK = re.compile(r"\(([A-Z]+(?:/[A-Z]+)?):\s*")
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
        for row in map(json.loads, lines):
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


def given_pairs() -> None:
    """The types of the gold records where actor and recipient are given: macro-F1, quad class, conflict or not."""
    gold: list[str] = []
    ours: list[str] = []
    for row in records():
        text, spans = parsed(row["textInfo"]["markup"] if isinstance(row["textInfo"], dict) else row["textInfo"])
        actors = [(a, b) for kind, a, b in spans if "SRC" in kind]
        recipients = [(a, b) for kind, a, b in spans if "TAR" in kind] or actors
        if not actors:
            actors = recipients
        wanted = TYPES.get(row["event"], {row["event"]})
        [pair] = tag(text, pairs=[(*actors[0], *recipients[-1])])["pairs"]
        found = pair["event_type"] or "none"
        gold.append(found if found in wanted else sorted(wanted)[0])
        ours.append(found)
    types = ontology("plover")["types"]
    quad = {name: said["quad_class"] for name, said in types.items()} | {"none": 0}
    right = Counter(g for g, o in zip(gold, ours, strict=True) if g == o)
    f1 = {name: 2 * right[name] / max(1, gold.count(name) + ours.count(name)) for name in types}
    count = len(gold)
    print(f"given pairs  macro-F1 {sum(f1.values()) / len(f1):.3f}  right {right.total() / count:.3f}", end="  ")
    print(f"quad {sum(quad[g] == quad[o] for g, o in zip(gold, ours, strict=True)) / count:.3f}", end="  ")
    print(f"conflict or not {sum((quad[g] > 2) == (quad[o] > 2) for g, o in zip(gold, ours, strict=True)) / count:.3f}")
    print("  " + "  ".join(f"{name} {value:.2f}" for name, value in f1.items()))


def records() -> Iterator[dict[str, Any]]:
    """The gold records."""
    with DATA.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def parsed(markup: str) -> tuple[str, list[tuple[str, int, int]]]:
    """The text of a marked sentence, and its marks: kind, start and end."""
    text, opened, spans, at = "", [], [], 0
    while at < len(markup):
        if mark := _MARK.match(markup, at):
            opened.append([mark[1], len(text), 0])
            at = mark.end()
            continue
        letter = markup[at]
        at += 1
        if opened and letter == "(":
            opened[-1][2] += 1
        if opened and letter == ")":
            if not opened[-1][2]:
                kind, start, _ = opened.pop()
                spans.append((kind, start, len(text)))
                continue
            opened[-1][2] -= 1
        text += letter
    return text, spans


def sentences(half: int | None = None) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """The labelled sentences of real news, and what is coded in each, in its article; of one half, or all."""
    articles = [json.loads(line) for line in lines_of(VOLUME)]
    found = []
    for number, line in enumerate(SENTENCES.read_text("utf-8").splitlines()):
        if half is not None and number % 2 != half:
            continue
        gold = json.loads(line)
        article = articles[gold["line"]]
        # What an article tells twice is one event: it counts in each of its sentences.
        events = [
            e | {"trigger_start": told["trigger_start"]}
            for e in tag(article["text"], article["title"])["events"]
            for told in e["sentences"]
            if told["field"] == "text" and gold["start"] <= told["trigger_start"] < gold["end"]
        ]
        found.append((gold, events))
    return found


def real_news(half: int | None) -> None:
    """Precision and recall of events in the labelled sentences, and how many without an event are coded."""
    right = coded = wanted = quiet = wrongly = 0
    flags: dict[str, list[int]] = {flag: [0, 0, 0] for flag in FLAGS}
    errors: list[tuple[float, bool]] = []
    for gold, events in sentences(half):
        left = list(gold["events"])
        coded += len(events)
        wanted += len(left)
        quiet += not left
        wrongly += not left and bool(events)
        for event in sorted(events, key=lambda e: -e["confidence"]):
            fitting = [g for g in left if g["type"] == event["event_type"]]
            # Of two of a type the one whose trigger is nearer.
            fitting.sort(key=lambda g: abs(g["trigger"][0] - event["trigger_start"]))
            errors.append((event["confidence"], bool(fitting)))
            if fitting:
                right += 1
                left.remove(fitting[0])
                for flag, counts in flags.items():
                    ours, theirs = event[f"is_{flag}"], flag in fitting[0]["flags"]
                    counts[0] += ours and theirs
                    counts[1] += ours
                    counts[2] += theirs
    name = "all" if half is None else ("even half (looked at)", "odd half")[half]
    print(
        f"real news, {name}: precision {right / max(1, coded):.3f} of {coded}, recall {right / max(1, wanted):.3f}",
        end="",
    )
    print(f" of {wanted}; {wrongly / max(1, quiet):.3f} of {quiet} sentences without an event are coded")
    told = [f"{flag} {2 * a / max(1, b + c):.2f} ({c})" for flag, (a, b, c) in flags.items()]
    print(f"  flags of those right: {', '.join(told)}; calibration error {calibration(errors):.3f}")
    print(f"  confidence → share right: {reliability(errors)}")


def judged() -> None:
    """How many of the events that were judged one by one are right, and how far confidence tells it.

    The judged are events that one model coded in articles on which nothing was trained; of another model those count
    that it codes too. Confidence was fitted on articles of even lines: the others measure it.
    """
    wanted: dict[tuple[str, int], dict[tuple[int, str], bool]] = {}
    for row in map(json.loads, JUDGEMENTS.read_text("utf-8").splitlines()):
        wanted.setdefault((row["file"], row["line"]), {})[row["start"], row["type"]] = row["right"]
    texts = {name: lines_of(VOLUME.with_name(name)) for name in {name for name, _ in wanted}}
    found: list[list[tuple[float, bool]]] = [[], []]
    for (name, line), judgements in wanted.items():
        article = json.loads(texts[name][line])
        for event in tag(article["text"], article["title"])["events"]:
            right = judgements.get((event["trigger_start"], event["event_type"]))
            if event["field"] == "text" and right is not None:
                found[line % 2].append((event["confidence"], right))
    for half, rows in zip(("even lines (fitted on)", "odd lines"), found, strict=True):
        precision = sum(right for _, right in rows) / max(1, len(rows))
        print(f"judged events, {half}: precision {precision:.3f} of {len(rows)}, mean confidence ", end="")
        print(f"{sum(c for c, _ in rows) / max(1, len(rows)):.3f}; calibration error {calibration(rows):.3f}")
        print(f"  confidence → share right: {reliability(rows)}")


def held_out(of: Callable[[str], bool] = data.is_held_out) -> None:
    """The whole coder on the invented sentences held out of training: types, parties, flags, sentences without any."""
    gold: dict[str, list[tuple[str, set[str], dict[str, set[str]]]]] = {}
    for path in sorted(data.FOLDER.glob("*.txt")):
        for line in filter(str.strip, path.read_text("utf-8").splitlines()):
            head, _, marked = line.strip().partition(" | ")
            kind, *flags = head.split()
            text = _INVENTED.sub(lambda m: m[2] or m[3], marked)
            told = gold.setdefault(text, []) if of(text) else []
            if kind != "NONE":
                parties: dict[str, set[str]] = {"A": set(), "R": set()}
                for m in _INVENTED.finditer(marked):
                    for side in {"A": "A", "R": "R", "B": "AR"}.get(m[1] or "", ""):
                        parties[side] |= content([m[2]], countries=False)
                told.append((kind.partition(".")[0], set(flags), parties))
    counts: Counter[str] = Counter()
    for text, wanted in gold.items():
        left = sorted(tag(text)["events"], key=lambda e: -e["confidence"])
        counts["quiet"] += not wanted
        counts["wrongly"] += not wanted and bool(left)
        for kind, flags, parties in wanted:
            kind = AS_FUTURE.get(kind, kind) if "future" in flags else kind
            counts["events"] += 1
            event = next((e for e in left if e["event_type"] == kind), None)
            if event is None:
                continue
            left.remove(event)
            counts["found"] += 1
            for side, ours in (("A", event["actors"]), ("R", event["recipients"])):
                counts[f"{side} asked"] += bool(parties[side])
                counts[side] += bool(parties[side] & content([p["text"] for p in ours], countries=False))
            for flag in FLAGS:
                counts[f"{flag} both"] += flag in flags and event[f"is_{flag}"]
                counts[f"{flag} gold"] += flag in flags
                counts[f"{flag} ours"] += event[f"is_{flag}"]
    print(f"held out: type found {counts['found'] / counts['events']:.3f} of {counts['events']}", end="; ")
    print(f"an actor {counts['A'] / counts['A asked']:.3f}, a recipient {counts['R'] / counts['R asked']:.3f}", end="")
    print(f"; {counts['wrongly'] / counts['quiet']:.3f} of {counts['quiet']} sentences without an event are coded")
    for flag in FLAGS:
        f1 = 2 * counts[f"{flag} both"] / max(1, counts[f"{flag} gold"] + counts[f"{flag} ours"])
        print(f"  {flag} {f1:.2f} ({counts[f'{flag} gold']}, coded {counts[f'{flag} ours']})", end="")
    print()


def lines_of(path: Path) -> list[str]:
    """The lines of a file, packed or not."""
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            return list(lines)
    return path.read_text("utf-8").splitlines()


def five_w() -> None:
    """Whether who and where of an article's main event share a word with what annotators marked (Giveme5W1H).

    News tells its main event first: the first that is coded counts (of articles of even lines it was right more often
    than the surest, and than what weighs both), the surest beside it for comparison.
    """
    with gzip.open(DATA.with_name("giveme5w1h.jsonl.gz"), "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    coded = [tag(row["text"], row.get("title"))["events"] for row in rows]
    choices: dict[str, Callable[[dict[str, Any]], float]] = {
        "first": lambda e: -1 if e["field"] == "title" else e["trigger_start"],
        "surest": lambda e: -e["confidence"],
    }
    for choice, order in choices.items():
        for half, some in (("all", (0, 1)), ("odd lines", (1,))):
            counts: Counter[str] = Counter()
            for number, (row, events) in enumerate(zip(rows, coded, strict=True)):
                if number % 2 not in some:
                    continue
                top = min(events, key=order) if events else None
                counts["coded"] += top is not None
                who = [p["text"] for p in (*top["actors"], *top["recipients"])] if top else []
                where = [top["place_name"], *who] if top and top["place_name"] else who
                for name, ours in (("who", who), ("where", where)):
                    gold = [a["text"] for a in row["fiveWoneH"][name]["annotated"] if a.get("text")]
                    if gold:
                        counts[f"{name} asked"] += 1
                        counts[name] += bool(content(gold) & content(ours))
                        counts[f"{name} coded"] += top is not None
            print(f"Giveme5W1H, {choice} event, {half}: {counts['coded']} articles have one", end="")
            for name in ("who", "where"):
                share = counts[name] / counts[f"{name} asked"]
                among = counts[name] / max(1, counts[f"{name} coded"])
                print(f"; {name} {share:.3f} of {counts[f'{name} asked']}, of those coded {among:.3f}", end="")
            print()


def content(phrases: list[str], *, countries: bool = True) -> set[str]:
    """The words of phrases that say something, in small letters, and the countries that they name (`UK`)."""
    # Places have the gazetteer's name: `Mazār-e Sharīf` is the paper's Mazar-i-Sharif.
    bare = [unicodedata.normalize("NFKD", p.lower()).encode("ascii", "ignore").decode() for p in phrases]
    words = {w for p in bare for w in re.findall(r"\w+", p) if len(w) > 3 or w.isdigit()}
    places = [m for p in phrases if countries for m in tag(p)["mentions"] if m["place_precision"] == "country"]
    return words | {m["country_code"] for m in places}


def reliability(errors: list[tuple[float, bool]]) -> str:
    """For each fifth of the scale of confidence: how many events, their mean confidence, how many were right."""
    rows = []
    for step in range(5):
        some = [(c, r) for c, r in errors if step / 5 <= c < (step + 1) / 5 or (step == 4 and c == 1)]
        if some:
            mean, share = (sum(each[n] for each in some) / len(some) for n in (0, 1))
            rows.append(f"{mean:.2f} → {share:.2f} ({len(some)})")
    return ", ".join(rows)


def calibration(errors: list[tuple[float, bool]]) -> float:
    """Expected calibration error over ten equal steps of confidence."""
    total = 0.0
    for step in range(10):
        some = [(c, r) for c, r in errors if step / 10 <= c < (step + 1) / 10 or (step == 9 and c == 1)]
        if some:
            total += abs(sum(c for c, _ in some) - sum(r for _, r in some))
    return total / max(1, len(errors))


def main() -> None:
    """Print the scores."""
    if not DATA.is_file():
        print(f"skipped: {DATA} is not there")
        return
    if "--5w" in sys.argv:
        five_w()
        return
    if "--judged" in sys.argv:
        judged()
        return
    if "--held-out" in sys.argv:
        held_out()
        return
    if "--news" not in sys.argv:
        five_w()
        given_pairs()
        print("bare sentences  " + "  ".join(f"{name} {value:.3f}" for name, value in score().items()))
    judged()
    for half in (0, 1) if "--half" not in sys.argv else (0,):
        real_news(half)


if __name__ == "__main__":
    main()
