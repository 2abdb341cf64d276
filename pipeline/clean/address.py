"""The address an article is known by: the publisher's canonical one where it can be trusted."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from pipeline.addresses import behind_cache, identity, normalise, plain
from pipeline.clean.document import Document


def canonical(document: Document, fallback: str) -> str:
    """The page's own address: its canonical link or og:url if of the same site, else that of the URL that answered.

    Pages that name several canonical links are believed where one of them is the page itself, else not at all: which
    of them is meant cannot be known (search engines do likewise). Of an AMP, print or mobile page that names none, the
    plain address (`addresses.plain`) is taken: it joins the variants of an article and is never requested.
    """
    if fallback.startswith("urn:"):
        return fallback
    answered = behind_cache(tidied(fallback))
    linked = _believable(document.links.get("canonical", ()), answered)
    if len(linked) > 1:
        linked = [url for url in linked if identity(url) == identity(answered)]
    for url in (*linked[:1], *_believable([document.meta("og:url")], answered)):
        return url
    guessed = plain(answered)
    return guessed if same_site(_host(guessed), _host(answered)) else answered


def tidied(url: str) -> str:
    """The address in the one spelling of URLs, without tracking parameters; as it is where it is no http URL."""
    try:
        return normalise(url)
    except ValueError:
        return url.strip()


def same_site(one: str | None, other: str | None) -> bool:
    """Whether two hosts belong to one registered name."""
    if not one or not other:
        return False
    return one == other or _site(one) == _site(other)


def _believable(named: Iterable[str], answered: str) -> list[str]:
    """The addresses that a page can have, each once: of its site, and not the front page."""
    found: list[str] = []
    for raw in named:
        try:
            url = normalise(urljoin(answered, raw.strip())) if raw.strip() else ""
        except ValueError:
            continue
        if not url or url in found or not same_site(_host(url), _host(answered)):
            continue
        # Some templates name the front page on every page.
        if _is_front(url) and not _is_front(answered):
            continue
        found.append(url)
    return found


def _is_front(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path.strip("/") == "" and not parts.query


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


@lru_cache(maxsize=4096)
def _site(host: str) -> str:
    """The name that was registered: one label under a public suffix. Blogs of one platform are sites of their own."""
    # It reads its list of suffixes from the package, never from the web. Needed only where a page names another host.
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
