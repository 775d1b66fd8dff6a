"""Which addresses of the network may be dialled for somebody else's URL: those of the public internet alone.

Judged at the socket, address by address, so that neither a name, a redirect nor a second answer of the resolver
(rebinding) leads past it. A NAT64 prefix of the operator's own network cannot be known here: filter egress too.
"""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

PORTS = frozenset({80, 443})
UNICAST = ip_network("2000::/3")  # all that IANA gives out of IPv6 for global unicast
ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})  # RFC 5214, 6.1: an IPv4 address stands behind it

# What `is_global` lets pass, or let pass in one release of Python: IANA's special-purpose registries, read 2026-11.
REFUSED_4 = tuple(
    map(
        ip_network,
        (
            "192.0.0.0/24",  # IETF protocol assignments; a cloud's metadata is at 192.0.0.192
            "192.31.196.0/24",  # AS112
            "192.52.193.0/24",  # automatic multicast tunnelling
            "192.88.99.0/24",  # 6to4 relays, deprecated
            "192.175.48.0/24",  # AS112
            "168.63.129.16/32",  # a public address that a cloud gives to its machines' own host
        ),
    )
)
REFUSED_6 = tuple(
    map(
        ip_network,
        (
            "2001::/23",  # IETF protocol assignments: Teredo, benchmarking, ORCHID
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4: an IPv4 address stands in it
            "2620:4f:8000::/48",  # AS112
            "3fff::/20",  # documentation
        ),
    )
)


def may_dial(address: str, port: int, allowed: Collection[tuple[str, int]] = ()) -> bool:
    """True for ports 80 and 443 of a public address, and for the address and port pairs `allowed`. Total."""
    if (address, port) in allowed:
        return True
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return port in PORTS and is_public(parsed)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """True for a unicast address that everybody reaches; an IPv4 address mapped into IPv6 is judged as itself."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        return (
            address.is_global
            and address.scope_id is None
            and address in UNICAST
            and (int(address) >> 32) & 0xFFFF_FFFF not in ISATAP
            and not any(address in network for network in REFUSED_6)
        )
    return address.is_global and not address.is_multicast and not any(address in network for network in REFUSED_4)
