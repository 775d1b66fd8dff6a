"""Who may send: write keys, which browsers show to everybody, and the keys by which servers sign."""

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from services.ingest.core.call import TYPES
from services.ingest.core.rates import Rate

ANY_ORIGIN = "*"
NAME = re.compile(r"[A-Za-z0-9._-]{1,50}")  # of a server key, as a signature header names it
OWN = "installation"  # the name of the server key that is derived from the installation's secret
SHOWN = 3  # characters of a write key that a log may show


@dataclass(frozen=True, slots=True)
class WriteKey:
    """What one write key may do: from which pages, how much, and calls of which types."""

    key: str
    origins: tuple[str, ...]
    rate: Rate
    sends: frozenset[str] = TYPES


@dataclass(frozen=True, slots=True)
class ServerKey:
    """A key by which servers sign; its name is no secret."""

    name: str
    secret: bytes = field(repr=False)
    rate: Rate


@dataclass(frozen=True, slots=True)
class Keyring:
    """Every key of the collector, none of them twice, and the origins from which some write key may be used."""

    writing: tuple[WriteKey, ...]
    serving: tuple[ServerKey, ...]
    origins: frozenset[str]

    def write_key(self, text: str) -> WriteKey | None:
        """The write key of this text, or None; every one is compared, in constant time."""
        claimed, found = text.encode("utf-8", "replace"), None
        for each in self.writing:
            if hmac.compare_digest(claimed, each.key.encode()):
                found = each
        return found if text else None

    def server_keys(self, name: str | None) -> tuple[ServerKey, ...]:
        """The server keys of this name; all of them where none is given."""
        return self.serving if name is None else tuple(each for each in self.serving if each.name == name)


def ring_of(writing: Iterable[WriteKey], serving: Iterable[ServerKey]) -> Keyring:
    """The keyring of these keys."""
    keys = tuple(writing)
    return Keyring(keys, tuple(serving), frozenset(origin for each in keys for origin in each.origins))


def is_ours(origin: str, allowed: Iterable[str]) -> bool:
    """True for an origin that is listed; `null` never is."""
    return origin != "null" and (origin in allowed or ANY_ORIGIN in allowed)


def masked_key(key: str) -> str:
    """A write key as a log may show it: enough to tell two of an installation apart."""
    return f"{key[:SHOWN]}…" if len(key) > 2 * SHOWN else "…"
