"""A decision made with scripted replies is replayed to the byte without a model, and compared when decided anew."""

import json
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from schemas.codec import encode
from schemas.decision import Decision
from schemas.recommendation import Asked, Recipient
from schemas.replay import Case, NotReplayable, recommendation_of, request_of
from schemas.topics import EMAIL_OUTBOUND
from services.composer.adapters.recomposing import NO_MAIL, OTHER_PROGRAM, recomposed
from services.console.adapters.fake_stages import FakeStages
from services.console.core.comparing import Change, change, summary, verdict
from services.console.core.pricing import Price
from services.console.pipeline import decided_anew
from services.recommender.adapters.replay import redecided
from services.recommender.core.retrieval.series import Series
from services.runtime.llm_recorded import recorded
from services.runtime.llm_scripted import Scripted

ROOT = Path(__file__).parents[3]
Build = Callable[..., Any]
Decided = Callable[..., Awaitable[Case]]
Replayed = Callable[[Case], Awaitable[Case]]
Replies = Callable[..., dict[str, list[str]]]


class NoCourses:
    """A catalogue without courses."""

    courses: dict[str, Any] = {}
    mean = None
    topic_means: dict[str, Any] = {}
    version = "0"
    series = Series()


def _told(case: Case, stage: str, **changes: Any) -> Case:
    """The case with another reply of one stage in its record."""
    asked = tuple(
        each.model_copy(update={"text": json.dumps({**json.loads(each.text), **changes})})
        if each.stage == stage
        else each
        for each in case.decision.asked
    )
    return case.model_copy(update={"decision": case.decision.model_copy(update={"asked": asked})})


async def test_a_decision_by_the_model_is_replayed_to_the_byte(
    decided: Decided, replies: Replies, replayed: Replayed
) -> None:
    """Mail, and every field of the record that led to it; no model is asked."""
    then = await decided(replies())
    assert then.mail is not None
    assert {name: then.decision.rungs[name] for name in ("job", "imagine", "pick", "copy")} == dict.fromkeys(
        ("job", "imagine", "pick", "copy"), "llm"
    )
    now = await replayed(then)
    assert encode(EMAIL_OUTBOUND, now.mail) == encode(EMAIL_OUTBOUND, then.mail)
    assert now.decision == then.decision
    said = verdict(then, now)
    assert (said.is_same, said.differs, said.notes) == (True, (), ())
    assert [*said.lines()] == [f"{then.decision.decision_id}  the same, byte for byte"]


async def test_a_mail_of_three_courses_is_replayed_to_the_byte(
    decided: Decided, replies: Replies, replayed: Replayed
) -> None:
    """The further courses are in the record, and in the mail again; without them it is another mail."""
    then = await decided(replies(), shown=3)
    assert then.mail is not None
    assert [each.id for each in then.mail.also] == [each.id for each in then.decision.also]
    assert len(then.mail.also) == 2
    now = await replayed(then)
    assert encode(EMAIL_OUTBOUND, now.mail) == encode(EMAIL_OUTBOUND, then.mail)
    assert verdict(then, now).is_same
    alone = then.model_copy(update={"decision": then.decision.model_copy(update={"also": ()})})
    assert {"also", "html", "text", "content_hash", "signature"} == set(
        verdict(then, await replayed(alone)).differs
    ) - {"decision.also"}


async def test_a_decision_anew_may_show_other_courses(decided: Decided, replies: Replies, recommender: Build) -> None:
    """As many as the playbook wants now."""
    then = await decided(replies(), shown=3)
    now = await redecided(then, await recommender(replies()))
    assert (len(then.decision.also), now.decision.also) == (2, ())


