"""What the raw replies of a record lead to, by the same pure code that read them when they came."""

from collections.abc import Mapping

from schemas.company import Company
from schemas.llm import Answer, Reply
from schemas.recommendation import Job, Pick, RecommendationRequest
from schemas.replay import Case, recommendation_of
from services.recommender.core.asking import understanding
from services.recommender.core.asking.prompt_data import citable
from services.recommender.core.asking.questions import STAGE_JOB, STAGE_PICK
from services.recommender.core.asking.replies import InvalidReply, kept, picked
from services.recommender.core.asking.rules import pick_reason, supporting
from services.recommender.core.values import Policy, Prompts, Understanding


def rederived(case: Case, replies: Mapping[str, Reply], prompts: Prompts, policy: Policy) -> Case:
    """The case with job, imagined course and pick made anew of the replies; the notes say what came out differently.

    What the lower rungs made of catalogue and index as they were is kept: a record does not hold these.

    Raises:
        NotReplayable: the trigger ended before a course was chosen.
    """
    recommendation = recommendation_of(case)
    request, decision = recommendation.request, case.decision
    understood = _understood(request, replies.get(STAGE_JOB), prompts, policy, decision.company)
    imagined = understood.imagined if understood.rungs.get("imagine") == "llm" else decision.imagined
    pick = _pick(case, request, replies.get(STAGE_PICK), policy)
    notes = [
        note
        for note in (
            _differs("job", _text(decision.job), understood.job.text),
            _pick_differs(recommendation.pick, pick),
        )
        if note
    ]
    if pick.course_id != recommendation.course.id:
        pick = recommendation.pick
    update = {"job": understood.job, "imagined": imagined, "pick": pick}
    return case.model_copy(update={"decision": decision.model_copy(update=update), "notes": (*case.notes, *notes)})


def _understood(
    request: RecommendationRequest, reply: Reply | None, prompts: Prompts, policy: Policy, company: Company | None
) -> Understanding:
    if reply is None:
        return understanding.usual(request, policy)
    return understanding.concluded(request, reply, prompts.job_imagine, policy, {}, company)


def _pick(case: Case, request: RecommendationRequest, reply: Reply | None, policy: Policy) -> Pick:
    """What the reply picks, or the rank where there is no valid one; a course tried out is the draw's, and is kept."""
    recommendation = recommendation_of(case)
    pick, course = recommendation.pick, recommendation.course
    if pick.is_exploration:
        return pick
    if isinstance(reply, Answer):
        ids = [each.course_id for each in recommendation.candidates]
        try:
            course_id, reason, cites = picked(kept(reply), ids, citable(request))
        except InvalidReply:
            pass
        else:
            return pick.model_copy(update={"course_id": course_id, "reason": reason, "cites": cites})
    reason, cites = pick_reason(request, course, policy.topics), supporting(request, course.topics)
    return pick.model_copy(update={"reason": reason, "cites": cites})


def _differs(name: str, then: str, now: str) -> str:
    return "" if then == now else f"{name}: the record says “{then}”, its reply leads to “{now}”"


def _pick_differs(then: Pick, now: Pick) -> str:
    return _differs("pick", f"{then.course_id}: {then.reason}", f"{now.course_id}: {now.reason}")


def _text(job: Job | None) -> str:
    return "" if job is None else job.text
