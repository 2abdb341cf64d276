"""``newsledger tag``: a text in, its entities and events out as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pipeline.errors import InputError


def tag_file(
    file: str,
    *,
    jsonl: bool,
    html: bool = False,
    model: str | None,
    links: Path | None = None,
    tags: Path | None = None,
) -> None:
    """Print entities and events of a text, or of each line of a JSONL, with offsets into the text exactly as given.

    With `html`, a page that shows the entities in the text.

    A line may have ``"pairs": [[actor_start, actor_end, recipient_start, recipient_end], …]``. Raises InputError for a
    file that cannot be read and for a line that is no ``{"id": …, "text": …}``.
    """
    from pipeline.extract import as_html, tag

    text = _read(file)
    if html:
        print(as_html(text, tag(text, model=model, links=links)))
        return
    if not jsonl:
        print(json.dumps(tag(text, model=model, links=links, tags=tags), ensure_ascii=False, indent=2))
        return
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            given = json.loads(line)
            words = given["text"]
            if not isinstance(words, str):
                raise TypeError
            pairs = given.get("pairs")
            if pairs is not None and not all(len(p) == 4 and all(isinstance(n, int) for n in p) for p in pairs):
                raise TypeError
        except (ValueError, TypeError, KeyError):
            raise InputError(f'{file}: line {number} is not {{"id": …, "text": "…"}}') from None
        found = tag(words, model=model, links=links, pairs=pairs, tags=tags)
        print(json.dumps({"id": given.get("id"), **found}, ensure_ascii=False))


def check_tags(file: Path) -> list[str]:
    """Try a file of tags on its own sentences: prints a line a tag, returns what is wrong.

    Raises ConfigurationError where the file cannot be used.
    """
    from pipeline.extract import tag
    from pipeline.extract.tags import tags

    wrong: list[str] = []
    given = tags(file)
    for each in given:
        before = len(wrong)
        for sentences, wanted in ((each.matches, True), (each.misses, False)):
            for sentence in sentences:
                if (each.name in tag(sentence, tags=file)["tags"]) != wanted:
                    wrong.append(f"{each.name} {'misses' if wanted else 'matches'}: {sentence}")
        count = len(each.matches) + len(each.misses)
        right = count - (len(wrong) - before)
        print(
            f"{each.name:<24} {right} of {count} sentences as they should be"
            if count
            else f"{each.name:<24} no sentences"
        )
    return wrong


def _read(file: str) -> str:
    try:
        # Bytes, not text mode: universal newlines would shift every offset behind a CRLF.
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return data.decode("utf-8")
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError:
        raise InputError(f"{file} is not UTF-8 text") from None
