"""One typed record a table. Generated from ``schemas/`` by ``python -m pipeline.schema``: do not edit.

A record's ``batch_id`` is filled when its batch is written; no step sets it.
"""

# ruff: noqa: E501

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar


@dataclass(slots=True, kw_only=True)
class Source:
    """One publisher, as registered when the batch was collected."""

    TABLE: ClassVar[str] = "sources"

    source_id: str
    """The publisher's id in the register of sources, or the host where no source is registered for it."""
    name: str
    """The publisher's name."""
    homepage: str | None = None
    """The publisher's front page."""
    country: str | None = None
    """Country the publisher works from."""
    language: str | None = None
    """Main language of publication."""
    owner: str | None = None
    """Who owns the publisher, as registered: sources of one owner are not independent."""
    agency: bool
    """Whether it is a news agency that others carry."""
    feeds: list[str] = dataclasses.field(default_factory=list)
    """Its feeds."""
    sitemaps: list[str] = dataclasses.field(default_factory=list)
    """Its sitemaps, beyond those its robots.txt names."""
    volume_low: int | None = None
    """Articles a day expected at least, as registered."""
    volume_high: int | None = None
    """Articles a day expected at most, as registered."""
    batch_id: str = ""
    """The batch that published the row: an hour of collection, or `ingest-` and a digest."""


@dataclass(slots=True, kw_only=True)
class Link:
    """One discovery of a URL."""

    TABLE: ClassVar[str] = "links"

    url: str
    """The URL as requested: scheme and host in lower case, fragment and tracking parameters removed. Of an ingested document, its URL as given; `urn:sha256:…` where it has none."""
    source_id: str
    """The publisher's id in the register of sources, or the host where no source is registered for it."""
    discovered_at: datetime
    """When the URL was found (UTC)."""
    discovered_via: str
    """The kind of place that named the URL."""
    discovered_in: str
    """URL of the feed, sitemap or page, or name of the file, that named the URL."""
    discovered_url: str
    """The URL exactly as it stood there."""
    title_hint: str | None = None
    """Title given beside the URL."""
    published_hint: datetime | None = None
    """Publication date given beside the URL (UTC)."""
    modified_hint: datetime | None = None
    """Modification date given beside the URL (UTC)."""
    batch_id: str = ""
    """The batch that published the row: an hour of collection, or `ingest-` and a digest."""


@dataclass(slots=True, kw_only=True)
class Fetch:
    """One attempt to get a URL."""

    TABLE: ClassVar[str] = "fetches"

    fetch_id: str
    """Id of one fetch: the UUID of its WARC record, or of the attempt where nothing was archived."""
    url: str
    """The URL as requested: scheme and host in lower case, fragment and tracking parameters removed. Of an ingested document, its URL as given; `urn:sha256:…` where it has none."""
    final_url: str | None = None
    """The URL that answered, after redirects."""
    kind: str
    """What the URL was fetched as."""
    source_id: str
    """The publisher's id in the register of sources, or the host where no source is registered for it."""
    fetched_at: datetime
    """When the response was received (UTC)."""
    outcome: str
    """How the attempt ended."""
    status_code: int | None = None
    """HTTP status of the answer."""
    attempt: int
    """Which try within the batch, from 1."""
    duration_ms: int | None = None
    """From the request to the last byte, milliseconds."""
    body_bytes: int | None = None
    """Length of the decoded body, bytes."""
    content_type: str | None = None
    """Media type of the body, as declared or sniffed."""
    content_hash: str | None = None
    """SHA-256 of the decoded body, hexadecimal."""
    etag: str | None = None
    """The ETag header, byte for byte."""
    last_modified: str | None = None
    """The Last-Modified header, byte for byte."""
    next_fetch_at: datetime | None = None
    """When the URL is due again; empty where it is not."""
    conditional: bool | None = None
    """Whether the validators of the last answer were sent with the request."""
    entry_count: int | None = None
    """Entries that a feed or sitemap listed, those outside the window left aside."""
    known_entry_count: int | None = None
    """Those of them that were known before. None known, where the listing was read before: entries may have been missed."""
    rights: str | None = None
    """Reservations in the answer's headers and in its host's robots.txt, separated by `; `."""
    warc_file: str | None = None
    """The WARC file of the record, relative to the data home, or a path or URL of its own when ingested in place."""
    warc_offset: int | None = None
    """Offset of the record's first byte in that file."""
    detail: str | None = None
    """What went wrong, in words; the redirects on the way."""
    batch_id: str = ""
    """The batch that published the row: an hour of collection, or `ingest-` and a digest."""