@pytest.mark.parametrize(
    "broken",
    [
        {
            "job": {"job": "No"},
            "pick": {"picks": [{"course_id": "none", "fits": "yes"}]},
            "copy": {"subject": "Only 90% off, visit https://x.example"},
        },
        {"copy": {"sentences": [{"text": "x" * 9_000, "cites": ["s1"]}]}},
        {"job": {"description": "x" * 5_000}, "pick": {"reason": "<b>"}},
    ],
)
async def test_a_decision_by_the_lower_rungs_is_replayed_to_the_byte(
    decided: Decided, replies: Replies, replayed: Replayed, broken: dict[str, Any]
) -> None:
    """Replies that were refused are refused again, those too long for the record too."""
    then = await decided(replies(**broken))
    assert then.mail is not None
    now = await replayed(then)
    assert encode(EMAIL_OUTBOUND, now.mail) == encode(EMAIL_OUTBOUND, then.mail)
    assert verdict(then, now).notes == ()


@pytest.mark.parametrize("arm", ["treatment", "usual"])
async def test_a_decision_without_a_model_is_replayed_to_the_byte(
    decided: Decided, replayed: Replayed, arm: str
) -> None:
    """There is no reply in the record, and none is needed."""
    then = await decided({}, arm=arm)
    now = await replayed(then)
    assert verdict(then, now).is_same
    assert now.mail == then.mail is not None


async def test_a_record_that_was_changed_is_found_out(decided: Decided, replies: Replies, replayed: Replayed) -> None:
    """Another reply leads to another job, pick or mail; each is named."""
    then = await decided(replies())
    job = verdict(then, await replayed(_told(then, "job+imagine", job="Write to customers who went quiet again.")))
    assert not job.is_same
    assert job.notes[0].startswith("job: the record says “Set up the first")
    pick = verdict(then, await replayed(_told(then, "pick", picks=[{"course_id": "clean-records", "fits": "yes"}])))
    assert pick.notes[0].startswith("pick: the record says “automation-foundations: It builds")
    copy = verdict(then, await replayed(_told(then, "copy", subject="Another subject for the same mail")))
    assert {"subject", "html", "content_hash", "signature"} <= set(copy.differs)
    assert next(copy.lines()).startswith(f"{then.decision.decision_id}  differs in subject, html")


async def test_a_course_that_was_tried_out_stays(decided: Decided, replies: Replies, replayed: Replayed) -> None:
    """The draw, not the reply, took it."""
    then = await decided(replies())
    pick = then.decision.pick
    assert pick is not None
    tried = pick.model_copy(update={"is_exploration": True, "reason": "To learn."})
    then = then.model_copy(update={"decision": then.decision.model_copy(update={"pick": tried})})
    assert (await replayed(then)).decision.pick == tried


async def test_a_gone_mail_is_written_to_a_placeholder(decided: Decided, replies: Replies, replayed: Replayed) -> None:
    """The record has no address: said, and never called the same."""
    then = await decided(replies())
    now = await replayed(then.model_copy(update={"mail": None}))
    assert now.mail is not None
    assert then.mail is not None
    assert (now.mail.to.address, now.mail.subject) == ("reader@replay.invalid", then.mail.subject)
    said = verdict(then.model_copy(update={"mail": None}), now)
    assert (said.is_same, said.differs, said.notes) == (False, ("address",), (NO_MAIL,))


async def test_another_program_is_said(decided: Decided, replies: Replies, replayed: Replayed) -> None:
    """The words may come out otherwise; the reader knows why."""
    then = await decided(replies())
    then = then.model_copy(update={"decision": then.decision.model_copy(update={"program": "other"})})
    assert OTHER_PROGRAM in (await replayed(then)).notes


async def test_a_refused_mail_is_refused_again(decided: Decided, replayed: Replayed) -> None:
    """That there is no mail is replayed too; where only one has a mail, that is the difference."""
    then = await decided({})
    refused = await decided({}, recipient=Recipient(address="no address", address_key="0"))
    assert (refused.decision.reason, refused.mail) == ("render", None)
    now = await replayed(then)
    assert verdict(then, now.model_copy(update={"mail": None})).differs == ("mail",)
    assert verdict(refused, refused).is_same


