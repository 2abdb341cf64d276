"""``newsledger tag``: a text in, its entities and events out as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pipeline.errors import InputError


def tag_file(file: str, *, jsonl: bool, html: bool = False, model: str | None, links: Path | None = None) -> None:
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
        print(json.dumps(tag(text, model=model, links=links), ensure_ascii=False, indent=2))
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
        print(
            json.dumps({"id": given.get("id"), **tag(words, model=model, links=links, pairs=pairs)}, ensure_ascii=False)
        )


def _read(file: str) -> str:
    try:
        # Bytes, not text mode: universal newlines would shift every offset behind a CRLF.
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return data.decode("utf-8")
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError:
        raise InputError(f"{file} is not UTF-8 text") from None