@dataclass(slots=True, kw_only=True)
class Candidate:
    """A struct in articles."""

    basis: str | None = None
    """Where the date stood."""
    value: str | None = None
    """What it said, as written."""
    at: datetime | None = None
    """How it was read (UTC)."""
    precision: str | None = None
    """How exact it is, as in published_precision."""
    zone: str | None = None
    """Zone of the source's country in which a time without a zone was read; empty where it was read as UTC."""
    refused: str | None = None
    """Why it cannot be the date of publication: `future` (more than a day after the fetch), `too_old` (before 1995, or before the publisher was founded), `crawl_time` (the page wrote the moment it was fetched). Empty where it can be."""


@dataclass(slots=True, kw_only=True)
class Topic:
    """A struct in articles."""

    code: str | None = None
    """IPTC Media Topic (`medtop:15000000`; `schemas/ontologies/media_topics.toml` lists the digits)."""
    name: str | None = None
    """Its name."""
    score: float | None = None
    """How likely it is."""


@dataclass(slots=True, kw_only=True)
class TagEvidence:
    """A struct in articles."""

    tag: str | None = None
    """The tag."""
    field: str | None = None
    """Which text the offsets count in; empty where the tag holds without words of its own."""
    start: int | None = None
    """Offset of the words it was given for."""
    end: int | None = None
    """Offset after them."""


@dataclass(slots=True, kw_only=True)
class Article:
    """One version of one article."""

    TABLE: ClassVar[str] = "articles"

    article_id: str
    """Hash of the article's address without scheme, www., last slash and AMP, print or mobile variant: one article, whatever its versions."""
    version_id: str
    """Hash of article_id, title and text: one version of one article."""
    url: str
    """The URL as requested: scheme and host in lower case, fragment and tracking parameters removed. Of an ingested document, its URL as given; `urn:sha256:…` where it has none."""
    canonical_url: str
    """The URL the publisher gives as the article's own (trusted within the site), else the URL that answered."""
    source_id: str
    """The publisher's id in the register of sources, or the host where no source is registered for it."""
    title: str | None = None
    """Headline, without the site's name."""
    subtitle: str | None = None
    """Standfirst."""
    authors: list[str] = dataclasses.field(default_factory=list)
    """Names of the authors, without `By`, titles or addresses."""
    agencies: list[str] = dataclasses.field(default_factory=list)
    """News agencies among the authors, or named in the text's dateline or last words, by short name (`AP`, `dpa`)."""
    published_at: datetime | None = None
    """First publication (UTC)."""
    published_basis: str | None = None
    """Where the publication date was taken from."""
    published_precision: str | None = None
    """How exact published_at is."""
    published_candidates: list[Candidate] = dataclasses.field(default_factory=list)
    """Every publication date found, the one chosen among them."""
    modified_at: datetime | None = None
    """Last change, as the page says (UTC)."""
    fetched_at: datetime
    """When the response was received (UTC)."""
    language: str | None = None
    """Language of the text, as detected."""
    declared_language: str | None = None
    """Language the page declares; where it differs from `language`, the text is in another, or the page is wrong."""
    section: str | None = None
    """The publisher's section."""
    keywords: list[str] = dataclasses.field(default_factory=list)
    """The publisher's keywords."""
    kind: str
    """What sort of article."""
    kind_evidence: str | None = None
    """What the kind was judged by: a declared type, the section, the address, words; empty where nothing says more than news."""
    access: str
    """Whether the whole text was to be had."""
    access_evidence: str | None = None
    """What the access was judged by: the page's declaration, the words that ask to subscribe, the end of the text; empty where it is open."""
    text: str
    """The text: paragraphs with a blank line between, NFC, no markup."""
    word_count: int
    """Words in the text (for Chinese, Japanese and Thai: characters over two)."""
    image_url: str | None = None
    """The lead image."""
    captions: list[str] = dataclasses.field(default_factory=list)
    """What stands under the article's pictures, apart from the text."""
    links_out: list[str] = dataclasses.field(default_factory=list)
    """Where links within the text lead, other articles of the site among them; each once, in their order."""
    rights: str | None = None
    """Licence or rights statement the page carries."""
    extraction_method: str
    """What took the text out of the document."""
    quality_score: float | None = None
    """How much the text looks like the body of an article, 0 to 1."""
    topic: str | None = None
    """Main IPTC Media Topic of the first level, by name; English articles only."""
    topic_score: float | None = None
    """How likely the main topic is."""
    topics: list[Topic] = dataclasses.field(default_factory=list)
    """All topics: the main one, one of the second level under it where that is sure, others clearly treated."""
    tags: list[str] = dataclasses.field(default_factory=list)
    """Tags of your own tags file (setting `tags`) that hold."""
    tag_evidence: list[TagEvidence] = dataclasses.field(default_factory=list)
    """The words each tag was given for."""
    fetch_id: str
    """Id of one fetch: the UUID of its WARC record, or of the attempt where nothing was archived."""
    batch_id: str = ""
    """The batch that published the row: an hour of collection, or `ingest-` and a digest."""


