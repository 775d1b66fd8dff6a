"""How a stage ends a trigger: the decision, and `not_sent`."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.ending import TriggerEnd, decision_of, not_sent
from schemas.identity import message_id_of, person_from_tag
from schemas.recommendation import RecommendationRequest

EXAMPLE = next((Path(__file__).parents[3] / "schemas" / "examples" / "recommendation.requests").glob("*.json"))
REQUEST = RecommendationRequest.model_validate_json(EXAMPLE.read_bytes())
END = TriggerEnd("recommender", "refused", "no_candidate", datetime(2026, 11, 3, 9, 31, tzinfo=UTC))


def test_decision_repeats_its_request_and_its_end() -> None:
    """And of what led there only what the stage says."""
    decision = decision_of(REQUEST, END, rungs={"job": "rules"})
    assert {name: getattr(decision, name) for name in ("stage", "ending", "reason", "ended_at")} == {
        "stage": END.stage, "ending": END.ending, "reason": END.reason, "ended_at": END.at,
    }  # fmt: skip
    shared = ("decision_id", "person", "trigger", "experiment", "arm", "language", "snapshot", "consent",
              "not_before", "expires_at")  # fmt: skip
    assert [getattr(decision, name) for name in shared] == [getattr(REQUEST, name) for name in shared]
    assert (decision.rungs, decision.message_id) == ({"job": "rules"}, None)


def test_decision_has_neither_address_nor_name() -> None:
    """The recipient is passed on, never kept."""
    assert REQUEST.recipient.address not in decision_of(REQUEST, END).model_dump_json()


def test_decision_refuses_a_field_that_it_does_not_have() -> None:
    """A misspelt one would be lost in silence."""
    with pytest.raises(ValueError, match="wrongs"):
        decision_of(REQUEST, END, wrongs={})


def test_what_was_not_sent_is_named_by_decision_and_mail() -> None:
    """The profile finds the touch by either; whichever stage ended it, and whenever, the id is the same."""
    said = not_sent(REQUEST, END)
    assert (said.word, said.id) == ("not_sent", f"{REQUEST.decision_id}:not_sent")
    assert (said.decision_id, said.message_id) == (REQUEST.decision_id, message_id_of(REQUEST.decision_id))
    assert (person_from_tag(said.person_tag), said.address_key) == (REQUEST.person, REQUEST.recipient.address_key)
    assert (said.source, said.reason, said.occurred_at) == ("recommender", "no_candidate", END.at)
    assert not_sent(REQUEST, TriggerEnd("composer", "expired", "expired", END.at)).id == said.id
