"""Whether mail may go: consents by purpose and address, and refusals. A withdrawal wins ties."""

from typing import Any, ClassVar, Self, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from schemas.clean import CleanEvent
from schemas.speaker import Speaker
from schemas.suppression import EVERY_PURPOSE
from services.profile.core.facet import Arrival, Change, Effect, Facet, Homeward, Look, Refusal
from services.profile.core.hearing import LIFT, feedback_claim, hears, privacy_claim, rank_of, teller
from services.profile.core.rank import UNHEARD, VERIFIED
from services.profile.core.reasons import Count
from services.profile.core.refusals import LIFTED, refuse, standing
from services.profile.core.text import clipped
from services.profile.core.times import keep_last
from services.rules.claims import Claim, Hearing, hearing

MAX_KEY = 64
MAX_SOURCE = 80
MAX_TEXT_VERSION = 40
CONSENT_BYTES = 1_100  # bound of one row
REFUSAL_BYTES = 400  # bound of a refusal of one purpose: its key and a time
MAX_CONSENTS = 24  # rows of purpose and address: with `CONSENT_BYTES` 26 KB of a state's 64
EVERY_ADDRESS = ""
EVERYTHING = (EVERY_PURPOSE, EVERY_ADDRESS)
LATER = ""  # in place of a kind of a later version
UNSUBSCRIBED = "unsubscribed"  # of every mail; with a colon and a purpose, of that purpose alone
SUPPRESSING = frozenset({UNSUBSCRIBED, "complained"})


class Consent(Struct, array_like=True, frozen=True, gc=False):
    """What was said of a purpose and an address, and how far it is believed."""

    time_ms: int
    is_given: bool
    source: str
    text_version: str
    rank: int


Rows: TypeAlias = dict[str, dict[str, Consent]]


