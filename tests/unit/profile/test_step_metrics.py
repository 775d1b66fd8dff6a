"""What is measured of a step: how old what came is, who said what of mails, and what ended."""

from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import REGISTRY

from schemas.topics import DECISIONS, EVENTS_CLEAN, PROFILE_SELF, RECOMMENDATION_REQUESTS
from services.profile.adapters.fake_store import FakeStore
from services.profile.adapters.faust_partition import Partition, owner_of
from services.profile.adapters.person_cache import PersonCache
from services.profile.adapters.standing_gauges import GRACE_MS, Standing, left_of
from services.profile.adapters.step_metrics import begin_metrics, letter_reasons, tell_applied, tell_ended
from services.profile.core.reasons import Refusal
from services.profile.core.timers import may_owe
from services.profile.core.transition import Input, Rejected
from services.profile.core.waiting import Waiting
from services.profile.pipeline import compiled
from services.runtime.clock import now_ms
from services.runtime.fake_transactor import FakeBroker, FakeTransactor
from services.runtime.log_identity import Log
from tests.unit.profile.conftest import World, program

MINUTE = 60_000
HOUR = 60 * MINUTE


def _value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def _asked(world: World) -> Any:
    """A mail that was asked for."""
    world.take(world.guide())
    (request,) = world.tick(HOUR)
    return request


def _message(topic: str, at_ms: int) -> Any:
    return SimpleNamespace(message=SimpleNamespace(topic=topic, timestamp=at_ms / 1000))


def test_age_is_of_the_oldest_pack_by_its_first_event(world: World) -> None:
    """One look a pack: the events of a source come in their order."""
    late = world.event(received_ms=world.now - 5)
    step = world.take(world.event(received_ms=world.now - 9), late)
    assert step.seen.accepted_ms == world.now - 9
    step.seen.accept(world.now)
    assert step.seen.accepted_ms == world.now - 9


def test_of_what_no_event_leads_nothing_is_old(world: World) -> None:
    """A pack that begins with what cannot be read, and one that is none, say nothing of time."""
    assert world.take({"id": 5}).seen.accepted_ms is None
    assert world.raw("events.clean", b"nonsense").seen.accepted_ms is None


def test_feedback_is_told_by_word_and_mailbox_once_each(world: World) -> None:
    """Repeats and what nobody believes are not among it."""
    request = _asked(world)
    told = world.feedback("complained", request.decision_id)
    doubted = {**world.feedback("complained", request.decision_id), "trusted": False}
    step = world.take(told, told, doubted, world.feedback("opened", request.decision_id))
    assert step.seen.heard == {("complained", "other"): 1, ("opened", "other"): 1}
    assert step.seen.feedback_ms == world.now


def test_feedback_of_whom_no_address_is_known(world: World) -> None:
    """It counts under no provider."""
    assert world.take(world.feedback("bounced", person="u:bo")).seen.heard == {("bounced", "unknown"): 1}


def test_a_mail_is_owed_until_a_word_comes(world: World) -> None:
    """From the request on until its time ends, or somebody says what became of it."""
    world.take(world.guide())
    assert not may_owe(world.persons.raw["u:ana"])
    request = world.tick(HOUR)[0]
    person = world.person()
    assert person.touches.owed() == (round(request.expires_at.timestamp() * 1000),)
    assert may_owe(world.persons.raw["u:ana"])
    step = world.take(world.event())
    assert step.owed == {"u:ana": person.touches.owed()}
    assert world.take(world.feedback("delivered", request.decision_id)).owed == {}
    assert not may_owe(world.persons.raw["u:ana"])


def test_minutes_that_ended_are_told_once() -> None:
    """Of a person with two of them the later one stays."""
    owed = Waiting()
    owed.put("u:ana", [0, 5 * MINUTE])
    owed.put("u:bo", [0])
    assert owed.lapse(0) == 0
    assert owed.lapse(MINUTE) == 2
    assert owed.lapse(MINUTE) == 0
    assert (owed.by_person, owed.by_minute) == ({"u:ana": (5,)}, {5: 1})


def test_a_committed_step_is_counted(world: World) -> None:
    """Ages in seconds, words under ours or other, endings by reason, arms, and what the cache had."""
    begin_metrics()
    request = _asked(world)
    cache = PersonCache(1_000)
    cache.keep("u:ana", b"{}")
    assert (cache.get("u:ana"), cache.get("u:bo")) == (b"{}", None)
    step = world.take(world.feedback("complained", request.decision_id), {"id": 5}, {"id": 6})
    (why,) = letter_reasons(step.rejects)
    step.seen.accepted_ms = now_ms() - 10_000
    step.seen.hear("a word of a later version", "gmail", now_ms())
    names = {
        "complained": ("kindling_feedback_total", {"type": "complained", "domain": "other"}),
        "other": ("kindling_feedback_total", {"type": "other", "domain": "gmail"}),
        "letter": ("kindling_dead_letters_total", {"stage": "profile", "reason": why}),
        "hit": ("kindling_cache_total", {"cache": "person", "result": "hit"}),
        "miss": ("kindling_cache_total", {"cache": "person", "result": "miss"}),
        "lag": ("kindling_time_lag_seconds_count", {"stage": "profile", "topic": "events.clean"}),
        "path": ("kindling_end_to_end_seconds_count", {"path": "accepted_to_profile"}),
        "back": ("kindling_end_to_end_seconds_count", {"path": "feedback_to_decision"}),
    }
    before = {each: _value(name, **labels) for each, (name, labels) in names.items()}
    messages = [_message(EVENTS_CLEAN.name, now_ms()), _message(EVENTS_CLEAN.name, now_ms() - 5_000)]
    tell_applied(step, messages, cache)
    after = {each: _value(name, **labels) for each, (name, labels) in names.items()}
    assert {each: after[each] - before[each] for each in names} == dict.fromkeys(names, 1)
    assert cache.looked_up() == (0, 0)


