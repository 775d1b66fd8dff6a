"""What is known of a mailbox, whoever uses it: touches, refusals, bounces, a pause, and who they are.

It answers whether one more mail may go, and reserves it. Nothing here is a person's own: no interest, no name, not even
the address, whose key alone is known.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec import Raw, Struct, field
from msgspec.json import Decoder, Encoder
from msgspec.structs import replace

from schemas.mailbox import REFUSING, Reserve, Tell
from services.profile.core.bounces import Bounces
from services.profile.core.facets.choices import Paused
from services.profile.core.feedback import STRENGTH
from services.profile.core.readable import moment, readable
from services.profile.core.reasons import Reason
from services.profile.core.refusals import is_refused, refuse
from services.profile.core.rules import DAY_MS, Rules
from services.profile.core.touch import ASK, GHOST, Touch, free_at, is_confirmed, is_taken, outlived, strength_of

PERSONS_BYTES = 24_000  # of the ids of who use it; with a hundred touches and the refusals under 64 KB


class Answered(NamedTuple):
    """What is said to who asks: no reason where it is reserved; a time where it is not now."""

    reason: Reason | None = None
    not_before_ms: int = 0


class Mailbox(Struct, omit_defaults=True):
    """Touches by decision; refusals by kind, when each was last said; since when which persons use it.

    It changes in place, and is owned by its turn. `rest` holds the parts that only a later version knows.
    """

    touches: dict[str, Touch] = {}
    refusals: dict[str, int] = {}
    bounces: Bounces = field(default_factory=Bounces)
    paused: Paused | None = None
    persons: dict[str, int] = {}
    rest: dict[str, Raw] = {}

    def reserve(self, asked: Reserve, rules: Rules, now_ms: int) -> Answered:
        """Reserve a touch, or say why not. Law: who asks again, by the same id, has the same touch and no second."""
        own = self.touches.get(asked.id)
        answer = self._refused(asked, rules, now_ms, own)
        if answer.reason is not None:
            if own is not None and not is_confirmed(own):
                del self.touches[asked.id]
            return answer
        for name in outlived(self.touches, now_ms, rules.memory_ms):
            del self.touches[name]
        kind, word = (GHOST if asked.is_ghost else ASK), ("" if own is None else own.word)
        self.touches[asked.id] = Touch(asked.asked_ms, asked.until_ms, asked.purpose, asked.playbook, kind, word)
        return answer

    def note(self, told: Tell) -> bool:
        """Take what a person tells; false of a word that only a later version knows, which says nothing here.

        Laws: repeats change no more; but for who uses it and what is given back, any order gives one answer.
        """
        if told.word in REFUSING:
            self._refuse(told)
            return True
        match told.word:
            case "uses":
                self.use(told.person, told.time_ms)
            case "leaves":
                self.persons.pop(told.person, None)
            case "given_back":
                self._give_back(told.decision_id)
            case "confirmed":
                self._confirm(told.decision_id, told.said)
            case "soft_bounced":
                self.bounces.came_back(told.said, told.time_ms)
            case "delivered":
                self.bounces.arrived(told.time_ms)
            case "paused":
                said = Paused(told.time_ms, told.until_ms)
                self.paused = said if self.paused is None else max(self.paused, said)
            case _:
                return False
        return True

    def use(self, person: str, time_ms: int) -> bool:
        """Note who uses it; false where there is no room for one more."""
        if person not in self.persons:
            if sum(len(each.encode()) for each in [*self.persons, person]) > PERSONS_BYTES:
                return False
            self.persons[person] = time_ms
        return True

    def _refused(self, asked: Reserve, rules: Rules, now_ms: int, own: Touch | None) -> Answered:
        playbook = rules.playbooks.get(asked.playbook)
        if playbook is None:
            return Answered(Reason.PLAYBOOK_GONE)
        others = [touch for decision, touch in self.touches.items() if decision != asked.id]
        refused = {
            Reason.SUPPRESSED: is_refused(self.refusals, asked.consent),
            Reason.SHARED_MAILBOX: not self.use(asked.person, asked.asked_ms),
            Reason.BOUNCING: self.bounces.is_paused(now_ms),
            Reason.PURPOSE_TAKEN: is_taken(others, asked.purpose, now_ms, playbook.purpose_days * DAY_MS),
        }
        if (reason := next((each for each, holds in refused.items() if holds), None)) is not None:
            return Answered(reason)
        if self.paused is not None and self.paused.until_ms > now_ms:
            return Answered(Reason.PAUSED, self.paused.until_ms)
        free_ms = free_at(others, asked.purpose, now_ms, rules.caps, rules.memory_ms)
        return Answered(Reason.CAP_REACHED, free_ms) if own is None and free_ms > now_ms else Answered()

    def _refuse(self, told: Tell) -> None:
        """Note a refusal, or that all before are lifted. Of one that is erased nothing else stays."""
        if told.word == "erased":
            self.refusals = {"erased": max(told.time_ms, self.refusals.get("erased", 0))}
            self.touches, self.bounces, self.paused, self.persons, self.rest = {}, Bounces(), None, {}, {}
            return
        refuse(self.refusals, told.word, told.purposes, told.time_ms)

    def _give_back(self, decision: str | None) -> None:
        """A mail did not go. One of which a word has said that it went, or may have, stays."""
        touch = self.touches.get(decision or "")
        if touch is not None and (touch.kind == GHOST or not is_confirmed(touch)):
            del self.touches[decision or ""]

    def _confirm(self, decision: str | None, word: str) -> None:
        touch = self.touches.get(decision or "")
        if touch is not None and STRENGTH.get(word, -1) > strength_of(touch):
            self.touches[decision or ""] = replace(touch, word=word)


_NAMES = frozenset(Mailbox.__struct_fields__) - {"rest"}
_encode = Encoder(order="deterministic").encode
_decode = Decoder(Mailbox).decode
_split = Decoder(dict[str, Raw]).decode


def encode(mailbox: Mailbox) -> bytes:
    """The mailbox as stored, without what is empty; equal ones have equal bytes."""
    parts = {name: part for name in _NAMES if (part := getattr(mailbox, name)) != getattr(_NEW, name)}
    return _encode({**mailbox.rest, **parts})


def decode(raw: bytes) -> Mailbox:
    """The mailbox of these bytes. Law: what `encode` wrote comes back."""
    parts = _split(raw)
    mailbox = _decode(_encode({name: part for name, part in parts.items() if name in _NAMES}))
    mailbox.rest = {name: part for name, part in parts.items() if name not in _NAMES}
    return mailbox


_NEW = Mailbox()


def shown(mailbox: Mailbox, key: str) -> Mapping[str, Any]:
    """All that is in it, for somebody to read."""
    parts = {
        "touches": {name: readable(touch) for name, touch in mailbox.touches.items()},
        "refusals": {why: moment(time_ms) for why, time_ms in mailbox.refusals.items()},
        "came back": {mail: moment(time_ms) for mail, time_ms in mailbox.bounces.soft.items()},
        "last arrived": moment(mailbox.bounces.delivered_ms) if mailbox.bounces.delivered_ms else None,
        "paused until": None if mailbox.paused is None else moment(mailbox.paused.until_ms),
        "used by": {person: moment(time_ms) for person, time_ms in mailbox.persons.items()},
    }
    return {"mailbox": key, **{name: part for name, part in parts.items() if part}}
