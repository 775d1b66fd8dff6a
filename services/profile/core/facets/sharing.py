"""Whether an id is shared: by people who sign in as one, or because a program gives everybody the same.

Nobody knows then whose behaviour it is, or whose mail.
"""

from typing import Any, Self

from services.profile.core.facet import Arrival, Change, Effect, Facet, Look
from services.profile.core.hearing import rank_of
from services.profile.core.mark import digest_in
from services.profile.core.rank import UNHEARD, VERIFIED
from services.rules.claims import Claim

MAX_ADDRESSES = 5  # of one id, of which browsers said each: a person's own are two or three in years
MAX_VISITORS = 100  # anonymous ids that led to one id: a person has one for each browser, and each time it forgets
ADDRESS_BYTES = 100  # bound of one mark, with the names of facet and fields


class Sharing(Facet):
    """Marks of the addresses that browsers gave for the id, in their order, and how many visitors led to it."""

    addresses: list[str] = []
    visitors: int = 0

    @property
    def is_shared(self) -> bool:
        """True from so many on, for good."""
        return len(self.addresses) >= MAX_ADDRESSES or self.visitors >= MAX_VISITORS

    def apply(self, change: Change) -> Effect | None:
        """Note an address that a browser gave."""
        event = change.event
        if not change.is_behaviour or "address" not in event:
            return None
        if rank_of(Claim.ADDRESS, event) in {UNHEARD, VERIFIED}:
            return None
        self._note([digest_in("address", event["address"]["key"])])
        return Effect(ADDRESS_BYTES)

    def merge(self, other: Self, arrival: Arrival) -> Effect:
        """Add what the other met, and the other."""
        self._note(other.addresses)
        self.visitors += other.visitors + arrival.from_person.startswith("a:")
        return Effect(ADDRESS_BYTES * (1 + len(other.addresses)))

    def readable(self, look: Look) -> dict[str, Any]:
        """How many of each."""
        del look
        found = {"addresses": len(self.addresses), "visitors": self.visitors, "is_shared": self.is_shared}
        return {name: value for name, value in found.items() if value}

    def _note(self, marks: list[str]) -> None:
        self.addresses = sorted({*self.addresses, *marks})[:MAX_ADDRESSES]
