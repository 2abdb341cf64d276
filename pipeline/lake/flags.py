"""What must hold within one row beyond its columns, as boolean columns that Great Expectations then judges.

A flag is true, false, or empty where it does not apply. Those of one row's own columns are declared here, in Arrow;
those that need the article's text are in ``offsets``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Flag:
    """One condition on a row."""

    name: str
    says: str
    """The condition in words, as rejects and failures give it."""
    critical: bool = False
    """Whether a row that breaks it keeps the whole batch from being published."""
    holds: Callable[[pa.RecordBatch], pa.Array] | None = None
    """None where it is computed elsewhere (``offsets``)."""
    needs_articles: bool = False


_DAY = timedelta(days=1)
_WEB_OR_URN = r"^(https?://[^/\s]+|urn:[a-z0-9]+:)\S*$"


def _url(column: str) -> Flag:
    def holds(rows: pa.RecordBatch) -> pa.Array:
        import pyarrow.compute as pc

        return pc.match_substring_regex(rows[column], _WEB_OR_URN)

    return Flag(f"{column}_is_whole", f"{column} is an absolute http(s) URL or a URN", holds=holds)


def _not_after(first: str, last: str, says: str, slack: timedelta = timedelta(0)) -> Flag:
    def holds(rows: pa.RecordBatch) -> pa.Array:
        import pyarrow as pa
        import pyarrow.compute as pc

        limit = pc.add(rows[last], pa.scalar(slack, pa.duration("us"))) if slack else rows[last]
        return pc.less_equal(rows[first], limit)

    return Flag(f"{first}_not_after_{last}", says, holds=holds)


def _after(start: str, end: str) -> Flag:
    def holds(rows: pa.RecordBatch) -> pa.Array:
        import pyarrow.compute as pc

        return pc.greater(rows[end], rows[start])

    return Flag(f"{end}_after_{start}", f"{end} lies after {start}", critical=True, holds=holds)


def _place_is_whole(rows: pa.RecordBatch) -> pa.Array:
    import pyarrow.compute as pc

    return pc.equal(pc.is_null(rows["latitude"]), pc.is_null(rows["longitude"]))


def _is_archived(rows: pa.RecordBatch) -> pa.Array:
    import pyarrow.compute as pc

    archived = pc.and_(pc.is_valid(rows["warc_file"]), pc.is_valid(rows["warc_offset"]))
    return pc.or_(pc.not_equal(rows["outcome"], "fetched"), archived)


def _names_the_article(rows: pa.RecordBatch) -> pa.Array:
    import pyarrow.compute as pc

    return pc.or_(pc.not_equal(rows["reason"], "duplicate"), pc.is_valid(rows["article_id"]))


def _trigger_in_quote(rows: pa.RecordBatch) -> pa.Array:
    import pyarrow.compute as pc

    end = pc.add(rows["sentence_start"], pc.utf8_length(rows["quote"]))
    return pc.and_(
        pc.less_equal(rows["sentence_start"], rows["trigger_start"]), pc.less_equal(rows["trigger_end"], end)
    )


def _first_of(listed: str, flat: str) -> Flag:
    """The flat columns repeat the first of the list, and are empty where it is."""

    def holds(rows: pa.RecordBatch) -> pa.Array:
        import pyarrow as pa
        import pyarrow.compute as pc

        array: Any = rows[listed]
        lengths = pc.fill_null(pc.list_value_length(array), 0)
        first = array.values.take(pc.if_else(pc.greater(lengths, 0), array.offsets[:-1], None))
        same = pa.repeat(pa.scalar(True), len(rows))
        for name in ("text", "start", "end"):
            said, stands = rows[f"{flat}_{name}"], pc.struct_field(first, name)
            both_empty = pc.and_(pc.is_null(said), pc.is_null(stands))
            same = pc.and_(same, pc.or_(both_empty, pc.fill_null(pc.equal(said, stands), False)))
        return same

    return Flag(f"{flat}_is_first", f"the {flat}_ columns repeat the first of {listed}", critical=True, holds=holds)


def _states_add_up(rows: pa.RecordBatch) -> pa.Array:
    import pyarrow.compute as pc

    total: Any = None
    for state in (
        "stored", "duplicate", "paywalled", "not_article", "blocked", "gone", "not_modified", "failed", "pending",
    ):  # fmt: skip
        count = rows[f"{state}_count"]
        total = count if total is None else pc.add(total, count)
    return pc.equal(total, rows["url_count"])


def _original_leads(rows: pa.RecordBatch) -> pa.Array:
    import pyarrow.compute as pc

    return pc.equal(pc.equal(rows["role"], "original"), pc.equal(rows["article_id"], rows["family_id"]))


def _counts_nest(rows: pa.RecordBatch) -> pa.Array:
    import pyarrow.compute as pc

    holds = pc.less_equal(rows["article_count"], rows["event_count"])
    for smaller, larger in (
        ("family_count", "article_count"),
        ("story_count", "article_count"),
        ("source_count", "article_count"),
        ("independent_source_count", "source_count"),
    ):
        holds = pc.and_(holds, pc.less_equal(rows[smaller], rows[larger]))
    return holds


_IN_PLACE = Flag("place_is_whole", "latitude and longitude are both given or both empty", holds=_place_is_whole)
_ITS_ARTICLE = Flag("has_article", "its article is in the batch", critical=True, needs_articles=True)


def _stands(name: str, says: str) -> Flag:
    return Flag(name, says, critical=True, needs_articles=True)


FLAGS: dict[str, tuple[Flag, ...]] = {
    "links": (_url("url"),),
    "fetches": (
        _url("url"),
        Flag("is_archived", "what was fetched has its place in the archive", holds=_is_archived),
        _not_after("fetched_at", "next_fetch_at", "it is due again after it was fetched"),
    ),
    "articles": (
        _url("url"),
        _url("canonical_url"),
        _not_after("published_at", "fetched_at", "published_at is at most a day after fetched_at", _DAY),
    ),
    "mentions": (
        _after("start", "end"),
        _IN_PLACE,
        _ITS_ARTICLE,
        _stands("offsets_hold", "text is what stands from start to end in its article's field"),
    ),
    "events": (
        _after("trigger_start", "trigger_end"),
        Flag("trigger_in_quote", "the trigger lies within the quote", critical=True, holds=_trigger_in_quote),
        _first_of("actors", "actor"),
        _first_of("recipients", "recipient"),
        _IN_PLACE,
        _ITS_ARTICLE,
        _stands("trigger_holds", "trigger_text is what stands at its offsets"),
        _stands("quote_holds", "quote is what stands at sentence_start"),
        _stands("actors_hold", "each actor's text is what stands at its offsets"),
        _stands("recipients_hold", "each recipient's text is what stands at its offsets"),
    ),
    "rejects": (Flag("names_the_article", "a duplicate names its article", holds=_names_the_article),),
    "batches": (Flag("states_add_up", "the states add up to url_count", critical=True, holds=_states_add_up),),
    "families": (Flag("original_leads", "the original, and no copy, gives the family its id", holds=_original_leads),),
    "story_titles": (_not_after("first_seen_at", "last_seen_at", "it was first seen before it was last seen"),),
    "occurrences": (_IN_PLACE, Flag("counts_nest", "no count exceeds what it counts within", holds=_counts_nest)),
}
"""Flags by table."""
