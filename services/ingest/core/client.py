"""Whose address a request counts for. What others write into a header counts only where our own proxy wrote it."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network
UNKNOWN = "unknown"
PREFIX = 64  # of IPv6: what one subscriber has (RFC 6177)
REMEMBERED = 4_096  # addresses


def client_of(peer: str | None, forwarded: str, proxies: Sequence[Network]) -> str:
    """The address, or its /64, that a request counts for.

    `peer` is who connected, `forwarded` is X-Forwarded-For: read from its end, for as long as who wrote it is one of
    our proxies. Anybody may write the rest of it.
    """
    name, address = _named(peer or "")
    if not (proxies and forwarded):
        return name
    for said in reversed(forwarded.split(",")):
        if address is None or not any(address in each for each in proxies):
            break
        before = _named(said.strip())
        if before[1] is None:
            break
        name, address = before
    return name


def network(text: str) -> Network:
    """The network of a setting, `10.0.0.0/8` or one address.

    Raises:
        ValueError: it is none.
    """
    return ip_network(text, strict=False)


@lru_cache(maxsize=REMEMBERED)
def _named(text: str) -> tuple[str, IPv4Address | IPv6Address | None]:
    if text.count(":") == 1:  # some proxies write the port behind an address of version 4
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return UNKNOWN, None
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return str(ip_network((int(address), PREFIX), strict=False)), address
        address = address.ipv4_mapped
    return str(address), address
