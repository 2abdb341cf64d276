"""One request and its answer: sent, received to its end or the size limit, and named by the outcomes of ``fetches``."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp
from yarl import URL

from pipeline.collect import media
from pipeline.collect.archive import RawHeaders
from pipeline.collect.resolver import AddressRefused

_ACCEPT = {
    "article": "text/html,application/xhtml+xml;q=0.9,text/plain;q=0.6,*/*;q=0.2",
    "feed": "application/rss+xml,application/atom+xml,application/feed+json,application/xml;q=0.9,*/*;q=0.2",
    "sitemap": "application/xml,text/xml;q=0.9,*/*;q=0.2",
    "robots": "text/plain,*/*;q=0.2",
}


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

    def header(self, name: bytes) -> str | None:
        """The first header of that name (lower case)."""
        found = next((value for key, value in self.headers if key.lower() == name), None)
        return None if found is None else found.decode("utf-8", "replace").strip()

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


async def ask(
    session: aiohttp.ClientSession, url: str, *, kind: str, conditions: dict[str, str], max_bytes: int
) -> Received:
    """Ask once, without following redirects. Raises Stopped where no whole answer came."""
    headers = {"Accept": _ACCEPT.get(kind, "*/*"), **conditions}
    try:
        async with session.get(URL(url, encoded=True), headers=headers, allow_redirects=False) as response:
            version = response.version or aiohttp.HttpVersion11
            got = Received(
                response.status,
                f"HTTP/{version.major}.{version.minor} {response.status} {response.reason or ''}".rstrip(),
                response.raw_headers,
                _request_bytes(response.request_info),
            )
            declared, _ = media.declared(got.header(b"content-type"))
            if response.status == 200 and declared and not suits(kind, media.sniffed(declared, b"")):
                # Not reading the rest costs the connection, which is less than a film.
                got.unread = True
                response.close()
                return got
            pieces, length = [], 0
            async for piece in response.content.iter_chunked(65_536):
                pieces.append(piece)
                length += len(piece)
                if length > max_bytes:
                    got.cut = True
                    response.close()
                    break
            got.body = b"".join(pieces)[:max_bytes]
            return got
    except TimeoutError:
        raise Stopped("timeout", f"no whole answer within {session.timeout.total:g} s") from None
    except (aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch) as error:
        raise Stopped("tls_failed", _words(error)) from error
    except aiohttp.ClientConnectorDNSError as error:
        refused = isinstance(error.os_error, AddressRefused)
        raise Stopped("address_refused" if refused else "connection_failed", _words(error.os_error)) from error
    except aiohttp.InvalidURL as error:
        raise Stopped("invalid", _words(error)) from error
    except (aiohttp.ClientError, OSError) as error:
        raise Stopped("connection_failed", _words(error)) from error


def suits(kind: str, media_type: str) -> bool:
    """Whether a body of that type is of use for what the URL is fetched as."""
    return media.is_page(media_type) if kind == "article" else media.is_listing(media_type)


def outcome_of(status: int, *, retry_after: bool = False) -> str:
    """The outcome that a status alone gives."""
    match status:
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
