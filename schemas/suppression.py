"""The law of suppressions: what an address refuses, as its records say it one after the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from schemas.email import Suppression
from schemas.signing import is_signed

EVERY_PURPOSE = "*"
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Seen:
    """Up to where suppressions had been read: each partition's end as the broker gave it, and when it was asked for.

    A mail was wrong if a suppression of it lies below these ends, or if its send began long after they were asked for.
    """

    ends: Mapping[str, int]
    asked_at: datetime


def refused_after(refused: frozenset[str], suppression: Suppression, key: bytes) -> frozenset[str]:
    """The purposes an address refuses after this record of it; `key` is the derived key of use `suppression`.

    Law: it only tightens, save by a lift with our signature: who can write the topic cannot make us mail. Idempotent.
    """
    purposes = frozenset(suppression.purposes)
    if suppression.state == "suppressed":
        return refused | purposes
    if not _is_ours(suppression, key):
        return refused
    return NOTHING if EVERY_PURPOSE in purposes else refused - purposes


def is_refused(refused: frozenset[str], purpose: str) -> bool:
    """True if an address that refuses these purposes refuses mail of this one."""
    return not refused.isdisjoint({purpose, EVERY_PURPOSE})


def _is_ours(lift: Suppression, key: bytes) -> bool:
    signed = lift.model_dump(mode="json", exclude={"signature"})
    return lift.signature is not None and is_signed(key, signed, lift.signature)