async def test_what_ended_before_a_course_cannot_be_replayed(decided: Decided) -> None:
    """Said in a sentence; older records that lack consent as well."""
    ended = await decided({}, arm="holdout")
    with pytest.raises(NotReplayable, match=r"no course was chosen: the trigger ended as held_out \(holdout\)"):
        recommendation_of(ended)
    old = ended.model_copy(update={"decision": ended.decision.model_copy(update={"consent": None})})
    with pytest.raises(NotReplayable, match="before consent and times were kept"):
        request_of(old)
    skipped = ended.model_copy(update={"skipped": "why"})
    assert verdict(ended, skipped).notes == ("why",)
    assert change(ended, skipped, {}).notes == ("why",)


async def test_another_model_is_compared(
    decided: Decided, replies: Replies, recommender: Build, composer: Build
) -> None:
    """Choice, gate, tokens and cost of then and now, and the sums of all."""
    then = await decided(replies())
    other = replies(
        pick={
            "picks": [{"course_id": "clean-records", "fits": "yes"}],
            "reason": "It puts the records in order first.",
        },
        copy={"subject": "Visit https://evil.example now for it"},
        job={"job": "Put the customer records of the team in order first."},
    )
    world, writer = await recommender(other), composer(other)
    stages = FakeStages(
        {
            "recommender": partial(redecided, world=world),
            "composer": partial(recomposed, world=writer, model=Scripted(other)),
        }
    )
    changes: list[Change] = []
    price = {"*": Price(1.0, 2.0)}
    await decided_anew([then], ("--model", "other"), stages, lambda then, now: changes.append(change(then, now, price)))
    assert stages.asked == [(("recommender", "composer"), ("--anew", "--model", "other"))]
    (changed,) = changes
    lines = [*changed.lines()]
    assert lines[0].endswith("another course")
    assert "  course  automation-foundations -> clean-records" in lines
    assert any(each.startswith("  job     Set up") for each in lines)
    assert any("copy llm" in each and "-> copy template" in each for each in lines)
    assert any(
        each.startswith("  gate    sent (composed), refused nothing -> sent (composed), refused") for each in lines
    )
    told = summary([changed])
    assert (told["decisions"], told["same_course"], told["copy_by_llm_then"], told["copy_by_llm_now"]) == (1, 0, 1, 0)
    assert told["cost_now"] == 0.0
    assert isinstance(told["refusals_now"], int)
    assert told["refusals_now"] > 0


async def test_the_same_model_changes_nothing(
    decided: Decided, replies: Replies, recommender: Build, composer: Build
) -> None:
    """Decided anew at the instant of then, with the same replies, all is as it was."""
    then = await decided(replies())
    case = await redecided(then, await recommender(replies()))
    now = await recomposed(case, composer({}), Scripted(replies()))
    assert now.mail == then.mail
    same = [*change(then, now, {}).lines()]
    assert same[0].endswith("same course")
    assert not any(each.startswith("  job ") for each in same)
    ended = await redecided(
        then, await recommender(replies(), index=(await recommender({})).index, catalogue=NoCourses())
    )
    assert (ended.decision.ending, ended.decision.course) == ("refused", None)


def test_unknown_faults_of_a_record_are_no_answer() -> None:
    """A record newer than the code still replays."""
    asked = Asked(stage="copy", prompt_id="copy.v1", outcome="moon_phase")
    assert recorded(asked).duration_s == 0.0
    assert type(recorded(asked)).__name__ == "NoAnswer"


def test_decision_survives_the_line() -> None:
    """A case is one line of JSON."""
    example = Decision.model_validate_json((ROOT / "schemas/examples/decisions/pinned.json").read_bytes())
    case = Case(decision=example)
    assert Case.model_validate_json(case.model_dump_json(by_alias=True)) == case
