"""The law of suppressions: what an address refuses, as its records say it one after the other."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from schemas.email import Suppression
from schemas.signing import is_signed_record

EVERY_PURPOSE = "*"


@dataclass(frozen=True, slots=True)
class Seen:
    """Up to where suppressions had been read: each partition's end as the broker gave it, and when it was asked for.

    A mail was wrong if a suppression of it lies below these ends, or if its send began long after they were asked for.
    """

    ends: Mapping[str, int]
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What was said of one address: since when each purpose is refused, and was last lifted."""

    refused: Mapping[str, datetime] = field(default_factory=dict)
    lifted: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def purposes(self) -> frozenset[str]:
        """The purposes it refuses: those refused at a lift's time or after it."""
        return frozenset(each for each, since in self.refused.items() if not self._is_lifted(each, since))

    def _is_lifted(self, purpose: str, since: datetime) -> bool:
        lifts = (self.lifted[each] for each in (purpose, EVERY_PURPOSE) if each in self.lifted)
        return any(since < lift for lift in lifts)


def standing_after(standing: Standing, suppression: Suppression, raw: bytes | None, key: bytes) -> Standing:
    """What stands of an address after this record of it; `raw` is the record as it came.

    `key` is the derived key of use `suppression`. A state that nobody here knows suppresses.
    Laws: it only tightens, save by a lift with our signature: who can write the topic cannot make us mail. A lift
    undoes the refusals that were made before it, those of every purpose where it names `*`. An address lies under
    several keys, so in several partitions: the order in which its records are read does not matter. Idempotent.
    """
    if suppression.state != "lifted":
        return replace(standing, refused=_latest(standing.refused, suppression))
    if not is_signed_record(key, raw):
        return standing
    return replace(standing, lifted=_latest(standing.lifted, suppression))


def _latest(known: Mapping[str, datetime], said: Suppression) -> Mapping[str, datetime]:
    told = {each: max(said.since, known.get(each, said.since)) for each in said.purposes}
    return {**known, **told}


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
