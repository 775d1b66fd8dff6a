"""What a model answered, checked."""

from typing import Any

import pytest

from services.recommender.core.replies import InvalidReply, job_and_course, picked

CITES = ("conversion", "s1")


def test_a_valid_reply_is_taken_as_it_is(job_value: dict[str, Any]) -> None:
    """Texts are stripped, citations kept once."""
    job, imagined = job_and_course(job_value | {"job": " Build the first emails ", "cites": ["s1", "s1"]}, CITES)
    assert (job.text, job.cites, job.confidence) == ("Build the first emails", ("s1",), 0.7)
    assert (imagined.level, imagined.skills) == ("beginner", ("planning", "copy"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"job": "short"}, "job"),
        ({"job": 5}, "job"),
        ({"job": "Visit https://evil.example for the offer"}, "job"),
        ({"title": "x" * 91}, "title"),
        ({"stage": "buying"}, "stage"),
        ({"stage": ["ready"]}, "stage"),
        ({"confidence": 1.5}, "confidence"),
        ({"confidence": True}, "confidence"),
        ({"confidence": "0.5"}, "confidence"),
        ({"cites": []}, "cites"),
        ({"cites": ["s9"]}, "cites"),
        ({"cites": [{"id": "s1"}]}, "cites"),
        ({"cites": "s1"}, "cites"),
        ({"skills": ["ok"] * 6}, "skills"),
        ({"skills": [None]}, "skill"),
        ({"level": "expert"}, "level"),
    ],
)
def test_each_broken_field_is_named(job_value: dict[str, Any], changes: dict[str, Any], field: str) -> None:
    """Shape, bounds, plain text and citations."""
    with pytest.raises(InvalidReply, match=f"^{field}:"):
        job_and_course(job_value | changes, CITES)


def test_a_course_that_was_not_given_is_no_pick() -> None:
    """Only the candidates' ids count."""
    with pytest.raises(InvalidReply, match="course_id"):
        picked({"course_id": "c", "reason": "It helps most", "cites": ["s1"]}, ("a", "b"), CITES)
