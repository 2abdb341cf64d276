"""The command line: one clear line for what is wrong, exit status 0, 1 or 2, and a README whose commands work."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import newsroom
from pipeline.batch import Batch, collect, collected
from pipeline.cli import app
from pipeline.settings import load
from tests.batch.conftest import a_row, write_jsonl

ROOT = Path(__file__).resolve().parents[1]


def newsledger(*arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipeline.cli", *arguments], input=given, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A home with one small ingested batch."""
    folder = tmp_path_factory.mktemp("cli")
    rows = write_jsonl(folder / "rows.jsonl", [a_row(n) for n in range(3)])
    done = newsledger("ingest", str(rows), "--home", str(folder / "data"))
    assert done.returncode == 0, done.stderr
    assert "3 articles" in done.stdout
    assert "3 URLs = 3 stored" in done.stdout
    return str(folder / "data")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ingest", "/nowhere.warc.gz"], "no such file: /nowhere.warc.gz"),
        (["sql", "SELECT nonsense FROM articles"], "nonsense"),
        (["sql", "DROP VIEW articles"], ""),
        (["derive", "--batch", "today"], "not the name of a batch"),
        (["derive", "--batch", "2026-03-02T06"], "not collected"),
        (["derive", "--day", "2001-01-01"], "nothing was collected on 2001-01-01"),
        (["group", "--day", "someday"], "not a day"),
        (["ledger", "--day", "someday"], "not a day"),
        (["ledger", "--day", "2001-01-01"], "no URL was first seen on 2001-01-01"),
        (["ledger", "--source", "nobody.example"], "no URL was first seen at nobody.example"),
        (["rejects", "--reason", "nonsense"], "no such reason"),
        (["page", "https://nowhere.example/"], "no page of"),
        (["run"], "no source is registered"),
        (["sources", "remove", "nobody"], "no source nobody"),
        (["sources", "import", "/nowhere.opml"], "cannot read /nowhere.opml"),
        (["sources", "add", "ftp://files.example/", "--feed", "https://files.example/rss"], "not a URL"),
        (["sources", "add", "https://paper.example", "--country", "ZZ"], "ZZ"),
        (["tag", "/nowhere.txt"], "cannot read /nowhere.txt"),
    ],
)
def test_what_is_wrong_is_one_clear_line_and_exit_status_1(home: str, arguments: list[str], said: str) -> None:
    done = newsledger(*arguments, "--home", home)
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("newsledger: ")
    assert said in line
    assert not done.stdout


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["derive"], ["derive", "--all", "--stale"], ["sql"], ["ledger", "--x"]]
)
def test_wrong_usage_is_exit_status_2(arguments: list[str]) -> None:
    assert newsledger(*arguments).returncode == 2


def test_a_home_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    done = newsledger("ledger", "--home", str(tmp_path / "nowhere"))
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert not (tmp_path / "nowhere").exists(), "asking makes no home"


def test_sql_answers_in_every_format(home: str) -> None:
    question = "SELECT count(*) AS n FROM articles"
    assert newsledger("sql", question, "--format", "csv", "--home", home).stdout == "n\n3\n"
    assert '"n": 3' in newsledger("sql", question, "--format", "json", "--home", home).stdout
    assert "3" in newsledger("sql", question, "--home", home).stdout


def test_the_ledger_adds_up(home: str) -> None:
    assert "3 stored = 3 URLs; none unaccounted for" in newsledger("ledger", "--home", home).stdout


def test_the_ledger_of_one_source_says_why(home: str) -> None:
    shown = newsledger("ledger", "--source", "tagus-times.example", "--home", home).stdout
    assert "3 stored = 3 URLs; none unaccounted for" in shown
    assert re.search(r"stored +published +3", shown)


def test_the_audit_of_the_ledger_looks_into_the_archive(home: str) -> None:
    assert "all hold" in newsledger("ledger", "--audit", "--home", home).stdout
    (archived,) = Path(home).glob("archive/*/*/*.warc.gz")
    away = archived.rename(archived.with_suffix(".away"))
    try:
        done = newsledger("ledger", "--audit", "--home", home)
    finally:
        away.rename(archived)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "a file of the archive is missing (3 in all" in done.stderr


