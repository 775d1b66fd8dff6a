"""Partitions run apart: whatever overtakes what, each conversion opens its trigger once and nothing said is lost.

The events are what ingest makes of a call's bytes; a call may bear the id of a call of the other trust.
"""

import random
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codec import encode
from schemas.topics import CONVERSIONS_RAW, EVENTS_CLEAN, EVENTS_RAW, PRIVACY_REQUESTS, PROFILE_SELF
from services.ingest.adapters.fake_records import FakeRecord
from services.ingest.core.batch import batch_of
from services.ingest.core.source import keys_of
from services.ingest.core.window import Windows
from services.profile.core.reasons import Became, Count
from services.profile.pipeline import Input, Rules, Transition, advance, compiled, fire
from services.runtime.fake_seal import FakeSeal
from services.runtime.program import read_program
from tests.profile_values import Persons
from tests.properties.profile_world import DAY, NOW, RULES, facts
from tests.system.conftest import ROOT
from tests.system.crowd import ANONYMOUS, Crowd, home
from tests.system.plan import Poison
from tests.system.refold import refold, unlike

KEYS = keys_of(b"a secret of a test", FakeSeal())
PARTITIONS = 3
ENDS = (Became.OPENED, Became.JOINED, Became.ENDED, Became.NO_PLAYBOOK)
ENTERED = {"Bought": 2, "Tried": 1}  # playbooks
Lane = tuple[str, int]
Choose = Callable[[list[Lane]], Lane]

users = st.sampled_from(["", "ana", "bo"])
browsers = st.sampled_from(["", "1", "2"])
addresses = st.sampled_from([None, "ana@example.com", "bo@example.com"])
traits = st.fixed_dictionaries({}, optional={"company": st.sampled_from(["a", "b"]), "role": st.sampled_from("xy")})
calls = st.fixed_dictionaries({
    "type": st.sampled_from(["track", "track", "identify", "alias", "page"]),
    "userId": users, "anonymousId": browsers, "previousId": browsers, "email": addresses, "traits": traits,
    "event": st.sampled_from(["Bought", "Tried", "Took", "x"]), "is_server": st.booleans(), "is_resent": st.booleans(),
})  # fmt: skip
plans = st.lists(calls, min_size=1, max_size=12)


def of_person(person: str) -> int:
    """Neighbours live apart."""
    return sum(person.encode()) % PARTITIONS


def records(plan: list[dict[str, Any]], ids: list[int]) -> list[FakeRecord]:
    """The calls as raw records; no two of one trust have one id, and some are sent again at the end."""
    made, again = [], []
    for number, said in enumerate(plan):
        properties = {"c": f"c{number}", "consent": {"marketing": True}}
        call = {
            "type": said["type"], "messageId": f"m-{number if said['is_server'] else ids[number]}",
            "userId": said["userId"] or None, "anonymousId": said["anonymousId"] or None,
            "previousId": said["previousId"] or None, "event": said["event"],
            "traits": {**said["traits"], "email": said["email"]}, "properties": properties,
        }  # fmt: skip
        topic = CONVERSIONS_RAW if said["is_server"] else EVENTS_RAW
        made.append(FakeRecord(topic.name, 0, number, orjson.dumps(call), timestamp=NOW + number))
        if said["is_resent"]:
            again.append(FakeRecord(topic.name, 0, number + 100, orjson.dumps(call), timestamp=NOW + number + 100))
    return made + again


class House:
    """Ingest, and the profile's partitions, each with a queue of packs and one of what persons send each other."""

    def __init__(
        self, raw: list[FakeRecord], rules: Rules = RULES, now_ms: int = NOW, home: Callable[[str], int] = of_person
    ) -> None:
        self.rules, self.now_ms, self.home = rules, now_ms, home
        self.letters: Counter[bytes] = Counter()
        self.queues: dict[Lane, deque[bytes]] = defaultdict(deque)
        self.offsets: Counter[Lane] = Counter()
        self.checkpoints: list[dict[str, Any]] = [{} for _ in range(PARTITIONS)]
        self.persons = Persons()
        self.triggers: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.conversions: dict[str, str] = {}
        self.came = 0
        for record in raw:
            batch = batch_of([record], KEYS, Windows(100), of_person)  # it remembers nothing: the profile must
            for pack in batch.packs:
                assert pack.partition is not None
                self.queues[EVENTS_CLEAN.short, pack.partition].append(pack.value or b"")
                events = orjson.loads(pack.value or b"")["events"]
                self.conversions |= {each["id"]: each["name"] for each in events if each["kind"] == "conversion"}

    def lanes(self) -> list[Lane]:
        """Where something waits."""
        return sorted(lane for lane, queue in self.queues.items() if queue)

    def take(self, lane: Lane) -> None:
        """One record of a lane."""
        topic, number = lane
        raw = self.queues[lane].popleft()
        self.came += _conversions_in(raw)
        each = Input(topic, number, self.offsets[lane], self.now_ms, None, raw)
        self.offsets[lane] += 1
        self._keep(number, advance([each], self.checkpoints[number], self.persons.reading, self.rules, self.now_ms))

    def repeat(self, lane: Lane) -> None:
        """The next of a lane comes a second time, later."""
        self.queues[lane].append(self.queues[lane][0])

    def end(self) -> None:
        """Time passes until nothing waits."""
        for _ in range(12):
            for person in list(self.persons.raw):
                number = self.home(person)
                while (step := self.fire(person, self.now_ms)) is not None:
                    self._keep(number, step)
                    while lanes := self.lanes():  # what the home of a mailbox is asked, and answers
                        self.take(lanes[0])
            self.now_ms += DAY

    def fire(self, person: str, now_ms: int) -> Transition | None:
        """What is due of a person at a time."""
        return fire(person, self.persons.of(person), self.checkpoints[self.home(person)], self.rules, now_ms)

    def _keep(self, number: int, step: Transition) -> None:
        self.letters.update(each.input.raw or b"" for each in step.rejects)
        self.checkpoints[number] = step.checkpoint
        self.persons.keep(step)
        self.counts.update(step.counts)
        for send in step.sends:
            if send.topic is PROFILE_SELF:
                lane = (PROFILE_SELF.short, self.home(PROFILE_SELF.key(send.event) or ""))
                self.queues[lane].append(encode(PROFILE_SELF, send.event))
            elif (
                send.topic.short not in {"courses.signals", "email.suppressions"}
                and getattr(send.event, "ending", "") != "waiting"
            ):
                self.triggers[send.event.trigger.event_id] += 1


