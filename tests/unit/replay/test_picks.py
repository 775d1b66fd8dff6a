"""Picks of every version of the question are replayed as they were read when they came."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from schemas.replay import Case, recommendation_of
from services.console.core.comparing import verdict
from services.recommender.adapters.replay import redecided

Decided = Callable[..., Awaitable[Case]]
Replayed = Callable[[Case], Awaitable[Case]]
Replies = Callable[..., dict[str, list[str]]]


def _told(case: Case, prompt_id: str, **pick: Any) -> Case:
    """The case with another reply to the question of a pick, asked with this prompt, in its record."""

    def changed(text: str) -> str:
        value = {name: given for name, given in json.loads(text).items() if name in {"cites", "reason"}}
        return json.dumps(value | pick)

    asked = tuple(
        each.model_copy(update={"text": changed(each.text), "prompt_id": prompt_id}) if each.stage == "pick" else each
        for each in case.decision.asked
    )
    return case.model_copy(update={"decision": case.decision.model_copy(update={"asked": asked})})


async def test_a_pick_of_the_first_version_is_replayed_to_the_byte(
    decided: Decided, replies: Replies, replayed: Replayed
) -> None:
    """A record of `pick.v1` holds one course and not how it fits; it is read as it was then."""
    then = _told(await decided(replies()), "pick.v1", course_id="automation-foundations")
    now = await replayed(then)
    assert verdict(then, now).is_same
    other = _told(then, "pick.v1", course_id="clean-records")
    assert verdict(other, await replayed(other)).notes[0].startswith("pick: the record says “automation-found")


async def test_a_reply_that_calls_none_fitting_is_found_out(
    decided: Decided, replies: Replies, replayed: Replayed
) -> None:
    """The record has a pick, its reply leads to none."""
    then = await decided(replies())
    none = _told(then, "pick.v2", picks=[{"course_id": "automation-foundations", "fits": "no"}])
    said = verdict(then, await replayed(none))
    assert said.notes[0].endswith("its reply leads to “no course”")


async def test_a_course_of_the_playbooks_stays(decided: Decided, replies: Replies, replayed: Replayed) -> None:
    """Where none fits the playbook, not the reply, named it."""
    given = replies(pick={"picks": [{"course_id": "clean-records", "fits": "no"}]})
    then = await decided(given, otherwise="sender-reputation")
    assert (then.decision.rungs["pick"], then.mail is None) == ("otherwise", False)
    assert verdict(then, await replayed(then)).is_same


async def test_a_decision_anew_has_its_spares_along(
    decided: Decided, replies: Replies, recommender: Callable[..., Any]
) -> None:
    """The record holds none; what is decided now is composed as it would be now."""
    then = await decided(replies())
    now = await redecided(then, await recommender(replies()))
    assert (then.spares, recommendation_of(then).spares) == ((), ())
    assert len(now.spares) == 2
    assert recommendation_of(now).spares == now.spares
