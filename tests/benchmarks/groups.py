"""How well and how fast articles are grouped, beside datasketch and scikit-learn over the same articles.

    python tests/benchmarks/groups.py            families, stories, cost
    python tests/benchmarks/groups.py stories    one of them

Families: copies made at run time from 500 real articles (cuts, new headlines, first sentences, datelines, added
paragraphs) among 2,500 others; precision and recall of pairs. Stories: ECB+, whose articles are all given one date (it
has none that can be used); thresholds were chosen on half of its topics, the other half is the test. Cost: 6,000
articles, each way in a process of its own. Reads ../shared/data; skips, saying so, where it or a peer is absent.
"""

from __future__ import annotations

import gzip
import json
import multiprocessing
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from pipeline import ids
from pipeline.group import group
from pipeline.records import Article, Family, Source, Story

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
AGENCY = {"wire": Source(source_id="wire", name="Wire", agency=True)}
Labels = Mapping[str, Hashable]


def article(url: str, title: str | None, text: str, at: datetime = NOON, by: str | None = None) -> Article:
    """An article as clean would give it."""
    article_id = ids.article_id(url)
    return Article(
        article_id=article_id,
        version_id=ids.version_id(article_id, title, text),
        url=url,
        canonical_url=url,
        source_id=by or urlsplit(url).hostname or "unknown",
        title=title,
        published_at=at,
        fetched_at=at,
        language="en",
        kind="news",
        access="open",
        text=text,
        word_count=len(text.split()),
        extraction_method="record",
        fetch_id="",
    )


