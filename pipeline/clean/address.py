"""The address an article is known by: the publisher's canonical one where it can be trusted."""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from pipeline.clean.document import Document

# The parameters by which collect knows a tracked link, too: an address must not be two.
_TRACKING_NAMES = """
fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ysclid twclid ttclid li_fat_id igshid igsh mc_cid mc_eid
mkt_tok oly_anon_id oly_enc_id vero_id _hsenc _hsmi _openstat _ga _gl _branch_match_id _branch_referrer
guccounter guce_referrer guce_referrer_sig __twitter_impression __tn__ rss_id cmpid ocid icid xtor wt_mc wt.mc_id
wt_zmc s_cid s_kwcid ns_campaign ns_mchannel ns_source ns_linkname ns_fee spm smid smtyp ito ftag sfmc_id srsltid
"""
_TRACKING = re.compile(
    rf"^(?:(?:{'|'.join(map(re.escape, _TRACKING_NAMES.split()))})(?:=|$)|(?:utm|mtm|pk|piwik|matomo|hsa|fb_action)_|"
    r"fb_ref|fb_source|at_(?:medium|campaign|custom|link|bbc|ptr|format|platform|variant))",
    re.I,
)
# Second-level names under which names are registered in many countries.
_SHARED_SECOND = {
    "co",
    "com",
    "net",
    "org",
    "gov",
    "gob",
    "gouv",
    "edu",
    "ac",
    "or",
    "ne",
    "go",
    "gv",
    "info",
    "nom",
    "web",
}
_SAFE = "%/:=&?~+!$,;'@()*[]|"
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
    query = "&".join(each for each in parts.query.split("&") if each and not _TRACKING.match(each))
    return urlunsplit((scheme, netloc, quote(parts.path, safe=_SAFE) or "/", quote(query, safe=_SAFE), ""))


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
