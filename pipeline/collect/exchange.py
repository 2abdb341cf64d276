"""One request and its answer: sent, received to its end or the size limit, and named by the outcomes of ``fetches``."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from pipeline.collect import media
from pipeline.collect.archive import RawHeaders
from pipeline.collect.inflate import BrokenOff, Inflater, Undecodable
from pipeline.collect.resolver import AddressRefused, Resolver

_ACCEPT = {
    "article": "text/html,application/xhtml+xml;q=0.9,text/plain;q=0.6,*/*;q=0.2",
    "feed": "application/rss+xml,application/atom+xml,application/feed+json,application/xml;q=0.9,*/*;q=0.2",
    "sitemap": "application/xml,text/xml;q=0.9,*/*;q=0.2",
    "robots": "text/plain,*/*;q=0.2",
}
_LONGEST_HEADER = 32_768
_NO_PAGE_BYTES = 65_536
_NO_PAGE_SECONDS = 5.0
_PLAIN = re.compile(r"[!-~]+")


@dataclass
class Received:
    """One answer of a server, read to its end or to the size limit."""

    status: int
    status_line: str
    headers: RawHeaders
    request: bytes
    body: bytes = b""
    cut: bool = False
    unread: bool = False
    """The type was no use, so the body was not read."""

    def __post_init__(self) -> None:
        self._first: dict[bytes, bytes] = {}
        for name, value in self.headers:
            self._first.setdefault(name.lower(), value)

    def header(self, name: bytes) -> str | None:
        """The first header of that name (lower case)."""
        found = self._first.get(name)
        return None if found is None else found.decode("utf-8", "replace").strip()

    @property
    def location(self) -> str | None:
        """The Location header: what is not UTF-8 keeps its bytes, escaped as the server meant them."""
        raw = self._first.get(b"location")
        if raw is None:
            return None
        try:
            return raw.decode("utf-8").strip()
        except UnicodeDecodeError:
            return re.sub(rb"[\x80-\xff]", lambda byte: b"%%%02X" % byte[0][0], raw).decode("ascii").strip()

    @property
    def outcome(self) -> str:
        """How the attempt ended, as far as status and length tell."""
        named = outcome_of(self.status, retry_after=self.header(b"retry-after") is not None)
        if named == "fetched" and (self.unread or self.cut):
            return "unsupported_type" if self.unread else "too_large"
        return named


class Stopped(Exception):
    """An attempt that ended without a usable answer."""

    def __init__(self, outcome: str, detail: str, *, temporary: bool = False) -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.temporary = temporary


class _Connector(aiohttp.TCPConnector):
    """Connections that are used again only where nothing waits on them.

    A server that says more than it was asked for would have it taken as the answer to the next request; aiohttp
    (3.14.5) looks only at whether a kept connection is still open.
    """

    async def _get(self, key: Any, traces: list[Any]) -> Any:
        while (connection := await super()._get(key, traces)) is not None:
            if connection.protocol is not None and not connection.protocol.should_close:
                return connection
            connection.close()
        return None


def open_session(
    resolver: Resolver, *, user_agent: str, timeout: float, connect_timeout: float, read_timeout: float
) -> aiohttp.ClientSession:
    """A session that keeps no cookies, takes no proxy or password from the environment and adds nothing of its own."""
    session = aiohttp.ClientSession(
        connector=_Connector(resolver=resolver, limit=0, ttl_dns_cache=300, socket_factory=resolver.open_socket),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": user_agent, "Accept-Encoding": "gzip, deflate, br"},
        timeout=aiohttp.ClientTimeout(total=timeout, sock_connect=connect_timeout, sock_read=read_timeout or None),
        # Encodings are taken off by `inflate`: it knows nested ones, those only claimed, and its own size limit.
        auto_decompress=False,
        trust_env=False,
        max_line_size=_LONGEST_HEADER,
        max_field_size=_LONGEST_HEADER,
    )
    # aiohttp asks again by itself, at once and once only, where a server hangs up: neither counted nor polite.
    session._retry_connection = False
    return session


def requestable(url: str) -> URL:
    """The URL as it is requested. Raises Stopped where it cannot be."""
    try:
        if not _PLAIN.fullmatch(url):
            raise ValueError(f"a character that no URL has: {url[:200]!a}")
        found = URL(url, encoded=True)
        if found.scheme not in ("http", "https") or not found.raw_host or found.raw_user is not None or not found.port:
            raise ValueError(f"not a URL to request: {url[:200]}")
    except ValueError as error:
        raise Stopped("invalid", _words(error)) from None
    return found


async def ask(
    session: aiohttp.ClientSession, url: URL, *, kind: str, conditions: dict[str, str], max_bytes: int
) -> Received:
    """Ask once, without following redirects. Raises Stopped where no whole answer came."""
    try:
        headers = {"Accept": _ACCEPT.get(kind, "*/*"), **conditions}
        async with session.get(url, headers=headers, allow_redirects=False) as response:
            version = response.version or aiohttp.HttpVersion11
            got = Received(
                response.status,
                f"HTTP/{version.major}.{version.minor} {response.status:03d} {response.reason or ''}".rstrip(),
                response.raw_headers,
                _request_bytes(response.request_info),
            )
            if got.status == 200:
                declared, _ = media.declared(got.header(b"content-type"))
                # Not reading the rest costs the connection, which is less than a film.
                got.unread = declared is not None and not suits(kind, media.sniffed(declared, b""))
            if got.unread or not await _read(response, got, max_bytes):
                response.close()
            return got
    except BrokenOff as error:
        raise Stopped("connection_failed", _words(error)) from None
    except Undecodable as error:
        raise Stopped("unsupported_type", _words(error)) from None
    except aiohttp.ConnectionTimeoutError:
        raise Stopped("timeout", f"no connection within {session.timeout.sock_connect:g} s") from None
    except aiohttp.SocketTimeoutError:
        raise Stopped("timeout", f"nothing more within {session.timeout.sock_read:g} s") from None
    except TimeoutError:
        raise Stopped("timeout", f"no whole answer within {session.timeout.total:g} s") from None
    except (aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch) as error:
        raise Stopped("tls_failed", _words(error)) from error
    except aiohttp.ClientConnectorError as error:
        refused = isinstance(error.os_error, AddressRefused)
        raise Stopped("address_refused" if refused else "connection_failed", _words(error.os_error)) from error
    except aiohttp.InvalidURL as error:
        raise Stopped("invalid", _words(error)) from error
    except (aiohttp.ClientError, HttpProcessingError, OSError) as error:
        raise Stopped("connection_failed", _words(error)) from error
    except ValueError as error:
        # What aiohttp will not send: a header with a line break, a host that cannot be spelled.
        raise Stopped("invalid", _words(error)) from error


async def _read(response: aiohttp.ClientResponse, got: Received, max_bytes: int) -> bool:
    """Read the body; False where it is longer than `max_bytes`, on the wire or with its encodings taken off.

    Of what is no page (redirects, errors) the body matters to nobody: it need be neither whole nor waited for.
    """
    is_page = got.status < 300
    limit = max_bytes if is_page else min(max_bytes, _NO_PAGE_BYTES)
    encodings = ",".join(v.decode("latin-1") for name, v in got.headers if name.lower() == b"content-encoding")
    inflater = Inflater(encodings, limit)
    length = 0
    try:
        async with asyncio.timeout(None if is_page else _NO_PAGE_SECONDS):
            async for piece in response.content.iter_any():
                inflater.feed(piece)
                length += len(piece)
                if inflater.is_full or length > limit:
                    break
            else:
                inflater.end()
                got.body = inflater.body
                return True
    except (Undecodable, aiohttp.ClientPayloadError, TimeoutError):
        if is_page:
            raise
    got.body, got.cut = inflater.body, True
    return False


def suits(kind: str, media_type: str) -> bool:
    """Whether a body of that type is of use for what the URL is fetched as."""
    return media.is_page(media_type) if kind == "article" else media.is_listing(media_type)


def outcome_of(status: int, *, retry_after: bool = False) -> str:
    """The outcome that a status alone gives."""
    match status:
        case 206:
            # A part, and none was asked for (RFC 9110, 15.3.7): as incomplete as an answer that breaks off.
            return "connection_failed"
        case 304:
            return "not_modified"
        case 401 | 403 | 451:
            return "forbidden"
        case 404:
            return "not_found"
        case 410:
            return "removed"
        case 429:
            return "rate_limited"
        case 503 if retry_after:
            return "rate_limited"
    if status < 200:
        return "invalid"
    if status >= 500:
        return "server_error"
    if status >= 400:
        return "client_error"
    return "invalid" if status >= 300 else "fetched"


def printable(value: str | None) -> str | None:
    """A validator, None where it is not plain ASCII: it is sent back byte for byte, or not at all."""
    return value if value is not None and value.isascii() and value.isprintable() else None


def _request_bytes(info: aiohttp.RequestInfo) -> bytes:
    lines = [f"{info.method} {info.url.raw_path_qs} HTTP/1.1", *(f"{k}: {v}" for k, v in info.headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")


def _words(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:300]