def test_endings_and_arms_are_counted(world: World) -> None:
    """What is asked for by its arm, what ends by its reason; a held out one is both."""
    world.take(world.guide())
    world.now += HOUR
    asked, ended = {"arm": "treatment"}, {"stage": "profile", "ending": "not_asked", "reason": "too_old"}
    before = _value("kindling_arms_total", **asked), _value("kindling_endings_total", **ended)
    late = world.take(world.guide(time_ms=world.now - 48 * HOUR, person="u:bo"))
    reasons = [send.event.reason for send in late.sends if hasattr(send.event, "reason")]
    tell_ended((late,))
    sent = [SimpleNamespace(sends=[_send_of(each) for each in world.tick()])]
    tell_ended(sent)  # type: ignore[arg-type]
    assert reasons == ["too_old"]
    after = _value("kindling_arms_total", **asked), _value("kindling_endings_total", **ended)
    assert after == (before[0] + 1, before[1] + 1)


def _send_of(event: Any) -> Any:
    return SimpleNamespace(topic=RECOMMENDATION_REQUESTS if hasattr(event, "recipient") else DECISIONS, event=event)


def test_dead_letters_are_one_a_record() -> None:
    """However many of its events are broken: the first says why."""
    one = Input("events.clean", 0, 1, 0, None, b"")
    two = Input("events.clean", 0, 2, 0, None, b"")
    rejects = [Rejected(one, Refusal.BROKEN_EVENT, ""), Rejected(one, Refusal.UNDECODABLE, "")]
    assert letter_reasons([*rejects, Rejected(two, Refusal.UNDECODABLE, "")]) == {"broken_event": 1, "undecodable": 1}


def _partition(done: int | None) -> Partition:
    partition = Partition(
        0, FakeStore({b"u:ana": b"{}"}), FakeTransactor(owner_of(0), FakeBroker()), PersonCache(1_000)
    )
    partition.begin(Log(EVENTS_CLEAN.name, 0, 0, 4))
    if done is not None:
        partition.checkpoint = {"offsets": {EVENTS_CLEAN.short: done, PROFILE_SELF.short: 6}}
    return partition


def _consumer(high: int | None, handed_out: tuple[int, int] | None) -> Any:
    return SimpleNamespace(highwater=lambda _: high, handed_out=lambda _: handed_out)


@pytest.mark.parametrize(
    ("done", "high", "handed_out", "left"),
    [
        (None, None, None, {"events.clean": 4, "profile.self": 0}),
        (3, 10, (4, 4), {"events.clean": 6, "profile.self": 3}),
        (3, 10, (9, 9), {"events.clean": 6, "profile.self": 3}),
        (9, 10, (7, 10), {"events.clean": 0, "profile.self": 0}),
    ],
)
def test_lag_counts_what_is_not_applied(
    done: int | None, high: int | None, handed_out: tuple[int, int] | None, left: dict[str, int]
) -> None:
    """Up to the end the last fetch told; markers that reading has passed are none of it."""
    found = left_of(_partition(done), _consumer(high, handed_out))
    assert {each.topic.removeprefix("kindling.").removesuffix(".v1"): count for each, count in found.items()} == left


def test_what_stands_is_shown_now_and_then(world: World) -> None:
    """Persons, bytes and lag; and mails without a word are counted where nothing is behind, once."""
    del world
    partition, now = _partition(3), now_ms()
    standing = Standing()
    before = _value("kindling_conversions_without_end_total")
    partition.owed.put("u:ana", [now - GRACE_MS - 2 * MINUTE])
    standing.show([partition], _consumer(10, (4, 4)), now)
    assert _value("kindling_conversions_without_end_total") == before
    assert _value("kindling_persons") == 1
    assert _value("kindling_state_bytes") == len(b"u:ana{}")
    standing.show([partition], _consumer(4, (4, 4)), now)  # at once again: nobody looks
    assert _value("kindling_conversions_without_end_total") == before
    standing._shown_s = 0
    partition.checkpoint["offsets"][PROFILE_SELF.short] = 3
    standing.show([partition], _consumer(4, (4, 4)), now)
    assert _value("kindling_conversions_without_end_total") == before + 1


def test_what_ended_before_the_takeover_is_not_counted_again() -> None:
    """Its former owner has; what is owed yet is known from the stored person."""
    world = World(compiled(program()))
    world.now = now_ms() - HOUR
    _asked(world)
    partition = Partition(
        0,
        FakeStore({b"u:ana": world.persons.raw["u:ana"]}),
        FakeTransactor(owner_of(0), FakeBroker()),
        PersonCache(1_000),
    )
    partition.begin(Log(EVENTS_CLEAN.name, 0, 0, 0))
    assert list(partition.owed.by_person) == ["u:ana"]