@dataclass(slots=True, kw_only=True)
class Mention:
    """One mention of an entity in one version of an article."""

    TABLE: ClassVar[str] = "mentions"

    article_id: str
    """Hash of the article's address without scheme, www., last slash and AMP, print or mobile variant: one article, whatever its versions."""
    version_id: str
    """Hash of article_id, title and text: one version of one article."""
    field: str
    """Which text the offsets count in."""
    entity_id: str
    """The entity, the same across articles where name and type agree."""
    entity_name: str
    """The entity's fullest name in the article, or its gazetteer name."""
    entity_type: str
    """What sort of entity."""
    text: str
    """The mention as it stands: `text[start:end]` of the field."""
    start: int
    """Offset of the first code point."""
    end: int
    """Offset after the last code point."""
    sentence_index: int
    """Which sentence of the field, from 0."""
    confidence: float
    """Confidence of the method, 0 to 1. Not calibrated yet."""
    method: str
    """How it was found."""
    country_code: str | None = None
    """Country of the place, or the country an entity belongs to."""
    geonames_id: int | None = None
    """GeoNames id of the place."""
    latitude: float | None = None
    """Latitude, WGS 84, degrees."""
    longitude: float | None = None
    """Longitude, WGS 84, degrees."""
    place_precision: str | None = None
    """How near the coordinates are to where it is."""
    place_confidence: float | None = None
    """How far the place chosen stands above others of the same name; 1 where there is no other."""
    role: str | None = None
    """What a person is, as the text says it beside the name."""
    is_metonym: bool
    """A place that acts or speaks: its government is meant."""
    wikidata_id: str | None = None
    """The entity in Wikidata, by the table that the setting `entity_links` names."""
    batch_id: str = ""
    """The batch that published the row: an hour of collection, or `ingest-` and a digest."""


@dataclass(slots=True, kw_only=True)
class Actor:
    """A struct in events."""

    text: str | None = None
    """As it stands."""
    start: int | None = None
    """Offset in the field."""
    end: int | None = None
    """Offset after it."""
    entity_id: str | None = None
    """Entity, where it is a mention."""
    name: str | None = None
    """Name, as resolved."""
    code: str | None = None
    """Country (ISO 3166-1 alpha-3) and sector, `USAGOV`."""
    country: str | None = None
    """ISO 3166-1 alpha-2."""
    country_basis: str | None = None
    """`said`: of the name or of what modifies it; `inferred`, weaker: a role without a country (`police`) has that of the place, or the only one of its sentence."""
    sector: str | None = None
    """Sector (`schemas/ontologies/sectors.toml`)."""


