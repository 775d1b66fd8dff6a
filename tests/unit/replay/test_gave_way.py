"""A decision whose picked course could not be mailed is replayed to the byte."""

from collections.abc import Awaitable, Callable

import pytest

from schemas.codec import encode
from schemas.course import Course
from schemas.replay import Case
from schemas.topics import EMAIL_OUTBOUND
from services.console.adapters.fake_stages import FakeStages
from services.console.core.comparing import verdict
from services.console.pipeline import from_record

PICKED = "automation-foundations"


@pytest.fixture
def courses(courses: list[Course]) -> list[Course]:
    """The same, where the link of the one that is picked leads elsewhere."""
    foreign = {"url": "https://evil.example/x"}
    return [each.model_copy(update=foreign) if each.id == PICKED else each for each in courses]


@pytest.mark.parametrize("rung", ["llm", "posterior"])
async def test_a_pick_that_gave_way_is_replayed_to_the_byte(
    courses: list[Course],
    decided: Callable[..., Awaitable[Case]],
    replies: Callable[..., dict[str, list[str]]],
    stages: FakeStages,
    rung: str,
) -> None:
    """The pick stays what was picked, the course is what was mailed, and the record says why."""
    del courses
    then = await decided(replies() if rung == "llm" else {})
    pick, course = then.decision.pick, then.decision.course
    assert pick is not None
    assert course is not None
    assert (pick.course_id, then.decision.rungs["pick"]) == (PICKED, rung)
    assert course.id != PICKED
    assert [(each.attempt, each.rule) for each in then.decision.refusals][:1] == [("course", "mail_links")]
    pairs: list[tuple[Case, Case]] = []
    await from_record([then], stages, lambda was, now: pairs.append((was, now)))
    ((_, now),) = pairs
    assert verdict(then, now).is_same
    assert encode(EMAIL_OUTBOUND, now.mail) == encode(EMAIL_OUTBOUND, then.mail)
