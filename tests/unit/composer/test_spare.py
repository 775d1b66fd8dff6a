"""The picked course where it can be mailed, else the next that fits."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bench.lexicons import shipped_lexicons
from schemas.course import Course
from schemas.decision import Decision
from schemas.email import OutboundEmail
from schemas.program import Program
from schemas.recommendation import Recommendation
from schemas.replay import Case
from services.composer.adapters.recomposing import recomposed
from services.composer.core.locale import Locales
from services.composer.core.offer import mailable
from services.composer.core.values import Prompt
from services.composer.pipeline import World, compose
from services.runtime.outcome import Emit, Message

FOREIGN = {"course.url": "https://evil.example/x"}
Rec = Callable[..., Recommendation]
Ended = Callable[..., Awaitable[Any]]


@pytest.fixture
def ended(recommendation: Rec, world: Callable[..., World], message: Callable[[Recommendation], Message]) -> Ended:
    """The decision, and the mail if there is one, of a recommendation with these changes and further courses."""

    async def run(changes: dict[str, Any], **courses: tuple[Course, ...]) -> tuple[Decision, OutboundEmail | None]:
        event = recommendation(changes).model_copy(update=courses)
        outcome = await compose(message(event), world())
        assert isinstance(outcome, Emit)
        events = [send.event for send in outcome.records]
        (decision,) = (each for each in events if isinstance(each, Decision))
        return decision, next((each for each in events if isinstance(each, OutboundEmail)), None)

    return run


@pytest.mark.parametrize(
    ("changes", "rule"), [(FOREIGN, "mail_links"), ({"course.title": "Visit https://evil.example"}, "link")]
)
async def test_a_course_that_no_mail_can_be_about_gives_way(
    ended: Ended, also: Callable[..., tuple[Course, ...]], changes: dict[str, Any], rule: str
) -> None:
    """Its address, or its title: the next that fits is mailed, and the record says which was dropped and why."""
    spares = also()
    decision, mail = await ended(changes, spares=spares)
    assert mail is not None
    assert (decision.ending, decision.course.id, mail.course.id) == ("sent", spares[0].id, spares[0].id)
    assert decision.pick.course_id != spares[0].id
    (refusal,) = decision.refusals
    assert (refusal.attempt, refusal.rule) == ("course", rule)
    assert refusal.detail.startswith(("email-automation-foundations: ", decision.pick.course_id))


async def test_a_course_that_is_mailed_is_not_listed_as_well(
    ended: Ended, also: Callable[..., tuple[Course, ...]]
) -> None:
    """In a mail of three the second becomes the first, and the third stays."""
    second, third = also()
    decision, mail = await ended(FOREIGN, also=(second, third))
    assert mail is not None
    assert (mail.course.id, [each.id for each in mail.also]) == (second.id, [third.id])
    assert (decision.course.id, decision.also) == (second.id, (third,))


async def test_spares_are_tried_in_their_order(ended: Ended, also: Callable[..., tuple[Course, ...]]) -> None:
    """The first of them may be no better; both are told."""
    bad, good = also({"id": "bad", "url": "https://evil.example/y"}, {"id": "good"})
    decision, mail = await ended(FOREIGN, spares=(bad, good))
    assert mail is not None
    assert mail.course.id == "good"
    assert [each.rule for each in decision.refusals] == ["mail_links", "mail_links"]
    assert decision.refusals[1].detail == "bad: https://evil.example/y"


async def test_where_none_can_be_mailed_the_gate_ends_it(ended: Ended, also: Callable[..., tuple[Course, ...]]) -> None:
    """No link of theirs may be mailed; nobody is asked for words, and the record says why of each."""
    (bad,) = also({"id": "bad", "url": "https://evil.example/y"})
    decision, mail = await ended(FOREIGN, spares=(bad,))
    alone, _ = await ended(FOREIGN)
    assert (decision.ending, decision.reason, decision.rungs["copy"], mail) == ("refused", "gate", "none", None)
    assert [each.rule for each in decision.refusals] == ["mail_links", "mail_links"]
    assert (alone.ending, alone.reason, len(alone.refusals)) == ("refused", "gate", 1)


async def test_a_course_that_cannot_be_named_goes_under_generic_words(
    ended: Ended, also: Callable[..., tuple[Course, ...]]
) -> None:
    """Where no other can be mailed; the link is still its own."""
    (bad,) = also({"id": "bad", "url": "https://evil.example/y"})
    decision, mail = await ended({"course.title": "Visit https://evil.example"}, spares=(bad,))
    assert mail is not None
    assert (decision.ending, mail.course.id, mail.course.title) == ("sent", decision.course.id, "A course of ours")
    assert "evil" not in mail.html + mail.text + mail.subject
    assert [each.rule for each in decision.refusals] == ["link", "mail_links"]


def test_a_course_that_can_be_mailed_is_left_as_it_is(
    recommendation: Rec, program: Program, prompt: Prompt, locales: Locales, also: Callable[..., tuple[Course, ...]]
) -> None:
    """Spares are not even named."""
    event = recommendation().model_copy(update={"spares": also()})
    offer, dropped = mailable(event, program, prompt, shipped_lexicons(), locales)
    assert offer is not None
    assert (offer.recommendation, dropped) == (event, ())


async def test_a_course_that_gave_way_is_in_the_replayed_record_too(
    ended: Ended, also: Callable[..., tuple[Course, ...]], world: Callable[..., World]
) -> None:
    """The record holds the course that was mailed; why the other was not is kept."""
    decision, mail = await ended(FOREIGN, spares=also())
    case = Case(decision=decision, mail=mail)
    again = await recomposed(case, world(), world().model)
    assert again.decision.refusals == decision.refusals
    assert again.mail is not None
    assert mail is not None
    assert again.mail.html == mail.html
