"""Traces are carried on, and begun where none came; their ids are the same at every attempt."""

import pytest

from schemas.trace import child, is_sampled, is_traceparent, of_call, span_id, trace_id

GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_what_a_cause_leads_to_stays_on_its_trace() -> None:
    """With a span of its own, and the flags as they were."""
    made = child(GIVEN, "t/0/1")
    assert (is_traceparent(made), trace_id(made)) == (True, trace_id(GIVEN))
    assert span_id(made) not in (span_id(GIVEN), span_id(child(GIVEN, "t/0/2")))
    assert made == child(GIVEN, "t/0/1")
    assert (is_sampled(made), is_sampled(child(f"{GIVEN[:-2]}00", "t/0/1"))) == (True, False)


@pytest.mark.parametrize("said", [None, "", "t", GIVEN.upper(), f"00-{'0' * 32}-{GIVEN[36:]}", f"{GIVEN} "])
def test_what_is_no_trace_begins_one(said: str | None) -> None:
    """Of the cause alone."""
    assert not is_traceparent(said)
    assert child(said, "t/0/1") == child(None, "t/0/1")


def test_a_call_that_came_without_a_trace_has_one_by_its_id() -> None:
    """Whoever reads it finds the same."""
    assert is_traceparent(of_call("m-1"))
    assert of_call("m-1") != of_call("m-2")
