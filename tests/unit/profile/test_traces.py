"""A decision that a timer makes lies on the trace of the call that opened its trigger."""

import pytest

from schemas.topics import COURSES_SIGNALS, DECISIONS, RECOMMENDATION_REQUESTS
from schemas.trace import of_call
from services.profile.adapters.decided_spans import tell_decided
from services.profile.core.transition import Transition
from services.runtime import spans
from services.runtime.kafka_records import Cause, Record, to_record
from services.runtime.outcome import Send
from tests.unit.profile.conftest import World

HOUR = 3_600_000
GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def _fired(world: World) -> Transition:
    world.now += HOUR
    return world.fired()


def _decided(step: Transition) -> list[Send]:
    return [each for each in step.sends if each.topic in (DECISIONS, RECOMMENDATION_REQUESTS)]


def test_the_trace_of_a_call_waits_with_its_trigger(world: World) -> None:
    """Stored with the person, through a restart."""
    world.take(world.guide(trace=GIVEN))
    assert world.person().triggers.by_purpose["next-step"].trace == GIVEN
    assert [each.traceparent for each in _decided(_fired(world))] == [GIVEN]


@pytest.mark.parametrize("said", [{}, {"trace": "t"}, {"trace": "x" * 5_000}])
def test_a_call_without_a_trace_has_the_one_of_its_id(world: World, said: dict[str, str]) -> None:
    """The same that the collector makes of it; what is no trace is not kept."""
    world.take(world.guide(id="m-17", **said))
    assert world.person().triggers.by_purpose["next-step"].trace is None
    assert [each.traceparent for each in _decided(_fired(world))] == [of_call("m-17")]


def test_a_trigger_that_ends_at_once_is_on_its_calls_trace(world: World) -> None:
    """Two days late: its decision is written where it is folded."""
    step = world.take(world.guide(trace=GIVEN, time_ms=world.now - 48 * HOUR))
    assert [each.traceparent for each in _decided(step)] == [GIVEN]


def test_what_everybodys_behaviour_is_learned_from_has_no_persons_trace(world: World) -> None:
    """A trace id would lead from it to a person."""
    world.take(world.guide(trace=GIVEN))
    step = _fired(world)
    assert all(each.traceparent is None for each in step.sends if each.topic is COURSES_SIGNALS)


def _headers(step: Transition) -> list[Record]:
    return [to_record(each, Cause("timer/0/d", "/kindling/profile", None, 0), n) for n, each in enumerate(step.sends)]


def test_a_decision_is_told_as_the_span_that_its_header_names(world: World) -> None:
    """Below the call's own; nothing else that the step sends is told."""
    world.take(world.guide(trace=GIVEN))
    step, told = _fired(world), list[spans.Span]()
    records = _headers(step)

    class Sink:
        def tell(self, span: spans.Span) -> None:
            """Keep it."""
            told.append(span)

        def stop(self) -> None:
            """Nothing is queued."""

    spans.listen(Sink())
    try:
        tell_decided([(step, "timer/0/d")], [each.headers for each in records], world.now)
    finally:
        spans.stop()
    (span,) = told
    (send,) = _decided(step)
    assert span.traceparent.encode() == dict(records[step.sends.index(send)].headers)["traceparent"]
    assert (span.parent, span.attributes["kindling.decision_id"]) == (GIVEN, send.event.decision_id)
    assert "u:ana" not in str(span.attributes)
