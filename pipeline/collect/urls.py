"""URLs in one spelling: what may be requested, and when two spellings are the same request.

``normalise`` is idempotent. It changes what RFC 3986 calls equivalent, and takes away the fragment and the parameters
that only track readers; it never guesses (AMP and print variants are other URLs).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

LONGEST = 4096
"""Longest URL accepted, characters."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})|%|([^%]+)")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PATH = _UNRESERVED | frozenset(b"!$&'()*+,;=:@/")
_QUERY = _PATH | frozenset(b"?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_PORTS = {"http": 80, "https": 443}

_NAMES = """
fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ysclid twclid ttclid li_fat_id igshid igsh mc_cid mc_eid
mkt_tok oly_anon_id oly_enc_id vero_id _hsenc _hsmi _openstat _ga _gl _branch_match_id _branch_referrer
guccounter guce_referrer guce_referrer_sig __twitter_impression __tn__ rss_id cmpid ocid icid xtor wt_mc wt.mc_id
wt_zmc s_cid s_kwcid ns_campaign ns_mchannel ns_source ns_linkname ns_fee spm smid smtyp ito ftag sfmc_id srsltid
"""
_TRACKING = frozenset(_NAMES.split())
_TRACKING_PREFIXES = (
    *("utm_", "mtm_", "pk_", "piwik_", "matomo_", "hsa_", "fb_action_", "fb_ref", "fb_source"),
    *("at_medium", "at_campaign", "at_custom", "at_link", "at_bbc", "at_ptr", "at_format", "at_platform", "at_variant"),
)


def normalise(raw: str, relative_to: str | None = None, *, strip_tracking: bool = True) -> str:
    """The one spelling of a URL, resolved against `relative_to` where it is relative.

    Raises ValueError, saying why, for what cannot be requested over HTTP.
    """
    text = raw.strip()
    if _CONTROL.search(text):
        raise ValueError("a control character in the URL")
    if not text:
        raise ValueError("no URL")
    if len(text) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters")
    # Browsers read a backslash as a slash, and publishers rely on it.
    text = text.replace("\\", "/")
    if relative_to is not None:
        text = urljoin(relative_to, text)
    parts = urlsplit(text)
    if parts.scheme not in _PORTS:
        raise ValueError(f"not an http URL: {parts.scheme or 'no scheme'}")
    if "@" in parts.netloc:
        raise ValueError("the URL carries a user name")
    host = _host(parts.hostname)
    port = parts.port
    if port == 0:
        raise ValueError("no such port: 0")
    if port is not None and port != _PORTS[parts.scheme]:
        host = f"{host}:{port}"
    path = _without_dots(_spell(parts.path, _PATH)) or "/"
    query = _spell(parts.query, _QUERY)
    if strip_tracking and query:
        query = "&".join(p for p in query.split("&") if p and not _is_tracking(p))
    url = f"{parts.scheme}://{host}{path}" + (f"?{query}" if query else "")
    if len(url) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters")
    return url


def as_given(raw: str) -> str:
    """The URL of an ingested document as it was given, tracking parameters and fragment too: its owner looks for that.

    Spelled anew only where it is not spelled as URLs are. Raises ValueError, saying why, for what is no URL. What the
    article's own URL is, clean says.
    """
    if raw.startswith("urn:"):
        return raw
    spelled = normalise(raw, strip_tracking=False)
    given = raw.strip()
    return given if given.partition("#")[0] == spelled and given.isascii() and " " not in given else spelled


def host_of(url: str) -> str:
    """The host of a normalised URL, without port; "" for a urn."""
    return urlsplit(url).hostname or ""


def origin_of(url: str) -> str:
    """Scheme, host and port of a normalised URL: what one robots.txt speaks for."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def source_of(url: str, hosts: Mapping[str, str]) -> str:
    """Id of the publisher of a URL: as registered for its host, else the host without ``www.``."""
    host = host_of(url)
    bare = host.removeprefix("www.")
    return hosts.get(host) or hosts.get(bare) or hosts.get(f"www.{bare}") or bare


def _host(name: str | None) -> str:
    if not name:
        raise ValueError("no host")
    if ":" in name:
        return f"[{ipaddress.IPv6Address(name).compressed}]"
    name = name.removesuffix(".")
    if not name.isascii():
        import idna

        try:
            name = idna.encode(name, uts46=True).decode("ascii").removesuffix(".")
        except idna.IDNAError as error:
            raise ValueError(f"not a host name: {error}") from None
    name = name.lower()
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise ValueError(f"not a host name: {name[:80]}")
    return name


def _spell(text: str, allowed: frozenset[int]) -> str:
    """Escapes in one spelling: what needs none has none, all else in upper case."""

    def spelled(match: re.Match[str]) -> str:
        code, plain = match.groups()
        if code is not None:
            value = int(code, 16)
            return chr(value) if value in _UNRESERVED else f"%{value:02X}"
        if plain is None:
            return "%25"
        return "".join(chr(b) if b in allowed else f"%{b:02X}" for b in plain.encode("utf-8"))

    try:
        return _ESCAPE.sub(spelled, text)
    except UnicodeEncodeError:
        raise ValueError("a character that cannot be encoded") from None


def _without_dots(path: str) -> str:
    """The path without ``.`` and ``..`` segments (RFC 3986, 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")
    for n, segment in enumerate(segments):
        last = n == len(segments) - 1
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
            if last:
                kept.append("")
        elif segment == ".":
            if last:
                kept.append("")
        else:
            kept.append(segment)
    return "/".join(kept)


def _is_tracking(parameter: str) -> bool:
    name = parameter.partition("=")[0].lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)