def volume(*, dated: bool = False) -> Iterator[Article]:
    """The 6,000 real articles, all of one day or (those that have one) by their dates."""
    with gzip.open(DATA / "volume" / "articles_6k.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            try:
                at = datetime.fromisoformat(row["published_at"]).replace(tzinfo=UTC) if dated else NOON
            except ValueError:
                continue
            yield article(row["url"], row["title"], row["text"] or ".", at)


def scores(found: Labels, gold: Labels) -> str:
    """Precision, recall and F1 of pairs, and of B-cubed."""
    pairs = Counter((found[k], gold[k]) for k in gold)
    by_found, by_gold = Counter(found[k] for k in gold), Counter(gold.values())
    hits, said, true = (sum(n * (n - 1) // 2 for n in c.values()) for c in (pairs, by_found, by_gold))
    b_precision = sum(n * n / by_found[f] for (f, _), n in pairs.items()) / len(gold)
    b_recall = sum(n * n / by_gold[g] for (_, g), n in pairs.items()) / len(gold)
    figures = []
    for precision, recall in ((hits / max(said, 1), hits / max(true, 1)), (b_precision, b_recall)):
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        figures.append(f"P {precision:.3f} R {recall:.3f} F1 {f1:.3f}")
    return f"pairs {figures[0]}   B³ {figures[1]}"


# Families ------------------------------------------------------------------------------------------------------------


def copies(seed: int = 7) -> tuple[list[Article], dict[str, str]]:
    """500 articles with one to four copies each, 2,500 articles without; and whose text each one is."""
    rng = random.Random(seed)
    real = [a for a in volume() if a.text.count("\n\n") >= 4 and 150 <= a.word_count <= 2500]
    rng.shuffle(real)
    made, gold = [], {}
    for n, original in enumerate(real[:3000]):
        original.published_at = NOON + timedelta(hours=rng.uniform(0, 40))
        if n < 500:
            original.source_id = "wire"
        made.append(original)
        gold[original.article_id] = original.article_id
        for k in range(rng.randint(1, 4) if n < 500 else 0):
            text = edited(original.text, rng, real[rng.randrange(3000, len(real))].text)
            at = original.published_at + timedelta(hours=rng.uniform(-2, 50))
            copy = article(
                f"{original.url}#{k}", f"{k} {original.title}"[::-1], text, at, by=f"paper{rng.randrange(60)}"
            )
            made.append(copy)
            gold[copy.article_id] = original.article_id
    return made, gold


def edited(text: str, rng: random.Random, foreign: str) -> str:
    """What a paper may make of a text: some of the usual cuts and edits."""
    paragraphs = text.split("\n\n")
    if rng.random() < 0.6:
        paragraphs = paragraphs[: max(2, round(len(paragraphs) * rng.uniform(0.25, 0.9)))]
    if rng.random() < 0.5:
        rest = re.split(r"(?<=[.!?])\s+", paragraphs[0], maxsplit=1)[1:]
        paragraphs[0] = " ".join(["The following was reported from the capital by our partners this morning.", *rest])
    if rng.random() < 0.5:
        place = rng.choice(["WASHINGTON", "LONDON", "NAIROBI"])
        paragraphs[0] = f"{place}, March {rng.randint(1, 9)} (Wire) - {paragraphs[0]}"
    if rng.random() < 0.2:
        paragraphs.insert(rng.randint(1, len(paragraphs)), foreign.split("\n\n")[0])
    return "\n\n".join(paragraphs)


def measure_families() -> None:
    """Ours beside MinHashLSH."""
    articles, gold = copies()
    began = time.process_time()
    rows = [r for r in group(articles, [], AGENCY) if isinstance(r, Family)]
    seconds = time.process_time() - began
    print(f"  newsledger, {len(articles)} articles   {scores({r.article_id: r.family_id for r in rows}, gold)}")
    wires = {a.article_id for a in articles if a.source_id == "wire"}
    kept = sum(r.family_id in wires for r in rows if r.article_id in wires)
    print(f"  the agency is the original of its text in {kept} of {len(wires)}; {seconds:.1f} s CPU, stories included")
    for threshold in (0.5, 0.3):
        if find_spec("datasketch"):
            print(f"  datasketch MinHashLSH {threshold}       {scores(minhash(articles, threshold), gold)}")


def minhash(articles: Iterable[Article], threshold: float = 0.5) -> Labels:
    """The peer: MinHashLSH over word 5-grams, candidates joined."""
    from datasketch import MinHash, MinHashLSH

    index, leader = MinHashLSH(threshold=threshold, num_perm=128), {}
    for a in articles:
        words = re.findall(r"\w+", a.text.lower())
        sketch = MinHash(num_perm=128, seed=1)
        sketch.update_batch({" ".join(words[n : n + 5]).encode() for n in range(max(1, len(words) - 4))})
        alike = {leader[k] for k in index.query(sketch)}
        index.insert(a.article_id, sketch)
        leader[a.article_id] = a.article_id
        if alike:
            leader = {k: a.article_id if v in alike else v for k, v in leader.items()}
    return leader


# Stories -------------------------------------------------------------------------------------------------------------


def ecb() -> tuple[list[Article], dict[str, tuple[str, str]]]:
    """ECB+ articles and their topics and clusters."""
    articles, gold = [], {}
    with gzip.open(DATA / "clusters" / "ecb_plus.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            sentences, title = row["sentences"], None
            if re.match(r"https?\s*:", sentences[0]) and len(sentences) > 2:
                title, sentences = sentences[1], sentences[2:]
            made = article(f"http://ecb.example/{row['doc']}", title, " ".join(sentences), by=row["doc"])
            articles.append(made)
            gold[made.article_id] = (row["topic"], row["cluster"])
    return articles, gold


def measure_stories() -> None:
    """Ours beside scikit-learn's TF-IDF with average linkage, its threshold too chosen on the first half."""
    articles, gold = ecb()
    topics = sorted({topic for topic, _ in gold.values()}, key=int)
    first = set(topics[::2])
    halves = [[a for a in articles if (gold[a.article_id][0] in first) is side] for side in (True, False)]
    truths = [{a.article_id: gold[a.article_id] for a in half} for half in halves]
    for name, half, truth in zip(("chosen on", "test     "), halves, truths, strict=True):
        stories = {r.article_id: r.story_id for r in group(half, [], {}) if isinstance(r, Story)}
        print(f"  newsledger    {name} {len(half)} articles   {scores(stories, truth)}")
    if not find_spec("sklearn"):
        return print("  scikit-learn is not installed: no peer")
    found = {t: linkage(halves[0], t) for t in (n / 100 for n in range(70, 96))}
    best = max(found, key=lambda t: float(re.findall(r"F1 (\S+)", scores(found[t], truths[0]))[0]))
    print(f"  scikit-learn  chosen on {len(halves[0])} articles   {scores(found[best], truths[0])}   at {best}")
    print(f"  scikit-learn  test      {len(halves[1])} articles   {scores(linkage(halves[1], best), truths[1])}")
    return None


def linkage(articles: list[Article], distance: float) -> Labels:
    """The peer: TF-IDF cosine, average linkage."""
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.feature_extraction.text import TfidfVectorizer

    table = TfidfVectorizer(stop_words="english", sublinear_tf=True).fit_transform(
        f"{a.title} {a.text}" for a in articles
    )
    model = AgglomerativeClustering(None, metric="cosine", linkage="average", distance_threshold=distance)
    labels = model.fit_predict(table.toarray())
    return {a.article_id: int(label) for a, label in zip(articles, labels, strict=True)}


# Cost ----------------------------------------------------------------------------------------------------------------


def grouped(*, dated: bool = False) -> str:
    """Everything the room does."""
    records = [r for r in group(volume(dated=dated), [], {}) if isinstance(r, Family | Story)]
    copies_found = sum(isinstance(r, Family) and r.role == "copy" for r in records)
    stories = len({r.story_id for r in records if isinstance(r, Story)})
    return f"{len(records) // 2} articles, {copies_found} copies, {stories} stories"


def grouped_by_date() -> str:
    """The same, by the articles' own dates: what regrouping years costs."""
    return grouped(dated=True)


def minhash_alone() -> str:
    """MinHashLSH: families only."""
    found = minhash(volume())
    return f"{len(found)} articles, {len(found) - len(set(found.values()))} copies"


def brute_force() -> str:
    """Every cosine of TF-IDF vectors, no clustering."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    table = TfidfVectorizer(stop_words="english", sublinear_tf=True).fit_transform(a.text for a in volume())
    cosines = (table @ table.T).toarray()
    return f"{len(cosines)} articles, {int((np.triu(cosines, 1) > 0.3).sum())} pairs above 0.3"


def nothing() -> str:
    """Reading alone, to be taken off."""
    return f"{sum(1 for _ in volume())} articles"


def _measured(work: Callable[[], str], answers: multiprocessing.Queue[tuple[str, float, float]]) -> None:
    began = time.process_time()
    told = work()
    seconds = time.process_time() - began
    # Not getrusage: its maximum is inherited from the parent process.
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    answers.put((told, seconds, int(peak[1]) / 1024 if peak else 0.0))


def measure_cost() -> None:
    """CPU time and peak memory, each way in a fresh process."""
    context = multiprocessing.get_context("spawn")
    for work, needs in (
        (nothing, None),
        (grouped, None),
        (grouped_by_date, None),
        (minhash_alone, "datasketch"),
        (brute_force, "sklearn"),
    ):
        if needs and not find_spec(needs):
            print(f"  {work.__name__:16} skipped: {needs} is not installed")
            continue
        answers = context.Queue()
        process = context.Process(target=_measured, args=(work, answers))
        process.start()
        told, seconds, megabytes = answers.get()
        process.join()
        print(f"  {work.__name__:16} {seconds:6.1f} s CPU {megabytes:6.0f} MB   {told}")


def main(wanted: list[str]) -> None:
    """Measure what is wanted, or everything."""
    if not DATA.exists():
        print(f"skipped: {DATA} is absent")
        return
    for name, measure in (("families", measure_families), ("stories", measure_stories), ("cost", measure_cost)):
        if not wanted or name in wanted:
            print(name)
            measure()


if __name__ == "__main__":
    main(sys.argv[1:])
