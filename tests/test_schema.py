"""The contract is declared once; what is generated from it is current, and closed lists are closed."""

from __future__ import annotations

import dataclasses

import pyarrow as pa
import pytest

from pipeline import records, schema
from pipeline.errors import ConfigurationError

# The names users, tests and benchmarks rely on: taking one away is a breaking change.
CONTRACT = {
    "sources": "source_id name homepage country language owner agency",
    "links": "url source_id discovered_at discovered_via discovered_in title_hint published_hint",
    "fetches": "fetch_id url final_url kind source_id fetched_at outcome status_code attempt duration_ms body_bytes "
    "content_hash etag last_modified next_fetch_at warc_file warc_offset",
    "articles": "article_id version_id url canonical_url source_id title subtitle authors published_at published_basis "
    "published_candidates modified_at fetched_at language section keywords kind access text word_count image_url "
    "rights extraction_method quality_score fetch_id",
    "mentions": "article_id version_id field entity_id entity_name entity_type text start end sentence_index "
    "confidence method country_code geonames_id latitude longitude",
    "events": "event_id article_id version_id field event_type mode contexts cameo_root quad_class goldstein actors "
    "recipients actor_text actor_start actor_end actor_code actor_country actor_sector recipient_text recipient_start "
    "recipient_end recipient_code recipient_country recipient_sector trigger_text trigger_start trigger_end quote "
    "sentence_start event_date event_date_basis place_name place_country latitude longitude is_negated is_hypothetical "
    "is_future is_historical is_reported confidence coder_version",
    "rejects": "step url source_id fetch_id article_id rejected_at reason detail evidence",
    "batches": "batch_id derive_id derived_with schema_version started_at finished_at",
    "families": "article_id version_id family_id role similarity",
    "stories": "article_id version_id story_id score",
    "story_titles": "story_id title lead_article_id first_seen_at last_seen_at article_count family_count source_count",
    "occurrences": "occurrence_id event_type actor_text recipient_text place_name event_date event_count article_count "
    "family_count story_count source_count independent_source_count",
    "occurrence_events": "occurrence_id event_id",
}


def test_the_contract_has_exactly_its_tables() -> None:
    assert set(schema.tables()) == set(CONTRACT)


@pytest.mark.parametrize("name", CONTRACT)
def test_a_table_has_its_key_columns(name: str) -> None:
    assert set(CONTRACT[name].split()) <= set(schema.table(name).columns)


@pytest.mark.parametrize("name", CONTRACT)
def test_every_batch_table_carries_its_batch(name: str) -> None:
    assert ("batch_id" in schema.table(name).columns) is not schema.table(name).grouped


@pytest.mark.parametrize("name", CONTRACT)
def test_the_arrow_schema_carries_each_description(name: str) -> None:
    declared = schema.table(name)
    arrow = declared.arrow()
    assert arrow.names == list(declared.columns)
    for field in arrow:
        assert field.metadata[b"description"].decode() == declared.columns[field.name].description


@pytest.mark.parametrize("name", CONTRACT)
def test_the_record_has_the_same_columns_in_the_same_order(name: str) -> None:
    record = getattr(records, schema.record_name(name))
    assert [f.name for f in dataclasses.fields(record)] == list(schema.table(name).columns)
    assert name == record.TABLE


def test_the_generated_files_are_current() -> None:
    for path, text in schema.generated().items():
        assert path.read_text("utf-8") == text, f"{path.name} is out of date: run python -m pipeline.schema"


def test_no_column_is_called_day_for_that_lives_in_the_folder_name() -> None:
    assert not [t.name for t in schema.tables().values() if "day" in t.columns]


def test_timestamps_end_in_at_and_are_utc() -> None:
    for table in schema.tables().values():
        for field in table.arrow():
            if pa.types.is_timestamp(field.type):
                assert field.name.endswith(("_at", "_hint"))
                assert field.type.tz == "UTC"


def test_the_same_name_has_the_same_type_in_every_table() -> None:
    seen: dict[str, str] = {}
    for table in schema.tables().values():
        for column in table.columns.values():
            assert seen.setdefault(column.name, column.type) == column.type, f"{table.name}.{column.name}"


def test_a_vocabulary_lists_its_values() -> None:
    assert {"DE", "BR", "XK"} <= schema.vocabulary("iso-3166-1")
    assert {"en", "ar", "zh"} <= schema.vocabulary("iso-639-1")
    assert "GOV" in schema.vocabulary("sectors")


def test_an_unknown_table_is_one_clear_error() -> None:
    with pytest.raises(ConfigurationError, match="no such table: nonsense"):
        schema.table("nonsense")
