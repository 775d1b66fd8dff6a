"""The law of suppressions: what an address refuses, as its records say it one after the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from schemas.email import Suppression
from schemas.signing import is_signed_record

EVERY_PURPOSE = "*"
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Seen:
    """Up to where suppressions had been read: each partition's end as the broker gave it, and when it was asked for.

    A mail was wrong if a suppression of it lies below these ends, or if its send began long after they were asked for.
    """

    ends: Mapping[str, int]
    asked_at: datetime


def refused_after(refused: frozenset[str], suppression: Suppression, raw: bytes | None, key: bytes) -> frozenset[str]:
    """The purposes an address refuses after this record of it; `raw` is the record as it came.

    `key` is the derived key of use `suppression`. A state that nobody here knows suppresses.
    Law: it only tightens, save by a lift with our signature: who can write the topic cannot make us mail. Idempotent.
    """
    purposes = frozenset(suppression.purposes)
    if suppression.state != "lifted":
        return refused | purposes
    if not is_signed_record(key, raw):
        return refused
    return NOTHING if EVERY_PURPOSE in purposes else refused - purposes


def is_refused(refused: frozenset[str], purpose: str) -> bool:
    """True if an address that refuses these purposes refuses mail of this one."""
    return not refused.isdisjoint({purpose, EVERY_PURPOSE})


def address_in(key: bytes | None) -> str | None:
    """The address key in a record's key, `<address key>|<purposes>`; None where the key is no such one."""
    try:
        address_key, bar, _ = (key or b"").decode().partition("|")
    except UnicodeDecodeError:
        return None
    return address_key if bar and address_key else None
