"""Extract's names, places and chains of names against open gold: ``python tests/benchmarks/entities.py [SET …]``.

Sets lie in ../shared/data (never in this repository), none was trained on: `crossner_politics_test`, `uner_pud`,
`re3d` (exact spans), `geovirus` (places found, and where they are put), `gum` (chains of names), and `speed`
over ../shared/data/volume. `uner_pud`, `re3d` and CrossNER's test are test sets: score them, do not tune on them.

A span counts where start, end and type are right; persons, organizations and locations are compared. Of re3d, which
marks roles and descriptions too, only names are gold: without articles, titles and offices before a name; those all of
whose words are capitalised (but `of` and the like), the outermost of several. What is marked but no name is neither
asked for nor counted against.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

from pipeline.extract import tag

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
KINDS = ("person", "organization", "location")
_TYPES = {
    "PER": "person", "ORG": "organization", "LOC": "location", "politician": "person", "person": "person",
    "politicalparty": "organization", "organisation": "organization", "country": "location", "location": "location",
}  # fmt: skip
_RE3D = {"Person": "person", "Organisation": "organization", "Location": "location"}
_BEFORE = re.compile(
    r"^(?:the|a|an|HE|Dr|Mr|Mrs|Ms|Sir|Lord|Gen|General|Lt|Col|Colonel|Maj|Major|Brig|Brigadier|Capt|Army|Air|Force|Navy|Marine|"
    r"US|U\.S\.|UK|British|American|Australian|Iraqi|Syrian|Russian|Turkish|French|President|Prime|Minister|Foreign|Defence|Defense|"
    r"Secretary|Deputy|Vice|Ambassador|Special|Envoy|Chief|Spokesman|Spokesperson|Chairman|King|Senator|Professor|His|Excellency)\b\.?\s+",
    re.I,
)
Span = tuple[int, int, str]


def of_tokens(name: str) -> Iterator[tuple[str, set[Span], set[Span]]]:
    """Sentences set with spaces: text, spans, none that may be left out."""
    for line in (SHARED / "ner" / f"{name}.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        text, spans, opened = "", set(), None
        for token, label in zip([*row["tokens"], ""], [*row["tags"], "O"], strict=True):
            kind = label[2:]
            if opened and (label[0] in "OB" or kind != opened[1]):
                spans.add((opened[0], len(text) - 1, opened[1]))
                opened = None
            if label != "O" and opened is None:
                opened = (len(text), kind)
            text += token + " "
        yield text.rstrip(), {(s, e, _TYPES[k]) for s, e, k in spans if k in _TYPES}, set()


def re3d() -> Iterator[tuple[str, set[Span], set[Span]]]:
    """Documents: text, spans of names, and what is marked besides."""
    for line in (SHARED / "ner" / "re3d.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        marked = {(e["start"], e["end"], _RE3D[e["type"]]) for e in row["entities"] if e["type"] in _RE3D}
        names = set()
        for start, end, kind in marked:
            text = row["text"][start:end]
            while match := _BEFORE.match(text) if kind == "person" else re.match(r"the\s+", text, re.I):
                start, text = start + match.end(), text[match.end() :]
            if _is_name(text, kind):
                names.add((start, end, kind))
        names = {n for n in names if not any(m != n and m[2] == n[2] and m[0] <= n[0] and n[1] <= m[1] for m in names)}
        yield row["text"], names, {(s, e, k) for s, e, k in marked if (s, e, k) not in names}


def _is_name(text: str, kind: str) -> bool:
    words = text.split()
    if not words or text in _PRONOUNS or (kind == "person" and " of " in text):
        return False
    return words[-1][0].isupper() and all(w[0].isupper() or not w[0].isalpha() or w in _WITHIN for w in words)


_PRONOUNS = set("We They I He She It You Our Us Their His Her This These Those Who".split())  # noqa: SIM905
_WITHIN = {"of", "the", "and", "for", "in", "on", "to", "de", "al", "el", "ad", "ash", "bin", "as"}


def spans(sentences: Iterator[tuple[str, set[Span], set[Span]]], show: int) -> None:
    """Print precision, recall and F1 by type."""
    right: Counter[str] = Counter()
    ours: Counter[str] = Counter()
    theirs: Counter[str] = Counter()
    for text, gold, spared in sentences:
        found = {(m["start"], m["end"], m["entity_type"]) for m in tag(text)["mentions"] if m["field"] == "text"}
        found = {f for f in found if f[2] in KINDS and f not in spared}
        for group, counter in ((gold & found, right), (found, ours), (gold, theirs)):
            counter.update(k for _, _, k in group)
            counter["all"] += len(group)
        if show > 0 and found != gold:
            show -= 1
            print(text[:1500])
            print("  missed", [(text[s:e], k) for s, e, k in sorted(gold - found)])
            print("  wrong ", [(text[s:e], k) for s, e, k in sorted(found - gold)])
    for kind in (*KINDS, "all"):
        precision, recall = right[kind] / max(1, ours[kind]), right[kind] / max(1, theirs[kind])
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        print(f"  {kind:13} P {precision:.3f}  R {recall:.3f}  F1 {f1:.3f}")


def geovirus(show: int) -> None:
    """Places found (F1 of exact spans), and the share of those found that is put within 161 km of where it is."""
    right = ours = theirs = near = put = 0
    far: list[str] = []
    for line in (SHARED / "geo" / "geovirus.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        gold = {(p["start"], p["end"]): (p["latitude"], p["longitude"]) for p in row["places"]}
        found = {
            (m["start"], m["end"]): m
            for m in tag(row["text"])["mentions"]
            if m["field"] == "text" and m["entity_type"] == "location"
        }
        both = gold.keys() & found.keys()
        right, ours, theirs = right + len(both), ours + len(found), theirs + len(gold)
        for span in both:
            m = found[span]
            if m["latitude"] is None:
                far.append(f"{m['text']} nowhere")
                continue
            put += 1
            apart = kilometres(gold[span], (m["latitude"], m["longitude"]))
            near += apart <= 161
            if apart > 161:
                far.append(f"{m['text']} {apart:.0f} km ({m['country_code']})")
        if show > 0:
            show -= 1
            text = row["text"]
            print("  missed", [text[s:e] for s, e in sorted(gold.keys() - found.keys())])
            print("  wrong ", [text[s:e] for s, e in sorted(found.keys() - gold.keys())])
    precision, recall = right / max(1, ours), right / max(1, theirs)
    print(f"  places found  P {precision:.3f}  R {recall:.3f}  F1 {2 * right / max(1, ours + theirs):.3f}")
    print(f"  within 161 km {near / max(1, right):.3f} of those found, {near / max(1, put):.3f} of those put anywhere")
    if show != 0 or len(sys.argv) > 2:
        print("  far:", ", ".join(f"{name} ×{n}" for name, n in Counter(far).most_common(60)))


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The great circle between two points."""
    (a, b), (c, d) = ((radians(lat), radians(lon)) for lat, lon in (one, other))
    return 12742 * asin(sqrt(sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2))


