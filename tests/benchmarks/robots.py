"""What reading robots.txt costs, beside protego and urllib.robotparser over the same files in the same run.

    python tests/benchmarks/robots.py            the 4,231 real files of ../shared/data/feeds/robots_real.jsonl.gz

Prints, for each reader, seconds in all and for the slowest file: parsing it, asking it for one URL, and, of ours, what
it reserves. Then in how many files the answers differ from protego's, and why they should. Skips, saying so, where
../shared is absent.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from pathlib import Path
from urllib.robotparser import RobotFileParser

from protego import Protego

from pipeline.collect.robots import Rules

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT.parent / "shared" / "data" / "feeds" / "robots_real.jsonl.gz"
AGENT = "Newsledger"
SITE = "https://paper.example"
PATHS = (
    *("/", "/news/2026/03/02/a-story", "/search?q=a", "/wp-admin/x", "/tag/a/", "/feed/", "/a?utm_source=b", "/api/x"),
    *("/index.php?id=3", "/cgi-bin/a", "/author/x", "/print/a.html"),
)


def ours(text: str) -> None:
    rules = Rules.of(text, AGENT)
    rules.allows(SITE + PATHS[1])
    rules.reserved(SITE + PATHS[1])


def protego(text: str) -> None:
    Protego.parse(text).can_fetch(SITE + PATHS[1], AGENT)


def urllib_robotparser(text: str) -> None:
    parser = RobotFileParser()
    parser.parse(text.splitlines())
    parser.can_fetch(AGENT, SITE + PATHS[1])


def timed(name: str, read: Callable[[str], None], files: dict[str, str]) -> None:
    slowest, host, failed = 0.0, "", 0
    began = time.perf_counter()
    for each, text in files.items():
        start = time.perf_counter()
        try:
            read(text)
        except Exception:  # a peer's own errors are part of the comparison
            failed += 1
        took = time.perf_counter() - start
        if took > slowest:
            slowest, host = took, each
    total = time.perf_counter() - began
    print(
        f"{name:20} {total:7.2f} s in all   {slowest * 1000:7.1f} ms the slowest "
        f"({host}, {len(files[host]):,} characters)   {failed} failed"
    )


def differences(files: dict[str, str]) -> None:
    """Files in which some path is allowed by one and not by the other."""
    only_ours, only_theirs = [], []
    for host, text in files.items():
        mine, theirs = Rules.of(text, AGENT), Protego.parse(text)
        for path in PATHS:
            allowed = mine.allows(SITE + path)
            if allowed != theirs.can_fetch(SITE + path, AGENT):
                (only_theirs if allowed else only_ours).append(host)
                break
    print(f"barred by ours only: {len(only_ours)} files ({', '.join(only_ours)})")
    print(f"barred by protego only: {len(only_theirs)} files ({', '.join(only_theirs)})")


def main() -> None:
    if not FILES.exists():
        print(f"skipped: {FILES} is absent")
        return
    with gzip.open(FILES, "rt", encoding="utf-8") as lines:
        files = {row["host"]: row["robots_txt"] for row in map(json.loads, lines)}
    print(f"{len(files):,} files, {sum(map(len, files.values())):,} characters")
    timed("ours", ours, files)
    timed("protego", protego, files)
    timed("urllib.robotparser", urllib_robotparser, files)
    differences(files)


if __name__ == "__main__":
    main()
