"""The address an article is known by: the publisher's canonical one where it can be trusted."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from pipeline.clean.document import Document

_TRACKING = re.compile(
    r"^(?:utm_\w+|at_\w+|mc_[ce]id|fb_\w+|pk_\w+|mtm_\w+|(?:fb|g|y|msc|dc|tw|li_fat_|igsh|wbra|gbra|ttc)?clid|igshid|gclsrc|wt_mc|wtmc|ocid|"
    r"cmpid|cmp|smid|smtyp|ref_?src|ref_?url|ncid|sr_share|_ga|_gl|__twitter_impression|spm|xtor|ito|traffic_source|src_?cmp|cid)$",
    re.I,
)
# Second-level names under which names are registered in many countries.
_SHARED_SECOND = {"co", "com", "net", "org", "gov", "gob", "gouv", "edu", "ac", "or", "ne", "go", "gv", "info", "nom", "web"}
_VARIANT_HOSTS = ("www.", "m.", "amp.", "mobile.", "edition.")


def canonical(document: Document, fallback: str) -> str:
    """The page's own address: its canonical link or og:url if of the same site, else the one that answered."""
    if fallback.startswith("urn:"):
        return fallback
    for raw in (*document.links.get("canonical", ())[:1], document.meta("og:url")):
        if not raw:
            continue
        try:
            url = tidied(urljoin(fallback, raw.strip()))
            named, answered = urlsplit(url), urlsplit(fallback)
        except ValueError:
            continue
        if named.scheme not in ("http", "https") or not same_site(named.hostname, answered.hostname):
            continue
        # Some templates name the front page on every page.
        if named.path.strip("/") == "" and not named.query and answered.path.strip("/") != "":
            continue
        return url
    return tidied(fallback)


def tidied(url: str) -> str:
    """The address in lower-case scheme and host, without default port, fragment and tracking parameters."""
    parts = urlsplit(url.strip())
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    if not host:
        return url.strip()
    port = parts.port
    netloc = host if port is None or (scheme, port) in (("http", 80), ("https", 443)) else f"{host}:{port}"
    query = parts.query
    if query:
        pairs = parse_qsl(query, keep_blank_values=True)
        kept = [(name, value) for name, value in pairs if not _TRACKING.match(name)]
        # Rewritten only where something was dropped: a rewrite may change how the rest is escaped.
        query = query if len(kept) == len(pairs) else urlencode(kept)
    return urlunsplit((scheme, netloc, parts.path or "/", query, ""))


def same_site(one: str | None, other: str | None) -> bool:
    """Whether two hosts belong to one registered name."""
    return bool(one) and bool(other) and _site(one or "") == _site(other or "")


def _site(host: str) -> str:
    host = host.lower().rstrip(".")
    for prefix in _VARIANT_HOSTS:
        host = host.removeprefix(prefix)
    labels = host.split(".")
    if host.replace(".", "").isdigit():
        return host
    size = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SHARED_SECOND else 2
    return ".".join(labels[-size:])
