"""A decision is made on the whole profile: what is due waits for the state that a link has sent on its way.

The events are what ingest makes of a call's bytes; the partitions of a backlog are folded in any order.
"""

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codec import encode
from schemas.mailbox import Answer, Heard, Reserve, Tell
from schemas.topics import CONVERSIONS_RAW, EVENTS_CLEAN, EVENTS_RAW, PROFILE_SELF, Topic
from services.ingest.adapters.fake_records import FakeRecord
from services.profile.core.reasons import Count
from services.profile.core.transition import Transition
from services.profile.pipeline import dues
from tests.properties.profile_world import HOUR, NOW
from tests.properties.test_profile_orders import PARTITIONS, House, Lane, in_order, lived, of_person, said

WAIT_MS = 60_000
FORM = {"c": "c1", "consent": {"marketing": True}}
BROWSERS = ("1", "2")
assert len({of_person("u:ana"), *(of_person(f"a:{each}") for each in BROWSERS)}) == PARTITIONS


class Backlog(House):
    """A house that comes back two hours late, and whose partitions decide as soon as they are level."""

    def __init__(self, raw: list[FakeRecord]) -> None:
        super().__init__(raw, now_ms=NOW + 2 * HOUR)
        self.decided: list[Any] = []

    def tick(self, later_ms: int = 0) -> None:
        """Time passes, and who is due is looked at where no pack waits; at once again nobody is."""
        self.now_ms += later_ms
        for person in list(self.persons.raw):
            number = self.home(person)
            if not self.queues[EVENTS_CLEAN.short, number]:
                while (step := self.fire(person, self.now_ms)) is not None:
                    self._keep(number, step)
                assert (due := dues(self.persons.of(person))) is None or due > self.now_ms

    def _keep(self, number: int, step: Transition) -> None:
        post = [send for send in step.sends if isinstance(send.event, Reserve | Tell | Answer | Heard)]
        super()._keep(number, replace(step, sends=tuple(send for send in step.sends if send not in post)))
        for send in post:  # between a person and the home of their mailbox nothing is late
            lane = (PROFILE_SELF.short, self.home(PROFILE_SELF.key(send.event) or ""))
            self.queues[lane].appendleft(encode(PROFILE_SELF, send.event))
            self.take(lane)
        topics = {"recommendation.requests", "decisions"}
        self.decided += [each.event for each in step.sends if each.topic.short in topics]


def _record(topic: Topic, number: int, **call: Any) -> FakeRecord:
    said = {"messageId": f"m-{number}", **call}
    return FakeRecord(topic.name, 0, number, orjson.dumps(said), timestamp=NOW + number)


def _lead(link: str, browsers: tuple[str, ...] = BROWSERS) -> list[FakeRecord]:
    """Each browser reads, is linked to Ana by a call of this kind, and Ana asks for something."""
    raw: list[FakeRecord] = []
    for browser in browsers:
        about = {"url": "https://a.example/blog/seo/x", "title": f"Read in {browser}"}
        page = {"type": "page", "anonymousId": browser, "properties": about}
        known = {"type": link, "anonymousId": browser, "userId": "ana", "previousId": browser}
        raw += [_record(EVENTS_RAW, len(raw), **page), _record(EVENTS_RAW, len(raw) + 1, **known)]
    form = {"type": "track", "event": "Tried", "userId": "ana", "email": "ana@example.com", "properties": FORM}
    return [*raw, _record(CONVERSIONS_RAW, len(raw), **form)]


def _read(decision: Any) -> list[str]:
    """What the profile of a decision says was read, and in which browser."""
    return sorted(each.title for each in decision.snapshot.signals if each.kind == "read")


def _known_first(link: str) -> Backlog:
    """A backlog of one browser, of which the known person's partition is level, and was looked at."""
    house = Backlog(_lead(link, ("1",)))
    known: Lane = (EVENTS_CLEAN.short, of_person("u:ana"))
    while house.queues[known]:
        house.take(known)
    house.tick()
    return house


@pytest.mark.parametrize("link", ["identify", "alias"])
def test_a_due_trigger_waits_for_the_state_of_a_browser_in_another_partition(link: str) -> None:
    """The known person's partition is level first; what the browser read is in the profile that is decided on."""
    house = _known_first(link)
    assert house.decided == []
    while lanes := house.lanes():
        house.take(lanes[0])
    house.tick()
    assert [_read(each) for each in house.decided] == [["Read in 1"]]
    assert (house.counts[Count.LINK_AWAITED], house.counts[Count.LINK_OVERDUE]) == (1, 0)


def test_a_partition_that_stands_still_costs_a_minute() -> None:
    """The decision is made without what it holds; a state that comes later is absorbed all the same."""
    house = _known_first("identify")
    house.tick(WAIT_MS - 1)
    assert house.decided == []
    house.tick(1)
    assert [_read(each) for each in house.decided] == [[]]
    assert (house.counts[Count.LINK_AWAITED], house.counts[Count.LINK_OVERDUE]) == (1, 1)
    while lanes := house.lanes():
        house.take(lanes[0])
    assert house.persons.of("u:ana").identity.past == ["a:1"]
    assert house.persons.of("u:ana").identity.awaited == {}


@given(st.sampled_from(["identify", "alias"]), st.data())
@settings(deadline=None, max_examples=150)
def test_no_order_of_partitions_decides_on_half_a_profile(link: str, data: st.DataObject) -> None:
    """Every state comes within a minute of its link: both browsers are in the one decision, however they ran."""
    house = Backlog(_lead(link))
    left_ms = WAIT_MS - 1
    while lanes := house.lanes():
        house.take(data.draw(st.sampled_from(lanes)))
        passed_ms = data.draw(st.integers(0, left_ms))
        left_ms -= passed_ms
        house.tick(passed_ms)
    house.tick()
    assert [_read(each) for each in house.decided] == [["Read in 1", "Read in 2"]]
    assert house.counts[Count.LINK_OVERDUE] == 0


@given(st.sampled_from(["identify", "alias"]), st.data())
@settings(deadline=None, max_examples=150)
def test_whatever_comes_late_a_trigger_waits_a_minute_at_most(link: str, data: st.DataObject) -> None:
    """It is decided once, with all that had come; what the persons are at the end hangs on no order and no wait."""
    house = Backlog(_lead(link))
    level_ms: int | None = None
    while lanes := house.lanes():
        house.take(data.draw(st.sampled_from(lanes)))
        house.tick(data.draw(st.integers(0, 40_000)))
        if level_ms is None and (known := house.persons.read("u:ana")) and known.triggers.by_purpose:
            level_ms = house.now_ms
        if level_ms is not None and house.now_ms >= level_ms + WAIT_MS:
            assert len(house.decided) == 1
    house.tick(WAIT_MS)
    assert len(house.decided) == 1
    assert house.counts[Count.LINK_OVERDUE] <= house.counts[Count.LINK_AWAITED] <= 1
    assert said(house) == said(lived(_lead(link), in_order))