def test_a_page_is_printed_as_it_was_archived_whatever_its_url_looks_like(home: str) -> None:
    url = "https://tagus-times.example/rows/1"
    page = newsledger("page", url, "--home", home).stdout
    assert '"title":"Report number 1 from the river"' in page
    assert newsledger("page", "HTTPS://Tagus-Times.example/rows/1#end", "--home", home).stdout == page


def test_status_says_which_sources_are_silent(home: str) -> None:
    shown = newsledger("status", "--home", home).stdout
    assert "failing feeds: none" in shown
    assert "silent sources: none" in shown
    assert "sources whose pages changed: none" in shown
    assert "rolled over between two polls: none" in shown


def test_status_says_what_is_stale(home: str) -> None:
    shown = newsledger("status", "--home", home).stdout
    assert "to derive again: none" in shown
    assert "days to group again: none" in shown


def test_tag_counts_offsets_in_the_text_exactly_as_given() -> None:
    import json

    text = "\r\n  The French foreign minister met Chile's president in Lisbon.\r\n"
    done = newsledger("tag", "-", given=text)
    found = json.loads(done.stdout)
    assert found["mentions"]
    for mention in found["mentions"]:
        assert text[mention["start"] : mention["end"]] == mention["text"]


def test_tag_reads_and_writes_lines() -> None:
    import json

    lines = [json.dumps({"id": n, "text": "Police in Lisbon arrested two men."}) for n in (7, 8)]
    done = newsledger("tag", "-", "--jsonl", given="\n".join(lines) + "\n")
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [7, 8]
    wrong = newsledger("tag", "-", "--jsonl", given='{"id": 1}\n')
    assert (wrong.returncode, len(wrong.stderr.splitlines())) == (1, 1)


def test_sources_are_added_listed_exported_and_removed(tmp_path: Path) -> None:
    home = str(tmp_path)
    newsledger("sources", "add", "https://paper.example", "--feed", "https://paper.example/rss", "--home", home)
    assert "paper.example" in newsledger("sources", "list", "--home", home).stdout
    opml = newsledger("sources", "export", "--home", home).stdout
    (tmp_path / "feeds.opml").write_text(opml)
    newsledger("sources", "remove", "paper.example", "--home", home)
    done = newsledger("sources", "import", str(tmp_path / "feeds.opml"), "--home", home)
    assert "registered 1 source in" in done.stdout


def test_a_site_is_surveyed_added_and_checked(tmp_path: Path) -> None:
    with newsroom.Newsroom() as room:
        at = newsroom.BATCHES[0][1]
        settings = {"HOME": tmp_path, "RESOLVE": room.resolve, "NOW": at.isoformat(), "HOST_DELAY": "0.001"}
        env = os.environ | {f"NEWSLEDGER_{k}": str(v) for k, v in settings.items()}

        def sources(*arguments: str) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-m", "pipeline.cli", "sources", *arguments]
            return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

        added = sources("add", "http://harbour-herald.example")
        assert added.returncode == 0, added.stderr
        assert re.search(r"^\+  feed +\d+ .*/rss\.xml", added.stdout, re.M)
        assert "registered harbour-herald.example" in added.stdout
        gone = "http://harbour-herald.example/gone"
        sources("add", "http://harbour-herald.example", "--id", "gone", "--feed", gone)
        checked = sources("check")
        assert checked.returncode == 0, "a feed that is gone is a warning"
        lines = [line.split() for line in checked.stdout.splitlines()]
        assert ["ok", "harbour-herald.example", "feed"] in [line[:3] for line in lines]
        assert ["dead", "gone", "feed", "/gone"] in [line[:4] for line in lines]
        assert "2 feeds and sitemaps of 2 sources: 1 ok, 1 dead" in checked.stdout


