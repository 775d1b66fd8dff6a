"""The oracle of the profile's kill plan: what must stand in the end, from events.clean alone and the pure core."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from msgspec.structs import replace

from schemas.changelog_keys import is_person
from schemas.clean import Absorb, Rekey
from schemas.codec import decode, encode
from schemas.errors import DecodeError
from schemas.topics import BY_NAME, EVENTS_CLEAN, PROFILE_SELF
from services.profile.core.mark import SHORT, WHOLE
from services.profile.core.packs import broken
from services.profile.core.person import Person, facets
from services.profile.core.person import decode as stored_person
from services.profile.core.person import encode as encoded
from services.profile.core.trigger import Trigger as Waiting
from services.profile.pipeline import Input, Rules, advance
from tests.conftest import PARTITIONS
from tests.profile_values import Persons
from tests.system.crowd import home

CHECKPOINT_KEY = b"\0applied"
TIMED = ("touches", "triggers")  # facets that hang on when a trigger was looked at
Trigger = tuple[str, str, str]  # person, playbook, opening event


@dataclass(slots=True)
class Refold:
    """What events.clean leads to."""

    persons: Persons = field(default_factory=Persons)
    triggers: set[Trigger] = field(default_factory=set)
    letters: Counter[bytes] = field(default_factory=Counter)
    selves: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Found:
    """What the topics hold in the end."""

    persons: Mapping[str, Person]
    decisions: Sequence[Any]
    requests: Sequence[Any]
    letters: Counter[bytes]
    selves: Counter[tuple[str, str, str, str]]

    def __str__(self) -> str:
        events = sum(each.events for each in self.persons.values())
        records = f"{len(self.decisions)} decisions, {len(self.requests)} requests, {self.letters.total()} letters"
        return f"{events} events of {len(self.persons)} persons, {records}, {self.selves.total()} records of self"

    @property
    def chains(self) -> dict[Trigger, list[tuple[int, str]]]:
        """Attempt and ending of every record about a trigger, in order of attempts."""
        found: dict[Trigger, list[tuple[int, str]]] = defaultdict(list)
        for event in self.decisions:
            found[_trigger_of(event)].append((event.trigger.attempt, event.ending))
        for event in self.requests:
            found[_trigger_of(event)].append((event.trigger.attempt, "asked"))
        return {trigger: sorted(chain) for trigger, chain in found.items()}

    @property
    def waits(self) -> dict[Trigger, Waiting]:
        """What waits in the state."""
        return {
            (key, each.playbook, each.event): each
            for key, person in self.persons.items()
            for each in person.triggers.by_purpose.values()
        }

    @property
    def touches(self) -> set[str]:
        """The decisions that the state holds a touch for."""
        return {decision for person in self.persons.values() for decision in person.touches.rows}

    @property
    def reserved(self) -> set[str]:
        """The decisions that must have left a touch: a request, or a ghost of the held out."""
        ghosts = {each.decision_id for each in self.decisions if each.ending == "held_out"}
        return ghosts | {each.decision_id for each in self.requests}


def refold(records: Iterable[Any], rules: Rules, now_ms: int) -> Refold:
    """Fold every record once, partition by partition, then what persons send each other, until nothing is sent."""
    found = Refold()
    checkpoints: list[dict[str, Any]] = [{} for _ in range(PARTITIONS)]
    waiting = [_input(record) for record in records]
    for each in waiting:
        found.triggers |= _triggers(each, rules)
    sent = [0] * PARTITIONS
    while waiting:
        following: list[Input] = []
        for each in waiting:
            step = advance([each], checkpoints[each.partition], found.persons.reading, rules, now_ms)
            checkpoints[each.partition] = step.checkpoint
            found.persons.keep(step)
            found.letters.update(rejected.input.raw or b"" for rejected in step.rejects)
            for send in step.sends:
                if send.topic is PROFILE_SELF:
                    at = home(PROFILE_SELF.key(send.event) or "")
                    raw = encode(PROFILE_SELF, send.event)
                    following.append(Input(PROFILE_SELF.short, at, sent[at], each.timestamp_ms, None, raw))
                    found.selves.update(self_keys([send.event]))
                    sent[at] += 1
        waiting = following
    return found


def self_keys(events: Iterable[Any]) -> Iterator[tuple[str, str, str, str]]:
    """What makes a record of profile.self the same, of those between persons: a mailbox is asked when a timer says."""
    for event in events:
        if isinstance(event, Absorb | Rekey):
            yield event.kind, event.id, event.from_person, event.person


def timeless(person: Person | None) -> dict[str, Any]:
    """The parts of a person without what hangs on the clock; message ids and former persons in any order.

    Nothing where there is no such person. Since when which persons are awaited hangs on when a link was heard of.
    """
    if person is None:
        return {}
    one = person.identity
    identity = replace(
        one, seen=_sorted(one.seen, SHORT), seen_days=[], done=_sorted(one.done, WHOLE), done_days=[],
        past=sorted(one.past), awaited={},
    )  # fmt: skip
    facets(person)
    kept = {name: part for name, part in vars(person).items() if name not in TIMED and name != "size"}
    parts: dict[str, Any] = orjson.loads(encoded(Person(rest=dict(person.rest), **{**kept, "identity": identity})))
    return parts


def _sorted(marks: str, width: int) -> str:
    return "".join(sorted(marks[place : place + width] for place in range(0, len(marks), width)))


def unlike(person: Person | None, wanted: Person | None) -> dict[str, tuple[Any, Any]]:
    """The parts in which a person is not as wanted, both ways."""
    one, two = timeless(person), timeless(wanted)
    return {name: (one.get(name), two.get(name)) for name in one.keys() | two.keys() if one.get(name) != two.get(name)}


def standing(records: Iterable[Any]) -> dict[int, dict[bytes, bytes]]:
    """The last values of the changelog, by partition."""
    found: dict[int, dict[bytes, bytes]] = defaultdict(dict)
    for record in records:
        found[record.partition][record.key] = record.value
    return found


def checkpoints(records: Sequence[Any]) -> dict[int, dict[str, int]]:
    """The offsets applied, by partition."""
    found: dict[int, dict[str, int]] = {}
    for record in reversed(records):
        if record.key == CHECKPOINT_KEY and record.partition not in found:
            found[record.partition] = orjson.loads(record.value)["offsets"]
            if len(found) == PARTITIONS:
                break
    return found


def persons(records: Iterable[Any]) -> dict[str, Person]:
    """Every person as their last value in the changelog says."""
    return {
        key.decode(): stored_person(raw)
        for values in standing(records).values()
        for key, raw in values.items()
        if is_person(key)
    }


def is_sound(chain: Sequence[tuple[int, str]], waits: Waiting | None) -> bool:
    """True if each attempt has one record, only the last ends it, and what waits on waits in the state.

    Before its first attempt a trigger waits for the state of a link alone: the crowd may keep one back for good.
    """
    attempts = [attempt for attempt, _ in chain]
    endings = [ending for _, ending in chain]
    is_waiting = not endings or endings[-1] == "waiting"
    return (
        attempts == list(range(len(chain)))
        and all(ending == "waiting" for ending in endings[:-1])
        and is_waiting == (waits is not None)
        and (waits is None or waits.tries == len(chain))
        and (waits is None or bool(chain) or waits.held_ms is not None)
    )


def _trigger_of(event: Any) -> Trigger:
    return event.person, event.trigger.playbook, event.trigger.event_id


def _input(record: Any) -> Input:
    topic = BY_NAME[record.topic].short
    return Input(topic, record.partition, record.offset, record.timestamp, record.key, record.value)


def _triggers(each: Input, rules: Rules) -> set[Trigger]:
    try:
        events = decode(EVENTS_CLEAN, each.raw)["events"]
    except DecodeError:
        return set()
    return {
        (event["person"], playbook.name, event["id"])
        for event in events
        if event["kind"] == "conversion" and broken(event) is None
        for playbook in rules.openers.get(event["name"], ())
    }
