"""Opens sockets to the public internet alone: the last word on whom a fetch may talk to."""

import socket
from dataclasses import dataclass
from typing import Any

from services.recommender.core.company.addresses import may_dial


class RefusedAddress(OSError):  # noqa: N818 the word of the guard
    """The address is not of the public internet."""


@dataclass(slots=True)
class SocketGuard:
    """A socket factory that sees every address before it is dialled; `allowed` adds pairs of address and port."""

    allowed: frozenset[tuple[str, int]] = frozenset()
    dialled: int = 0
    refused: int = 0

    def __call__(self, address_info: Any) -> socket.socket:
        """A socket for the address. Raises `RefusedAddress` before there is one."""
        family, kind, protocol, _, where = address_info
        if not may_dial(str(where[0]), int(where[1]), self.allowed):
            self.refused += 1
            raise RefusedAddress("an address that is not of the public internet")
        self.dialled += 1
        return socket.socket(family=family, type=kind, proto=protocol)
