"""Collect: the web, and nothing else. It asks, archives what it got, and never repeats a batch.

::

    sources ──discover──→ links ──plan──→ targets ──fetch──→ fetches ··→ archive (WARC)
               feeds, sitemaps     state: known, due        web: politeness, resolver, exchange
    files ────ingest────────────────────────────→ links, fetches ··→ archive

``web`` is the only door to the network, ``archive`` and ``reader`` the only ones to WARC files. ``state`` is a cache
that learns of a URL after its rows are published. When two spellings are one URL, ``pipeline.addresses`` says; when it
is due again, ``schedule``. ``survey`` finds the feeds and sitemaps of a site, ``probe`` says how one of them is. What
other rooms use is named here.
"""

from pipeline.collect.archive import ArchiveWriter
from pipeline.collect.discover import discover
from pipeline.collect.fetch import Target, fetch, plan
from pipeline.collect.files import IngestBatch, batches
from pipeline.collect.ingest import ingest
from pipeline.collect.listings import owners
from pipeline.collect.probe import STATES, Look, look
from pipeline.collect.reader import ArchiveReader, Document, read, scan
from pipeline.collect.schedule import SLACK
from pipeline.collect.state import Known, State
from pipeline.collect.streams import merged
from pipeline.collect.survey import MOST_NAMED, Find, Survey, feeds_in, shortened, survey
from pipeline.collect.urls import host_of, normalise
from pipeline.collect.web import Web

__all__ = [
    "MOST_NAMED",
    "SLACK",
    "STATES",
    "ArchiveReader",
    "ArchiveWriter",
    "Document",
    "Find",
    "IngestBatch",
    "Known",
    "Look",
    "State",
    "Survey",
    "Target",
    "Web",
    "batches",
    "discover",
    "feeds_in",
    "fetch",
    "host_of",
    "ingest",
    "look",
    "merged",
    "normalise",
    "owners",
    "plan",
    "read",
    "scan",
    "shortened",
    "survey",
]