@dataclass(slots=True, kw_only=True)
class Count:
    """A struct in events."""

    kind: str | None = None
    """`killed`, `injured`, `arrested`, `displaced`, `protesters` or `money`."""
    min: float | None = None
    """Least number said; empty where there is none (`up to 12`)."""
    max: float | None = None
    """Greatest number said; empty where there is none (`at least 12`, `dozens`)."""
    unit: str | None = None
    """Currency of money (ISO 4217), where the words name one."""
    text: str | None = None
    """The words it was read from."""
    start: int | None = None
    """Offset of these in the field."""
    end: int | None = None
    """Offset after them."""


@dataclass(slots=True, kw_only=True)
class Sentence:
    """A struct in events."""

    field: str | None = None
    """Which text the offsets count in."""
    start: int | None = None
    """Offset of the sentence."""
    end: int | None = None
    """Offset after it."""
    trigger_start: int | None = None
    """Offset of the words that tell the event there."""
    trigger_end: int | None = None
    """Offset after them."""


@dataclass(slots=True, kw_only=True)
class Event:
    """One coded event in one version of an article."""

    TABLE: ClassVar[str] = "events"

    event_id: str
    """Hash of version_id, event type and trigger offsets: one coded event in one version of an article."""
    article_id: str
    """Hash of the article's address without scheme, www., last slash and AMP, print or mobile variant: one article, whatever its versions."""
    version_id: str
    """Hash of article_id, title and text: one version of one article."""
    field: str
    """Which text the offsets count in."""
    event_type: str
    """PLOVER event type."""
    mode: str | None = None
    """PLOVER mode, where the words show it."""
    contexts: list[str] = dataclasses.field(default_factory=list)
    """PLOVER contexts that the words of its sentence show, in alphabetic order."""
    cameo_root: str
    """CAMEO root code, two digits."""
    quad_class: int
    """1 verbal cooperation, 2 material cooperation, 3 verbal conflict, 4 material conflict."""
    goldstein: float | None = None
    """Goldstein scale of the type, -10 to 10."""
    actors: list[Actor] = dataclasses.field(default_factory=list)
    """Who did it."""
    recipients: list[Actor] = dataclasses.field(default_factory=list)
    """To whom."""
    actor_text: str | None = None
    """The first actor, as it stands."""
    actor_start: int | None = None
    """Offset of the first actor in the field."""
    actor_end: int | None = None
    """Offset after the first actor."""
    actor_name: str | None = None
    """Name of the first actor, as resolved."""
    actor_code: str | None = None
    """Country and sector code of the first actor."""
    actor_country: str | None = None
    """Country of the first actor."""
    actor_sector: str | None = None
    """Sector of the first actor."""
    recipient_text: str | None = None
    """The first recipient, as it stands."""
    recipient_start: int | None = None
    """Offset of the first recipient in the field."""
    recipient_end: int | None = None
    """Offset after the first recipient."""
    recipient_name: str | None = None
    """Name of the first recipient, as resolved."""
    recipient_code: str | None = None
    """Country and sector code of the first recipient."""
    recipient_country: str | None = None
    """Country of the first recipient."""
    recipient_sector: str | None = None
    """Sector of the first recipient."""
    trigger_text: str
    """The words that tell the event."""
    trigger_start: int
    """Offset of the trigger in the field."""
    trigger_end: int
    """Offset after the trigger."""
    quote: str
    """The sentence."""
    sentence_start: int
    """Offset of the sentence in the field."""
    sentences: list[Sentence] = dataclasses.field(default_factory=list)
    """Every sentence of the article that tells the event, that of `quote` first."""
    event_date: date | None = None
    """The day the event took or takes place."""
    event_date_basis: str | None = None
    """Where the event's date was taken from."""
    event_date_granularity: str | None = None
    """How exact event_date is: the first day of what the sentence names."""
    counts: list[Count] = dataclasses.field(default_factory=list)
    """How many people or how much money the sentence says."""
    place_name: str | None = None
    """The place, as resolved."""
    place_basis: str | None = None
    """How the place is known."""
    place_country: str | None = None
    """Country of the place."""
    latitude: float | None = None
    """Latitude, WGS 84, degrees."""
    longitude: float | None = None
    """Longitude, WGS 84, degrees."""
    is_negated: bool
    """Said not to have happened."""
    is_hypothetical: bool
    """Conditional, possible or asked."""
    is_future: bool
    """Planned or announced."""
    is_historical: bool
    """Long before publication."""
    is_reported: bool
    """Told by somebody who is not its actor and does not speak for it, or in a quotation."""
    confidence: float
    """Probability that the event is there and of its type, fitted on judged events of real news."""
    coder_version: str
    """The coder, and a digest of its lexicon and models."""
    batch_id: str = ""
    """The batch that published the row: an hour of collection, or `ingest-` and a digest."""


