"""When two addresses are one: how URLs are spelled, what only tracks readers, and AMP, print and mobile variants.

Three steps, each idempotent. ``normalise`` gives the spelling in which a URL is requested and written down: it changes
what RFC 3986 calls equivalent and never guesses. ``plain`` gives the address of the article behind a variant: a guess
by known patterns, good for telling articles apart and never requested. ``identity`` is what an article's id is made of.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

LONGEST = 4096
"""Longest URL accepted, characters."""

_HOSTLESS = re.compile(r"https?:///", re.I)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})|%|([^%]+)")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PATH = _UNRESERVED | frozenset(b"!$&'()*+,;=:@/")
_QUERY = _PATH | frozenset(b"?")
_SPELLED = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/?]*")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
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

# A cache names the publisher's host in its path; `s/` there means https.
_CACHES = re.compile(
    r"https?://(?:"
    r"(?:[a-z0-9-]+\.)?cdn\.ampproject\.org/(?:[acivr]|wp)/|(?:[a-z0-9-]+\.)?bing-amp\.com/c/|"
    r"(?:www\.)?google\.(?:[a-z]{2,3}\.)?[a-z]{2,3}/amp/"
    r")(?P<secure>s/)?(?P<rest>[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?(?:[/?].*)?)",
    re.I,
)
_VARIANT_HOST = re.compile(r"(?:(?:www\.)?(?:amp|m|mobile)\.)(?=[^.:/\[\]]+\.[^.:])")
_VARIANT_END = re.compile(
    r"(?<=[^/.])(?:/(?:amp|print)(?:\.html?)?/?$|\.(?:amp|print)$|\.(?:amp|print)(?=\.html?$))", re.I
)
_ON = {"", "1", "true", "yes", "on"}
_SWITCHES = {"amp", "print", "printable", "printview", "printer", "mobile", "noamp"}
_CHOICES = {"outputtype", "output", "view", "mode", "format", "layout", "version"}
_VARIANTS = {"amp", "print", "printable", "printerfriendly", "printer-friendly", "mobile"}
_OF_CACHES = {"amp_js_v", "amp_gsa", "amp_cb", "amp_lite", "usqp", "aoh"}


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
    if _HOSTLESS.match(text):
        # What resolving would make of it is a page of the site that names it, which nobody meant.
        raise ValueError("no host")
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
        query = "&".join(p for p in query.split("&") if p and not is_tracking(p))
    url = f"{parts.scheme}://{host}{path}" + (f"?{query}" if query else "")
    if len(url) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters")
    return url


def is_tracking(parameter: str) -> bool:
    """Whether a parameter (``name=value``) of a query only tells where the reader came from."""
    name = parameter.partition("=")[0].lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


def plain(url: str) -> str:
    """The address of the article that a normalised URL shows as AMP, for print or for phones; else the URL itself.

    It is not said that a page is there: an address to know the article by, not one to request.
    """
    address = url
    for _ in range(20):
        if (shorter := _plainer(address)) == address:
            return address
        address = shorter
    # Variants upon variants without end are no publisher's.
    return url


def route(url: str) -> str:
    """The fragment by which an app tells its pages apart (``#/…``, ``#!…``); "" for one that is a place on a page."""
    _, mark, fragment = url.partition("#")
    return f"{mark}{fragment}" if fragment[:1] in ("/", "!") else ""


def same_site(one: str | None, other: str | None) -> bool:
    """Whether two hosts belong to one registered name."""
    if not one or not other:
        return False
    return one == other or site(one) == site(other)


def behind_cache(url: str) -> str:
    """The publisher's URL of a page in an AMP cache (normalised); any other URL itself."""
    while cached := _CACHES.fullmatch(url):
        try:
            url = normalise(f"http{'s' if cached['secure'] else ''}://{cached['rest']}")
        except ValueError:
            break
    return url


def identity(url: str) -> str:
    """What is the same for every address of one article: without scheme, ``www.``, last slash and variant.

    What is no http URL is its own identity.
    """
    try:
        spelled = plain(normalise(url))
    except ValueError:
        return url
    parts = urlsplit(spelled)
    host = parts.netloc
    while host.startswith("www.") and host.count(".") > 1:
        host = host[4:]
    return f"//{host}{parts.path.rstrip('/')}" + (f"?{parts.query}" if parts.query else "") + route(url)


def _plainer(url: str) -> str:
    """One step towards the plain address: the same, or a shorter one."""
    parts = urlsplit(behind_cache(url))
    host = parts.netloc
    if variant := _VARIANT_HOST.match(host):
        rest = host[variant.end() :]
        # m.github.io is somebody's own site, and github.io nobody's.
        if same_site(_name(rest), _name(host)):
            host = rest
    # Vox Media's sites have their AMP pages there.
    whole = parts.path.removeprefix("/platform/amp") if parts.path.startswith("/platform/amp/") else parts.path
    path = _VARIANT_END.sub("", whole)
    if path != whole and whole.endswith("/"):
        path += "/"
    segments = path.split("/")
    others = [segment for segment in segments if segment.lower() != "amp"]
    if any(others):
        path = "/".join(others)
    query = "&".join(p for p in parts.query.split("&") if not _is_variant(p))
    return f"{parts.scheme}://{host}{path}" + (f"?{query}" if query else "")


def _is_variant(parameter: str) -> bool:
    name, _, value = parameter.lower().partition("=")
    if name in _OF_CACHES:
        return True
    return (name in _SWITCHES and value in _ON | _VARIANTS) or (name in _CHOICES and value in _VARIANTS)


def _name(netloc: str) -> str:
    return netloc.partition(":")[0]


@lru_cache(maxsize=4096)
def site(host: str) -> str:
    """The name that was registered: one label under a public suffix. Blogs of one platform are sites of their own."""
    # It reads its list of suffixes from the package, never from the web. Needed only where two hosts differ.
    from tld import get_fld

    host = host.lower().rstrip(".")
    if host.replace(".", "").isdigit() or ":" in host:
        return host
    registered = get_fld(_readable(host), fix_protocol=True, fail_silently=True, search_private=True)
    return registered or ".".join(_readable(host).split(".")[-2:])


def _readable(host: str) -> str:
    """The host in letters, as the list has its suffixes."""
    try:
        return host.encode("ascii").decode("idna") if "xn--" in host else host
    except UnicodeError:
        return host


@lru_cache(maxsize=4096)
def _host(name: str | None) -> str:
    """A host in one spelling. Raises ValueError for what is none, and for a number that a resolver takes for one."""
    if not name:
        raise ValueError("no host")
    if ":" in name:
        address = ipaddress.IPv6Address(name)
        if address.scope_id is not None:
            raise ValueError("an address with a zone")
        return f"[{address.compressed}]"
    name = name.removesuffix(".")
    if len(name) > 253:
        raise ValueError(f"not a host name: {name[:80]}")
    if not name.isascii():
        import idna

        try:
            name = idna.encode(name, uts46=True).decode("ascii").removesuffix(".")
        except idna.IDNAError as error:
            raise ValueError(f"not a host name: {error}") from None
    name = name.lower()
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(f"not a host name: {name[:80]}")
    if _NUMBER.fullmatch(labels[-1]):
        # 127.1, 2130706433 and 0x7f.1 are loopback to a resolver and names to everybody else.
        ipaddress.IPv4Address(name)
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

    if _SPELLED.fullmatch(text):
        return text
    try:
        return _ESCAPE.sub(spelled, text)
    except UnicodeEncodeError:
        raise ValueError("a character that cannot be encoded") from None


def _without_dots(path: str) -> str:
    """The path without ``.`` and ``..`` segments (RFC 3986, 5.2.4)."""
    if "/." not in path:
        return path
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
