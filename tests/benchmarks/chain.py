"""What the whole chain costs, beside trafilatura alone over the same pages in the same run.

    python tests/benchmarks/chain.py            the 433 pages of ../shared/data/extraction

Prints CPU, wall time and peak memory of `newsledger ingest` (archive → publish → group, as a user runs it), each step's
share of one process's CPU, and trafilatura's own cost. Skips, saying so, where ../shared is absent.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXTRACTION = ROOT.parent / "shared" / "bench" / "extraction.py"
SETS = ("fundus", "zyte")
_SUBREAPER = 36
"""PR_SET_CHILD_SUBREAPER of Linux's prctl."""


def trafilatura_alone() -> None:
    """trafilatura with its defaults over every page, in this process."""
    import trafilatura

    spec = importlib.util.spec_from_file_location("extraction", EXTRACTION)
    assert spec is not None
    assert spec.loader is not None
    extraction = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(extraction)
    for name in SETS:
        for _, url, html, _ in extraction.pages(name):
            trafilatura.bare_extraction(html, url=url, with_metadata=True, include_comments=False)


def steps(home: str, *warcs: str) -> None:
    """Every step in this one process; prints the CPU seconds of each as JSON."""
    from pipeline.batch import Batch, derive, group, ingest
    from pipeline.settings import load

    cfg, spent = load(home=home), {}

    def timed(name, work, *args):  # type: ignore[no-untyped-def]
        began = time.process_time()
        found = work(*args)
        spent[name] = spent.get(name, 0.0) + time.process_time() - began
        return found

    for batch_id in timed("archive", ingest.archive, cfg, [Path(w) for w in warcs]):
        batch = Batch.of(batch_id, cfg)
        shards = timed("plan", derive.plan, cfg, batch)
        for step in (derive.clean, derive.extract):
            for shard in shards:
                timed(step.__name__, step, cfg, batch, shard)
        timed("validate", derive.validate, cfg, batch)
        timed("publish", derive.publish, cfg, batch)
    timed("group", group.group, cfg, group.plan(cfg))
    for step in (group.validate, group.publish):
        timed("group", step, cfg)
    print(json.dumps(spent))


def measured(*command: str) -> tuple[float, float, float, str]:
    """CPU seconds, wall seconds and peak MB (of the largest process) of a command, and what it printed."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    wall = time.monotonic() - began
    # The fork server and its workers outlive the command by a moment; as their subreaper we count what they used, too.
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, wall, after.ru_maxrss / 1024, done.stdout


def main() -> None:
    """Measure, and print a table."""
    if not EXTRACTION.exists():
        print("skipped: ../shared/bench is not here")
        return
    me = str(Path(__file__).resolve())
    with tempfile.TemporaryDirectory() as folder:
        warcs = []
        for name in SETS:
            warcs.append(str(Path(folder, f"{name}.warc.gz")))
            subprocess.run([sys.executable, str(EXTRACTION), "warc", name, warcs[-1]], check=True)
        alone = measured(sys.executable, me, "trafilatura")
        ingest = (sys.executable, "-m", "pipeline.cli", "ingest", *warcs, "--home")
        os.environ["NEWSLEDGER_WORKERS"] = "1"
        chain = measured(*ingest, str(Path(folder, "alone")))
        os.environ["NEWSLEDGER_WORKERS"] = "2"
        both = measured(*ingest, str(Path(folder, "both")))
        share = json.loads(measured(sys.executable, me, "steps", str(Path(folder, "one")), *warcs)[3].splitlines()[-1])
    pages = 433
    print(f"{'':28}{'cpu s':>8}{'wall s':>8}{'pages/s':>9}{'peak MB':>9}")
    for what, (cpu, wall, peak, _) in (
        ("trafilatura alone", alone),
        ("newsledger, one process", chain),
        ("newsledger, two workers", both),
    ):
        print(f"{what:28}{cpu:8.1f}{wall:8.1f}{pages / wall:9.1f}{peak:9.0f}")
    # Two workers on the two threads of one core spend more CPU time each: one process tells what the work costs.
    print(f"ratio of CPU, one process: {chain[0] / alone[0]:.2f} (floor: 2.5)")
    total = sum(share.values())
    print("shares of one process's CPU:", ", ".join(f"{k} {v:.1f} s ({v / total:.0%})" for k, v in share.items()))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["trafilatura"]:
            trafilatura_alone()
        case ["steps", home, *warcs]:
            steps(home, *warcs)
        case []:
            main()
        case _:
            raise SystemExit(__doc__)