@dataclass(slots=True, kw_only=True)
class Reject:
    """One thing that did not go on, and why."""

    TABLE: ClassVar[str] = "rejects"

    step: str
    """The step that rejected it."""
    table_name: str | None = None
    """The table the row would have gone to, where validation rejected it."""
    url: str
    """The URL as requested: scheme and host in lower case, fragment and tracking parameters removed. Of an ingested document, its URL as given; `urn:sha256:…` where it has none."""
    source_id: str | None = None
    """The publisher's id in the register of sources, or the host where no source is registered for it."""
    fetch_id: str | None = None
    """Id of one fetch: the UUID of its WARC record, or of the attempt where nothing was archived."""
    article_id: str | None = None
    """Hash of the article's address without scheme, www., last slash and AMP, print or mobile variant: one article, whatever its versions."""
    rejected_at: datetime
    """The time of the fetch, or of the discovery, that led to it (UTC)."""
    reason: str
    """Why, coded."""
    detail: str | None = None
    """The reason in words, or the expectation that failed."""
    evidence: str | None = None
    """What it was judged by: the words, the row, the line number."""
    batch_id: str = ""
    """The batch that published the row: an hour of collection, or `ingest-` and a digest."""


@dataclass(slots=True, kw_only=True)
class Batch:
    """One derived batch."""

    TABLE: ClassVar[str] = "batches"

    derive_id: str
    """Id of this derivation; equals `derive_id` in the metadata of each of the batch's files."""
    derived_with: str
    """Hash of code, settings, models and snapshots that derived the batch."""
    link_count: int
    """Rows of links."""
    fetch_count: int
    """Rows of fetches."""
    page_count: int
    """Pages read from the archive."""
    article_count: int
    """Rows of articles."""
    mention_count: int
    """Rows of mentions."""
    event_count: int
    """Rows of events."""
    reject_count: int
    """Rows of rejects, of all steps."""
    url_count: int
    """Distinct URLs discovered or fetched in the batch."""
    stored_count: int
    """URLs of the batch that became an article."""
    duplicate_count: int
    """URLs of the batch that gave an article another URL had given."""
    paywalled_count: int
    """URLs of the batch behind a paywall."""
    not_article_count: int
    """URLs of the batch that are no article."""
    blocked_count: int
    """URLs of the batch that robots.txt, the server or a bot wall kept from us."""
    gone_count: int
    """URLs of the batch that are gone."""
    not_modified_count: int
    """URLs of the batch that had not changed."""
    failed_count: int
    """URLs of the batch whose retries were exhausted, or that are invalid."""
    pending_count: int
    """URLs of the batch that were not attempted."""
    warnings: list[str] = dataclasses.field(default_factory=list)
    """Expectations about distributions that did not hold."""
    schema_version: str
    """Version of the contract."""
    started_at: datetime
    """When the derivation began (UTC)."""
    finished_at: datetime
    """When it was published (UTC)."""
    batch_id: str = ""
    """The batch that published the row: an hour of collection, or `ingest-` and a digest."""