def _conversions_in(raw: bytes) -> int:
    try:
        held = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return 0
    return sum(each["kind"] == "conversion" for each in held.get("events", [held.get("event", held)]))


def lived(raw: list[FakeRecord], choose: Choose, is_repeated: Callable[[], bool] = lambda: False) -> House:
    """The house after all of it, in the order chosen."""
    house = House(raw)
    while lanes := house.lanes():
        lane = choose(lanes)
        if is_repeated():
            house.repeat(lane)
        house.take(lane)
    house.end()
    return house


def in_order(lanes: list[Lane]) -> Lane:
    """What persons send each other is taken at once."""
    return max(lanes)


def said(house: House) -> dict[str, bytes]:
    """What no order may change, of each person who stays; a forward pointer counts what came before it."""
    everybody = house.persons.all().items()
    return {key: facts(each) for key, each in everybody if each.identity.forward is None and each.events}


def assert_counted(house: House) -> None:
    """Each conversion has one of the four words, each coming one of all; nothing is refused."""
    assert house.letters == {}
    assert sum(house.counts[each] for each in ENDS) == len(house.conversions)
    assert sum(house.counts[each] for each in Became) == house.came
    assert house.counts[Count.OPENED] == house.counts[Became.OPENED]


@given(plans, st.data())
@settings(deadline=None, max_examples=150)
def test_each_conversion_opens_its_trigger_in_whatever_order_partitions_run(
    plan: list[Any], data: st.DataObject
) -> None:
    """Once, and every person is as in the plain order: also where a record or a call comes again."""
    raw = records(plan, data.draw(st.permutations(range(len(plan)))))
    repeats = iter(data.draw(st.lists(st.booleans(), max_size=12)))
    house = lived(raw, lambda lanes: data.draw(st.sampled_from(lanes)), lambda: next(repeats, False))
    wanted = Counter({each: ENTERED[name] for each, name in house.conversions.items() if name in ENTERED})
    assert house.triggers == wanted
    assert_counted(house)
    assert said(house) == said(lived(raw, in_order))


@given(
    plans,
    st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["u:ana", "u:bo", "a:1", "a:2"])), max_size=3),
    st.data(),
)
@settings(deadline=None, max_examples=100)
def test_each_conversion_ends_once_beside_erasures(plan: list[Any], erased: list[Any], data: st.DataObject) -> None:
    """Before, between or after its links: no trigger is lost with a person, and none ends twice."""
    raw = records([{**call, "is_resent": False} for call in plan], list(range(len(plan))))
    for number, (place, person) in enumerate(erased):
        request = {"id": f"e-{number}", "action": "erase", "person": person, "requested_by": "desk"}
        body = orjson.dumps({**request, "occurred_at": "2026-11-03T09:00:00Z"})
        raw.insert(place, FakeRecord(PRIVACY_REQUESTS.name, 0, number, body, timestamp=NOW))
    house = lived(raw, lambda lanes: data.draw(st.sampled_from(lanes)))
    wanted = Counter({each: ENTERED[name] for each, name in house.conversions.items() if name in ENTERED})
    assert house.triggers == wanted
    assert_counted(house)


@pytest.mark.parametrize("seed", range(2))
def test_a_crowd_is_its_refold_in_whatever_order_partitions_run(seed: int) -> None:
    """The kill plan's crowd and its oracle, without a broker: every person, every record of self, every letter."""
    crowd, chance = Crowd(seed), random.Random(seed)  # noqa: S311 an order is no secret
    made = [crowd.pack() for _ in range(1_000)]
    rules = compiled(read_program(ROOT / "examples" / "academy"), quiet_period_s=1)
    now_ms = int(time.time() * 1000)
    house = House([], rules, now_ms, home)
    log: list[FakeRecord] = []
    for each in made:
        number = chance.randrange(PARTITIONS) if isinstance(each, Poison) else each.partition or 0
        raw = each.value if isinstance(each, Poison) else encode(EVENTS_CLEAN, each.event)
        lane = (EVENTS_CLEAN.short, number)
        log.append(FakeRecord(EVENTS_CLEAN.name, number, len(house.queues[lane]), raw, now_ms))
        house.queues[lane].append(raw)
    while lanes := house.lanes():
        house.take(chance.choice(lanes))
    wanted = refold(log, rules, now_ms)
    found = house.persons.all()
    assert {each: parts for each, known in wanted.persons.all().items() if (parts := unlike(found[each], known))} == {}
    assert (found.keys(), house.letters) == (wanted.persons.all().keys(), wanted.letters)
    waits = {each.event for person in found.values() for each in person.triggers.by_purpose.values()}
    assert {event for _, _, event in wanted.triggers} == waits | set(house.triggers)
    assert house.counts[Count.ABSORBED] >= ANONYMOUS
