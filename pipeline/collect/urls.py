"""URLs of collect: which publisher and which host one belongs to. How one is spelled, `pipeline.addresses` says."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from pipeline.addresses import LONGEST, normalise

__all__ = ["LONGEST", "as_given", "host_of", "normalise", "origin_of", "source_of"]


def as_given(raw: str) -> str:
    """The URL of an ingested document as it was given, tracking parameters and fragment too: its owner looks for that.

    Spelled anew only where it is not spelled as URLs are. Raises ValueError, saying why, for what is no URL. What the
    article's own URL is, clean says.
    """
    if raw.startswith("urn:"):
        if not raw.isprintable() or " " in raw:
            raise ValueError("white space or a control character in the urn")
        return raw
    spelled = normalise(raw, strip_tracking=False)
    given = raw.strip()
    return given if given.partition("#")[0] == spelled and given.isascii() and " " not in given else spelled


def host_of(url: str) -> str:
    """The host of a URL, without port; "" for a urn and for what is no URL."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def origin_of(url: str) -> str:
    """Scheme, host and port of a normalised URL: what one robots.txt speaks for."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def source_of(url: str, hosts: Mapping[str, str]) -> str:
    """Id of the publisher of a URL: as registered for its host, else the host without ``www.``."""
    host = host_of(url)
    bare = host.removeprefix("www.")
    return hosts.get(host) or hosts.get(bare) or hosts.get(f"www.{bare}") or bare