@dataclass(slots=True, kw_only=True)
class Family:
    """An article in its syndication family. An article without copies is a family of its own."""

    TABLE: ClassVar[str] = "families"

    article_id: str
    """Hash of the article's address without scheme, www., last slash and AMP, print or mobile variant: one article, whatever its versions."""
    version_id: str
    """Hash of article_id, title and text: one version of one article."""
    family_id: str
    """The syndication family: the article_id of its original."""
    role: str
    """Its part in the family."""
    similarity: float
    """Share of its word 5-grams that the original has, 0 to 1 (containment); 1 for the original."""


@dataclass(slots=True, kw_only=True)
class Story:
    """An article in its story."""

    TABLE: ClassVar[str] = "stories"

    article_id: str
    """Hash of the article's address without scheme, www., last slash and AMP, print or mobile variant: one article, whatever its versions."""
    version_id: str
    """Hash of article_id, title and text: one version of one article."""
    story_id: str
    """The story: the article_id of the first article in it."""
    score: float
    """Similarity to the story's centre, 0 to 1."""


@dataclass(slots=True, kw_only=True)
class StoryTitle:
    """One story."""

    TABLE: ClassVar[str] = "story_titles"

    story_id: str
    """The story: the article_id of the first article in it."""
    title: str | None = None
    """Title of its lead article."""
    lead_article_id: str
    """The article nearest to the story's centre, originals first."""
    first_seen_at: datetime
    """Earliest publication, else fetch, of its articles (UTC)."""
    last_seen_at: datetime
    """Latest publication, else fetch, of its articles (UTC)."""
    article_count: int
    """Distinct articles."""
    family_count: int
    """Distinct syndication families: reports after copies are counted once."""
    source_count: int
    """Distinct sources."""


@dataclass(slots=True, kw_only=True)
class Occurrence:
    """One thing that happened, however many reports tell it."""

    TABLE: ClassVar[str] = "occurrences"

    occurrence_id: str
    """Hash of the first event the occurrence joins."""
    event_type: str
    """PLOVER event type."""
    actor_text: str | None = None
    """The first event's actor, as it stands."""
    actor_name: str | None = None
    """The first event's actor, as resolved."""
    actor_code: str | None = None
    """Country and sector code of the actor."""
    actor_country: str | None = None
    """Country of the actor."""
    actor_sector: str | None = None
    """Sector of the actor."""
    recipient_text: str | None = None
    """The first event's recipient, as it stands."""
    recipient_name: str | None = None
    """The first event's recipient, as resolved."""
    recipient_code: str | None = None
    """Country and sector code of the recipient."""
    recipient_country: str | None = None
    """Country of the recipient."""
    recipient_sector: str | None = None
    """Sector of the recipient."""
    place_name: str | None = None
    """The place, as resolved."""
    place_country: str | None = None
    """Country of the place."""
    latitude: float | None = None
    """Latitude, WGS 84, degrees."""
    longitude: float | None = None
    """Longitude, WGS 84, degrees."""
    event_date: date | None = None
    """The day the event took or takes place."""
    event_date_basis: str | None = None
    """Where the event's date was taken from."""
    event_count: int
    """Coded events joined."""
    article_count: int
    """Distinct articles."""
    family_count: int
    """Distinct syndication families: reports after copies are counted once."""
    story_count: int
    """Distinct stories."""
    source_count: int
    """Distinct sources."""
    independent_source_count: int
    """Distinct owners among the sources of originals: copies and sister papers are counted once."""


@dataclass(slots=True, kw_only=True)
class OccurrenceEvent:
    """Which events an occurrence joins."""

    TABLE: ClassVar[str] = "occurrence_events"

    occurrence_id: str
    """Hash of the first event the occurrence joins."""
    event_id: str
    """Hash of version_id, event type and trigger offsets: one coded event in one version of an article."""


Record = (
    Source
    | Link
    | Fetch
    | Article
    | Mention
    | Event
    | Reject
    | Batch
    | Family
    | Story
    | StoryTitle
    | Occurrence
    | OccurrenceEvent
)
