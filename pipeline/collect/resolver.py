"""Where a host is: the mapping of ``settings.resolve``, else the system's answer, without private addresses."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import AddrInfoType

from pipeline.errors import ConfigurationError

# Public by their range, and answering only the machines of one provider: Azure's.
_METADATA = frozenset({ipaddress.IPv4Address("168.63.129.16")})
_LOOKUPS = 64
_UNICAST = ipaddress.IPv6Network("2000::/3")
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


class AddressRefused(OSError):
    """The host has no address that may be fetched from."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public Internet, also when it is wrapped in an IPv6 one."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return inner.is_global and not inner.is_multicast and inner not in _METADATA
        # All that is given out so far; below it lie forms that some stacks take for an IPv4 address.
        if ip not in _UNICAST:
            return False
    return ip.is_global and not ip.is_multicast and ip not in _METADATA


class Resolver(AbstractResolver):
    """Resolves hosts for aiohttp. Raises ConfigurationError where `mapping` cannot be read.

    A mapping is ``host=address[:port]``, several separated by commas; ``*.example`` stands for every host below it. A
    mapped host is always allowed.
    """

    def __init__(self, mapping: str = "", *, allow_private: bool = False) -> None:
        self._exact: dict[str, tuple[str, int | None]] = {}
        self._below: list[tuple[str, tuple[str, int | None]]] = []
        self._allow_private = allow_private
        # asyncio's own threads are few, and those of names that do not resolve would hold up everybody (aiohttp's
        # ThreadedResolver uses them).
        self._threads = ThreadPoolExecutor(_LOOKUPS, "resolve")
        self._given: set[object] = set()
        """Addresses of mapped hosts."""
        for entry in filter(None, (e.strip() for e in mapping.split(","))):
            pattern, found, target = entry.partition("=")
            pattern = pattern.strip().lower()
            if not found or not pattern or not target.strip():
                raise ConfigurationError(f"NEWSLEDGER_RESOLVE: not host=address[:port]: {entry}")
            if pattern.startswith("*"):
                self._below.append((pattern[1:], _target(target.strip(), entry)))
            else:
                self._exact[pattern] = _target(target.strip(), entry)
        # The longest pattern is the most specific one.
        self._below.sort(key=lambda item: -len(item[0]))

    def mapped(self, host: str) -> tuple[str, int | None] | None:
        """Address and port the settings give for a host."""
        if exact := self._exact.get(host):
            return exact
        return next((target for suffix, target in self._below if host.endswith(suffix)), None)

    def refuses(self, host: str) -> bool:
        """Whether `host` is an IP address, however spelled, that may not be fetched from: no resolver sees those."""
        address = _literal(host)
        return address is not None and not (self._allow_private or self.mapped(host) or is_public(address))

    def open_socket(self, info: AddrInfoType) -> socket.socket:
        """A socket to connect with: the last look at the address, whoever resolved it. Raises AddressRefused."""
        family, kind, protocol, _, (address, *_) = info
        if not (self._allow_private or address in self._given or is_public(str(address))):
            raise AddressRefused(f"{address} is a private address")
        return socket.socket(family, kind, protocol)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Addresses of a host. Raises AddressRefused where all of them are private."""
        target = self.mapped(host)
        if target is not None:
            address, target_port = target
            found = await self._ask(address, target_port or port, family)
            self._given.update(entry["host"] for entry in found)
            return found
        found = await self._ask(host, port, family)
        if self._allow_private:
            return found
        public = [entry for entry in found if is_public(entry["host"])]
        if found and not public:
            raise AddressRefused(f"{host} is at the private address {found[0]['host']}")
        return public

    async def close(self) -> None:
        """Nothing more is looked up; what is being looked up is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _ask(self, host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
        """What the system says. Raises OSError."""
        ask = partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=int(address[1]),
                family=family_,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for family_, _, protocol, _, address in found
        ]


def _literal(host: str) -> str | None:
    """The IP address that `host` is, also in the spellings of C (one number, octal, hexadecimal); None for a name."""
    if ":" in host:
        return host.strip("[]")
    if not host.rpartition(".")[2][:1].isdigit():
        return None
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None


def _target(text: str, entry: str) -> tuple[str, int | None]:
    try:
        return str(ipaddress.ip_address(text.strip("[]"))), None
    except ValueError:
        pass
    address, colon, port = text.rpartition(":")
    if not colon:
        return text, None
    if not port.isdecimal() or not 0 < int(port) < 65536 or not address:
        raise ConfigurationError(f"NEWSLEDGER_RESOLVE: not host=address[:port]: {entry}")
    return address.strip("[]"), int(port)