class Consents(Facet):
    """The rows by purpose and address key (empty: every one), and the last time of each kind of refusal.

    Nothing of it may be forgotten where a person is too large: the caps bound it. A request proves its one consent by
    itself, so that a snapshot shows none.
    """

    TIMES: ClassVar[frozenset[str]] = frozenset({"refusals"})

    rows: Rows = {}
    refusals: dict[str, int] = {}

    def apply(self, change: Change) -> Effect | None:
        """Note consents and refusals; of a kind that a later version knows, what it refuses alone."""
        event, time_ms = change.event, change.time_ms
        size, counted = self._consent(event, time_ms, is_known=change.is_known) if "consent" in event else (0, [])
        if change.is_behaviour:
            return Effect(size, counted=counted) if size or counted else None
        kind = event["kind"] if change.is_known else LATER
        if "feedback" in event and kind in {"feedback", LATER}:
            refused = self._suppress(event, time_ms)
            return Effect(size + REFUSAL_BYTES * len(refused), counted=counted, refused=refused)
        if "privacy" in event and kind in {"privacy", LATER} and hears(privacy_claim(event["privacy"]), event):
            effect = self._private(event, time_ms)
            return replace(effect, size=size, counted=[*counted, *effect.counted])
        return Effect(size, counted=counted)

    def merge(self, other: Self, arrival: Arrival) -> None:
        """Add the other's. Law: idempotent too."""
        del arrival
        for purpose, held in other.rows.items():
            for key, row in held.items():
                _keep(self.rows, purpose, key, row)
        for why, time_ms in other.refusals.items():
            self.refuse(why, time_ms)

    def readable(self, look: Look) -> dict[str, Any]:
        """All of it; the rows of every address are called so."""
        shown = super().readable(look)
        rows = {
            purpose: {key or "every address": row for key, row in held.items()}
            for purpose, held in shown.get("rows", {}).items()
        }
        return {**shown, **({"rows": rows} if rows else {})}

    def permission(self, purpose: str, address_key: str) -> Consent | None:
        """What permits mail of the purpose to the address, or None."""
        found = [
            held[key]
            for name in (purpose, EVERY_PURPOSE)
            for held in (self.rows.get(name, {}),)
            for key in {address_key, EVERY_ADDRESS}
            if key in held
        ]
        latest = max(found, key=_precedence, default=None)
        return latest if latest is not None and latest.is_given else None

    def permits(self, purpose: str, address_key: str | None) -> bool:
        """True if the person consented to the purpose for the address known, or, knowing none, for any."""
        if address_key is not None:
            return self.permission(purpose, address_key) is not None
        return any(self.permission(purpose, key) is not None for key in (EVERY_ADDRESS, *self.rows.get(purpose, {})))

    def is_suppressed(self, purpose: str, address_said_ms: int) -> bool:
        """True if the person refused every mail, or the address is dead.

        A trusted consent newer than an unsubscribe lifts it here; the composer still wants a signed lift.
        """
        refused = standing(self.refusals)
        if "complained" in refused or "opt_out" in refused:
            return True
        if "bounced" in refused and refused["bounced"] >= address_said_ms:
            return True
        given = [row.time_ms for row in self.rows.get(purpose, {}).values() if row.is_given and row.rank == VERIFIED]
        unsubscribed = max(refused.get(UNSUBSCRIBED, -1), refused.get(f"{UNSUBSCRIBED}:{purpose}", -1))
        return unsubscribed >= max(given, default=0)

    def refuse(self, why: str, time_ms: int) -> None:
        """Note a refusal; the latest time of each kind stays."""
        keep_last(self.refusals, why, time_ms)

    def _consent(self, event: CleanEvent, time_ms: int, *, is_known: bool) -> tuple[int, list[Count]]:
        """Note the event's consents; gives an upper bound of the bytes this adds, and a count of what is in doubt."""
        said = [each for each in event.get("consent") or () if is_known or not each["given"]]
        granting, withdrawing = rank_of(Claim.GRANT, event), rank_of(Claim.WITHDRAWAL, event)
        heard = [each for each in said if (granting if each["given"] else withdrawing) != UNHEARD]
        is_for_any = hearing(Claim.GRANT, teller(event)) is Hearing.PROVEN
        for each in heard:
            key = clipped(each.get("address_key", ""), MAX_KEY)
            if each["given"] and (not (key or is_for_any) or each["purpose"] == EVERY_PURPOSE):
                continue
            rank = granting if each["given"] else withdrawing
            version = clipped(each.get("text_version", ""), MAX_TEXT_VERSION)
            row = Consent(time_ms, each["given"], clipped(each["source"], MAX_SOURCE), version, rank)
            _keep(self.rows, clipped(each["purpose"], MAX_KEY), key, row)
        return CONSENT_BYTES * len(heard), [Count.CONSENT_UNHEARD] * (len(said) - len(heard))

    def _suppress(self, event: CleanEvent, time_ms: int) -> list[Refusal]:
        """Note a refusal: of the one purpose that the page behind a mail's link names, else of every mail."""
        fact = event["feedback"]
        word, purpose = fact["word"], clipped(fact.get("reason", ""), MAX_KEY)
        if not hears(feedback_claim(word), event):
            return []
        if word == UNSUBSCRIBED and purpose and event.get("speaker") == Speaker.SIGNED_LINK:
            refuse(self.refusals, word, (purpose,), time_ms)
            return [Refusal(word, (purpose,), time_ms)]
        if word in SUPPRESSING or (word == "bounced" and fact.get("bounce_class") == "hard"):
            self.refuse(word, time_ms)
            return [Refusal(word, (EVERY_PURPOSE,), time_ms)]
        return []

    def _private(self, event: CleanEvent, time_ms: int) -> Effect:
        """An action that nobody here knows may be about mail: it is taken for an opt-out."""
        if event["privacy"] == "export":
            return Effect(counted=[Count.EXPORT])
        if event["privacy"] == LIFT:
            self.refuse(LIFTED, time_ms)
            return Effect(counted=[Count.LIFTED], homeward=[Homeward(LIFTED, time_ms)])
        self.refuse("opt_out", time_ms)
        return Effect(counted=[Count.OPTED_OUT], refused=[Refusal("opt_out", (EVERY_PURPOSE,), time_ms)])


def _precedence(row: Consent) -> tuple[Any, ...]:
    return (row.time_ms, not row.is_given, row.rank, row.source, row.text_version)


def _keep(rows: Rows, purpose: str, key: str, row: Consent) -> None:
    """Note one row. Law: whatever the cap forgets, nothing is permitted that all rows together refuse.

    A grant forgotten permits less; a withdrawal goes on as one of every purpose and address, which has room always.
    """
    known = rows.get(purpose, {}).get(key)
    if known is not None and _precedence(row) <= _precedence(known):
        return
    rows.setdefault(purpose, {})[key] = row
    cells = [(name, each) for name, held in rows.items() for each in held if (name, each) != EVERYTHING]
    if len(cells) > MAX_CONSENTS:
        weakest = min(cells, key=lambda cell: (_weight(rows[cell[0]][cell[1]]), cell))
        _forget(rows, *weakest)


def _forget(rows: Rows, purpose: str, key: str) -> None:
    row = rows[purpose].pop(key)
    if not rows[purpose]:
        del rows[purpose]
    if not row.is_given:
        _keep(rows, *EVERYTHING, row)


def _weight(row: Consent) -> tuple[Any, ...]:
    """What goes first at the cap: what a browser said before what a server proved, a grant before a withdrawal."""
    return (row.rank, not row.is_given, _precedence(row))