def gum_documents() -> Iterator[tuple[str, dict[tuple[int, int], tuple[str, str]]]]:
    """Text, and chain and type of each named mention: persons, organisations, places whose words are proper nouns.

    Of names within names the outermost counts: mentions never overlap.
    """
    with gzip.open(SHARED / "linking" / "gum_wikinews.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            text = ""
            chains: dict[tuple[int, int], tuple[str, str]] = {}
            opened: list[tuple[str, str, list[tuple[int, int, str]]]] = []
            for row in json.loads(line)["conllu"].split("\n"):
                if row.startswith("# newpar"):
                    text = f"{text.rstrip()}\n\n" if text else ""
                if row.startswith("#") or not row:
                    continue
                columns = row.split("\t")
                if not columns[0].isdigit():
                    continue
                start = len(text)
                text += columns[1]
                misc = dict(part.split("=", 1) for part in columns[9].split("|") if "=" in part)
                for token in re.findall(r"\([^()]+\)?|[^()]+\)", misc.get("Entity", "")):
                    if token.startswith("("):
                        parts = token.strip("()").split("-")
                        opened.append((parts[0], parts[1] if len(parts) > 1 else "", []))
                    if token.endswith(")"):
                        number = token.strip("()").split("-")[0]
                        at = max((n for n, o in enumerate(opened) if o[0] == number), default=None)
                        if at is not None:
                            chain, kind, words = opened.pop(at)
                            named = _name([*words, (start, len(text), columns[3])])
                            if named and kind in ("person", "organization", "place"):
                                chains[named] = (chain, {"place": "location"}.get(kind, kind))
                for each in opened:
                    each[2].append((start, len(text), columns[3]))
                if misc.get("SpaceAfter") != "No":
                    text += " "
            outermost = {
                (start, end): said
                for (start, end), said in chains.items()
                if not any((s, e) != (start, end) and s <= start and end <= e for s, e in chains)
            }
            yield text.rstrip(), outermost


def _name(words: list[tuple[int, int, str]]) -> tuple[int, int] | None:
    """The proper nouns of a mention where they are all of it but an article; None where it is no name."""
    if words and words[0][2] == "DET":
        words = words[1:]
    if not words or words[0][2] != "PROPN" or words[-1][2] != "PROPN":
        return None
    if any(kind not in ("PROPN", "ADP", "DET", "CCONJ", "NUM", "PUNCT") for _, _, kind in words):
        return None
    return words[0][0], words[-1][1]


def gum(show: int) -> None:
    """B³ of the chains of the named mentions that both have; found by overlap, as roles may be part of the gold."""
    precision = recall = 0.0
    count = missed = 0
    for text, gold in gum_documents():
        found = [m for m in tag(text)["mentions"] if m["field"] == "text" and m["entity_type"] in KINDS]
        ours: dict[tuple[int, int], str] = {}
        for span, (_, kind) in gold.items():
            # Offices before a name and `, Texas` behind it are part of the gold.
            at = [m for m in found if m["start"] < span[1] and m["end"] > span[0]]
            edge = [m for m in at if m["end"] == span[1] or m["start"] == span[0]]
            if edge:
                ours[span] = max(edge, key=lambda m: (m["entity_type"] == kind, m["end"] - m["start"]))["entity_id"]
        missed += len(gold) - len(ours)
        for span, chain in ours.items():
            mine = {s for s, c in ours.items() if c == chain}
            right = {s for s in ours if gold[s][0] == gold[span][0]}
            precision += len(mine & right) / len(mine)
            recall += len(mine & right) / len(right)
            count += 1
        if show > 0:
            show -= 1
            by_chain: dict[str, set[str]] = {}
            for span in ours:
                by_chain.setdefault(gold[span][0], set()).add(f"{text[span[0] : span[1]]}→{ours[span][:6]}")
            print([sorted(each) for each in by_chain.values() if len({e[-6:] for e in each}) > 1])
    p, r = precision / max(1, count), recall / max(1, count)
    f1 = 2 * p * r / max(1e-9, p + r)
    print(f"  chains B³     P {p:.3f}  R {r:.3f}  F1 {f1:.3f}; {count} named mentions, {missed} not found")


def _spacy(rows: list[dict[str, Any]]) -> float:
    """Seconds that a network of the size of spaCy's small English one takes for the names alone.

    It is not trained (none can be had here): what it finds is nothing, what it computes is the same.
    """
    import spacy
    from spacy.training import Example

    nlp = spacy.blank("en")
    ner = nlp.add_pipe("ner")
    for label in ("PERSON", "ORG", "GPE", "LOC", "NORP", "EVENT", "WORK_OF_ART"):
        ner.add_label(label)  # type: ignore[attr-defined]
    nlp.initialize(lambda: [Example.from_dict(nlp.make_doc("Nothing happened."), {"entities": []})])
    began = time.process_time()
    for _ in nlp.pipe(row["text"] for row in rows):
        pass
    return time.process_time() - began


def speed(show: int) -> None:
    """Articles a second on one core, after the start; and that offsets are right."""
    began = time.process_time()
    tag("Nothing happened in Paris.")
    started = time.process_time() - began
    with gzip.open(SHARED / "volume" / "articles_6k.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines][: show or 1000]
    words = 0
    began = time.process_time()
    for row in rows:
        words += len(row["text"].split())
        for m in tag(row["text"], row["title"])["mentions"]:
            text = row["text"] if m["field"] == "text" else row["title"]
            assert text[m["start"] : m["end"]] == m["text"]
    took = time.process_time() - began
    print(f"  spaCy's CNN, names alone: {len(rows) / _spacy(rows):.1f} articles/s")
    print(f"  {len(rows) / took:.1f} articles/s ({words / len(rows):.0f} words each); the start took {started:.1f} s")


def main(names: list[str]) -> None:
    """Print what each set says."""
    if not SHARED.is_dir():
        print(f"skipped: {SHARED} is not there")
        return
    show = int(names.pop(0).removeprefix("--show=")) if names and names[0].startswith("--show=") else 0
    others: dict[str, Any] = {"geovirus": geovirus, "gum": gum, "speed": speed}
    for name in names or ["crossner_politics_test", "uner_pud", "re3d", *others]:
        print(name)
        if name in others:
            others[name](show)
        else:
            spans(re3d() if name == "re3d" else of_tokens(name), show)


if __name__ == "__main__":
    main(sys.argv[1:])