def test_the_register_that_ships_is_imported_and_listed(tmp_path: Path) -> None:
    home = str(tmp_path)
    done = newsledger("sources", "import", "world", "--country", "IS", "--home", home)
    assert (done.returncode, done.stderr) == (0, "")
    assert "registered 2 sources in" in done.stdout
    again = newsledger("sources", "import", "world", "--language", "is", "--home", home)
    assert "2 sources of the list were there already" in again.stdout
    listed = newsledger("sources", "list", "--home", home).stdout
    assert re.search(r"^ruv\.is +RÚV +IS +is +1 +0 +20–80$", listed, re.M)
    assert "2 sources, 1 country, 1 language" in listed


def test_ctrl_c_is_one_clear_line_and_the_same_command_goes_on(tmp_path: Path) -> None:
    rows = write_jsonl(tmp_path / "rows.jsonl", [a_row(n) for n in range(120)])
    command = [sys.executable, "-m", "pipeline.cli", "ingest", str(rows), "--home", str(tmp_path / "data")]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    assert running.stderr is not None
    assert running.stderr.readline().startswith("archive"), "the first step is done, deriving begins"
    os.killpg(running.pid, signal.SIGINT)
    said = running.communicate(timeout=60)[1].splitlines()
    assert running.returncode == 1
    assert any(line.startswith("newsledger: interrupted") for line in said)
    assert not list(tmp_path.glob("data/lake/articles/day=2*/*.parquet")), "nothing half-done is published"
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "120 articles" in done.stdout, done.stderr


def test_an_interrupted_run_is_gone_on_with_and_derived(tmp_path: Path) -> None:
    begun, at = "2026-03-02T060500", newsroom.BATCHES[0][1]
    with newsroom.Newsroom() as room:
        room.set_time(at)
        cfg = load(home=tmp_path, sources=newsroom.SOURCES, resolve=room.resolve, now=at, host_delay=0.001)
        batch = Batch.of(begun)
        collect.discover(cfg, batch, collect.plan(cfg, batch)[0])
        # Its clock goes on where this one stands: hosts have their turns by it.
        now = cfg.clock().isoformat()
        settings = {"SOURCES": newsroom.SOURCES, "RESOLVE": room.resolve, "NOW": now, "HOST_DELAY": "0.001"}
        done = subprocess.run(
            [sys.executable, "-m", "pipeline.cli", "run", "--home", str(tmp_path)],
            env=os.environ | {f"NEWSLEDGER_{k}": str(v) for k, v in settings.items()},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(begun)
    assert [b.id for b in collected(cfg)] == [begun]


def test_the_demo_keeps_out_of_a_home_with_news_of_its_own(home: str) -> None:
    done = newsledger("demo", "--home", home)
    assert done.returncode == 1
    assert "invented news does not belong there" in done.stderr


README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = sorted({c.group(1) for c in re.finditer(r"`(newsledger [^`]+)`", README)})
QUESTIONS = re.findall(r"^(newsledger sql .+)$", README, re.M)


@pytest.mark.parametrize("command", QUESTIONS)
def test_a_question_of_the_readme_is_answered(home: str, command: str) -> None:
    done = newsledger(*shlex.split(command)[1:], "--home", home)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_exists(command: str) -> None:
    import typer.main

    group = typer.main.get_command(app)
    for word in shlex.split(command)[1:]:
        commands = getattr(group, "commands", None)
        if commands is None:
            break
        assert word in commands, f"there is no `{command}`"
        group = commands[word]


def test_the_readmes_tags_hold_on_their_sentences(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(\[tags.+?)```", README, re.S)
    path = tmp_path / "tags.toml"
    path.write_text(example, "utf-8")
    done = newsledger("tags", "check", str(path))
    assert done.returncode == 0, done.stderr


def test_the_readme_names_files_that_are_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_help_is_there_before_anything_heavy_is_loaded() -> None:
    code = "import sys, pipeline.cli; print([m for m in ('pyarrow', 'duckdb', 'aiohttp', 'spacy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
