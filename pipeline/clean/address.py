"""The address an article is known by: the publisher's canonical one where it can be trusted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

from pipeline.addresses import behind_cache, identity, normalise, plain, route, same_site
from pipeline.clean.document import Document

_FRONT = re.compile(r"/*(?:(?:index|default|home)(?:\.\w+)?|[a-z]{2}(?:-[a-z]{2})?)?/*", re.I)
_NO_ARTICLE = re.compile(
    r"(?:404|50\d|error|not-?found|page-not-found|log-?in|sign-?in|register|subscribe|search)(?:\.\w+)?", re.I
)
_SCRIPT = re.compile(r"\.(?:php\d?|aspx?|jspx?|cfm|cgi|do|pl|dll|exe)$", re.I)


def canonical(document: Document, fallback: str) -> str:
    """The page's own address: its canonical link or og:url if of the same site, else that of the URL that answered.

    Pages that name several canonical links are believed where one of them is the page itself, else not at all: which
    of them is meant cannot be known (search engines do likewise). Of an AMP, print or mobile page that names none, the
    plain address (`addresses.plain`) is taken: it joins the variants of an article and is never requested.
    """
    if fallback.startswith("urn:"):
        return fallback
    if route(fallback):
        # What the page says of its address is the same on every page of the app.
        return tidied(fallback)
    answered = behind_cache(tidied(fallback))
    linked = _believable(document.links.get("canonical", ()), answered)
    if len(linked) > 1:
        linked = [url for url in linked if identity(url) == identity(answered)]
    for url in (*linked[:1], *_believable([document.meta("og:url")], answered)):
        return url
    guessed = plain(answered)
    return guessed if same_site(_host(guessed), _host(answered)) else answered


def tidied(url: str) -> str:
    """The address in the one spelling of URLs, without what only tracks; as it is where it is no http URL.

    The fragment by which an app tells its pages apart stays (``addresses.route``).
    """
    try:
        return normalise(url) + route(url)
    except ValueError:
        return url.strip()


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
        if identity(url) == identity(answered) or not _is_of_template(url, answered):
            found.append(url)
    return found


def _is_of_template(named: str, answered: str) -> bool:
    """Whether an address is one that a careless template gives to every page, or to all of a section.

    To believe it would make one article of them all; not to believe a right one leaves an article two addresses, which
    its text gives away later. So the doubt decides against it.
    """
    one, other = urlsplit(named), urlsplit(answered)
    if _FRONT.fullmatch(one.path) and (other.query or not _FRONT.fullmatch(other.path)):
        return True
    last = one.path.rstrip("/").rpartition("/")[2]
    if _NO_ARTICLE.fullmatch(last):
        return True
    has_number = bool(re.search(r"\d", last))
    if one.path == other.path:
        # Without the parameter that told which article it is.
        tells = (has_number or "-" in last) and not _SCRIPT.search(last)
        return bool(other.query) and not one.query and not tells
    # The section that the page is in; a page of a longer article names that by its words or its number.
    return other.path.startswith(one.path.rstrip("/") + "/") and not has_number and last.count("-") < 2


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
