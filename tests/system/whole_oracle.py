"""The oracle of the whole kill plan: what must hold of the topics, the mailbox and the processes in the end."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from schemas.codec import decode
from schemas.errors import DecodeError
from schemas.suppression import address_in
from schemas.topics import (
    ASIDE_CONNECTOR,
    DECISIONS,
    EMAIL_FEEDBACK,
    EMAIL_OUTBOUND,
    EMAIL_SUPPRESSIONS,
    EVENTS_CLEAN,
    PROFILE_CHANGELOG,
    RECOMMENDATION_REQUESTS,
    RECOMMENDATIONS,
    STAGES,
    Topic,
    dead_letters,
)
from services.console.core.reconciling import Limits, playbooks_of
from services.console.pipeline import loose_ends
from services.profile.pipeline import Rules
from tests.growth import NEW_FIELD
from tests.system.refold import persons, refold, unlike
from tests.system.whole_crowd import Acked
from tests.system.whole_mailbox import Delivered
from tests.system.whole_reading import GROUPS, OWN, READ, Reading

LETTERS = tuple(dead_letters(stage) for stage in STAGES)
WATCHED = (*READ, PROFILE_CHANGELOG, DECISIONS, EMAIL_SUPPRESSIONS, ASIDE_CONNECTOR, *LETTERS)
REPEATING = "ingest"  # at-least-once: the one stage whose letters may come twice
FRESH_S = 2.0 + 1.0  # a send begins so soon after the end was asked for; and what this process is slow to see it
Faults = Mapping[str, list[str]]
Claims = Mapping[str, tuple[Mapping[str, int], float]]  # by message id: the ends of suppressions, when asked for


@dataclass(frozen=True, slots=True)
class Oracle:
    """What was read of the watched topics, what the crowd was told, and what the mail server took."""

    reading: Reading
    acked: Acked
    mails: Sequence[Delivered]
    claims: Claims
    rules: Rules

    def loose(self) -> list[str]:
        """Conversions without an end, and mails nobody spoke of."""
        entered = playbooks_of(tuple(self.rules.playbooks.values()))
        return [
            each.line()
            for each in loose_ends(self.reading.ledger(), entered, Limits(0, 0), int(time.time() * 1000) + 1)
        ]

    def faults(self) -> Faults:
        """All that is wrong, by what it is; nothing where nothing is lost, doubled, or done too late."""
        clean = set(_ids(self.reading.records[EVENTS_CLEAN.name]))
        outbound = Counter(each.message_id for each in self._events(EMAIL_OUTBOUND))
        sent = Counter(each.message_id for each in self.mails)
        delivered = {each.message_id for each in self._events(EMAIL_FEEDBACK) if each.word == "delivered"}
        return {
            "loose": self.loose(),
            "acknowledged and lost": sorted(self.acked.calls - clean),
            "feedback told twice": _twice(Counter(each.id for each in self._events(EMAIL_FEEDBACK))),
            "recommended twice": _twice(Counter(each.request.decision_id for each in self._events(RECOMMENDATIONS))),
            "conversion that is none": sorted(self.acked.conversions - self.reading.ledger().conversions.keys()),
            "end told twice": _twice(self._ends()),
            "asked for twice": _twice(Counter(each.decision_id for each in self._events(RECOMMENDATION_REQUESTS))),
            "decision mailed twice": _twice(Counter(each.decision_id for each in self._events(EMAIL_OUTBOUND))),
            "mail composed twice": _twice(outbound),
            "mail sent twice": _twice(sent),
            "mail nobody composed": sorted(sent.keys() - outbound.keys()),
            "delivered and not there": sorted(delivered - sent.keys()),
            "mailbox over its cap": list(self._too_many()),
            "sent after an unsubscribe": list(self._unwanted()),
            "letter unexplained": list(self._letters()),
            "person unlike the refold": list(self._wrong_persons()),
        }

    def figures(self) -> str:
        """What was counted, in one line."""
        endings = Counter(each.ending for each in self._events(DECISIONS))
        words = Counter(f"{each.word} {each.reason or ''}".strip() for each in self._events(EMAIL_FEEDBACK))
        events = sum(1 for _ in _ids(self.reading.records[EVENTS_CLEAN.name]))
        return (
            f"{len(self.acked.calls)} calls acked, {len(self.acked.conversions)} of them conversions; "
            f"{events} events in events.clean; decisions {dict(endings)}; feedback {dict(words)}; "
            f"{len(self.mails)} mails; {len(self.acked.refusals)} unsubscribes; {len(self.acked.poison)} of poison"
        )

    def _ends(self) -> Counter[str]:
        finals = [each for each in self._events(DECISIONS) if each.ending != "waiting"]
        return Counter(f"{each.trigger.event_id} {each.trigger.playbook}" for each in finals)

    def _too_many(self) -> Iterator[str]:
        """Mails to one address beyond what a day allows, or of one purpose: a run is shorter than any window."""
        purposes = {each.decision_id: each.trigger.purpose for each in self._events(RECOMMENDATION_REQUESTS)}
        decisions = {each.message_id: each.decision_id for each in self._events(EMAIL_OUTBOUND)}
        most = min(cap.most for cap in self.rules.caps)
        for address, count in Counter(each.address for each in self.mails).items():
            if count > most:
                yield f"{address}: {count} mails, {most} are allowed"
        served = Counter((each.address, purposes.get(decisions.get(each.message_id, ""))) for each in self.mails)
        yield from (f"{whose}: {count} mails" for whose, count in served.items() if count > 1)

    def _unwanted(self) -> Iterator[str]:
        """Mails to an address whose refusal lies below the end their claim kept, or sent long after it was asked for.

        Also what went out so late after the 200 that no such end could have missed it.
        """
        keys = {each.message_id: each.address_key for each in self._events(EMAIL_OUTBOUND)}
        refused: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for record in self.reading.records[EMAIL_SUPPRESSIONS.name]:
            refused[address_in(record.key) or ""].append((f"{record.topic}/{record.partition}", record.offset))
        refused_s = {each.address: each.at_s for each in sorted(self.acked.refusals, key=lambda each: -each.at_s)}
        for mail in self.mails:
            after_s = mail.began_s - refused_s.get(mail.address, float("inf"))
            ends, asked_s = self.claims.get(mail.message_id, ({}, 0.0))
            if any(offset < ends.get(place, 0) for place, offset in refused[keys.get(mail.message_id, "")]):
                yield f"{mail.message_id}: its claim had read the refusal"
            elif after_s > 0 and (mail.began_s - asked_s > FRESH_S or after_s > FRESH_S):
                yield f"{mail.message_id}: {after_s:.1f} s after the 200, {mail.began_s - asked_s:.1f} s after the end"

    def _letters(self) -> Iterator[str]:
        """Poison has one letter from the stage that reads it, as often as it was written; nothing else has any."""
        for stage, letters in zip(STAGES, LETTERS, strict=True):
            read = _read_by(stage)
            wanted = Counter(
                record.value for topic in read for record in self.reading.records[topic.name]
                if (topic.name, record.value) in self.acked.poison
            )  # fmt: skip
            found = Counter(record.value for record in self.reading.records[letters.name])
            if stage == REPEATING:
                wanted, found = Counter(set(wanted)), Counter(set(found))
            yield from (f"{stage}: lacks {each!r}" for each in wanted - found)
            yield from (f"{stage}: has {each[:200]!r}" for each in found - wanted)

    def _wrong_persons(self) -> Iterator[str]:
        wanted = refold(self.reading.records[EVENTS_CLEAN.name], self.rules, int(time.time() * 1000)).persons.all()
        found = persons(self.reading.records[PROFILE_CHANGELOG.name])
        for each in sorted(wanted.keys() | found.keys()):
            parts = unlike(found.get(each), wanted.get(each))
            parts.pop(NEW_FIELD, None)  # a later version wrote it, and who does not know it keeps it
            if parts:
                yield f"{each}: {parts}"

    def _events(self, topic: Topic) -> list[Any]:
        found = []
        for record in self.reading.records[topic.name]:
            try:
                found.append(decode(topic, record.value))
            except DecodeError:
                continue
        return found


def _ids(records: Iterable[Any]) -> Iterator[str]:
    for record in records:
        try:
            yield from (event["id"] for event in orjson.loads(record.value)["events"])
        except orjson.JSONDecodeError:
            continue


def _twice(counts: Counter[str]) -> list[str]:
    return [f"{each}: {count} times" for each, count in counts.items() if count > 1]


def _read_by(stage: str) -> tuple[Topic, ...]:
    if stage == "profile":
        return OWN
    return GROUPS[stage if stage == "ingest" else f"kindling.{stage}"]
