"""What the raw replies of a record lead to, by the same pure code that read them when they came."""

from collections.abc import Mapping

from schemas.company import Company
from schemas.llm import Answer, Reply
from schemas.recommendation import Job, Pick
from schemas.replay import Case, recommendation_of
from services.recommender.core.asking.prompt_data import citable
from services.recommender.core.asking.questions import STAGE_JOB, STAGE_PICK
from services.recommender.core.asking.replies import InvalidReply, kept, pick_v1_of, picks_of
from services.recommender.core.asking.rules import OTHERWISE, pick_of, understood_by_rules
from services.recommender.core.asking.understanding import understanding
from services.recommender.core.company.values import CompanyRead
from services.recommender.core.person import Person, person_of
from services.recommender.core.values import Picks, Policy, Prompts, Selected, Understanding

FIRST_PICK = "pick.v1"  # the prompt that asked for one course, and not how it fits


def rederived(case: Case, replies: Mapping[str, Reply], prompts: Prompts, policy: Policy) -> Case:
    """The case with job, imagined course and pick made anew of the replies; the notes say what came out differently.

    What the lower rungs made of catalogue and index as they were is kept: a record does not hold these.

    Raises:
        NotReplayable: the trigger ended before a course was chosen.
    """
    recommendation = recommendation_of(case)
    person, decision = person_of(recommendation.request, policy.topics, safety=policy.safety), case.decision
    understood = _understood(person, replies.get(STAGE_JOB), prompts, decision.company)
    imagined = understood.imagined if understood.rungs.get("imagine") == "llm" else decision.imagined
    pick = _pick(case, person, replies.get(STAGE_PICK), policy)
    notes = [
        note
        for note in (
            _differs("job", _text(decision.job), understood.job.text),
            _pick_differs(recommendation.pick, pick),
        )
        if note
    ]
    if pick is None or pick.course_id != recommendation.pick.course_id:
        pick = recommendation.pick
    update = {"job": understood.job, "imagined": imagined, "pick": pick}
    return case.model_copy(update={"decision": decision.model_copy(update=update), "notes": (*case.notes, *notes)})


def _understood(person: Person, reply: Reply | None, prompts: Prompts, company: Company | None) -> Understanding:
    by_rules = understood_by_rules(person, {})
    if reply is None:
        return by_rules
    read = None if company is None else CompanyRead(company)
    return understanding(person, by_rules, reply, prompts.job_imagine, read)


def _pick(case: Case, person: Person, reply: Reply | None, policy: Policy) -> Pick | None:
    """What the reply picks, or the rank where there is no valid one; None where the reply calls none fitting.

    A course tried out is the draw's, one that goes where none fits is the playbook's: they are kept. So is a pick that
    could not be mailed: the record holds another course in its place.
    """
    recommendation = recommendation_of(case)
    pick, course = recommendation.pick, recommendation.course
    if pick.is_exploration or recommendation.rungs.get("pick") == OTHERWISE:
        return pick
    picks = _picks(case, person, reply)
    if picks is not None and pick.course_id not in picks.fitting[:1]:
        course_id = next(iter(picks.fitting), None)
        said = {"course_id": course_id, "reason": picks.reason, "cites": picks.cites}
        return None if course_id is None else pick.model_copy(update=said)
    if course.id != pick.course_id:
        return pick
    derived = pick_of(
        person, Selected(course, course.id, recommendation.rungs.get("pick", ""), picks=picks), policy.topics
    )
    return derived.model_copy(update={"propensity": pick.propensity})


def _picks(case: Case, person: Person, reply: Reply | None) -> Picks | None:
    """What the reply says by the reading of its own prompt; None where there is none, or no valid one."""
    if not isinstance(reply, Answer):
        return None
    ids = [each.course_id for each in case.decision.candidates]
    prompts = {each.prompt_id for each in case.decision.asked if each.stage == STAGE_PICK}
    reading = pick_v1_of if FIRST_PICK in prompts else picks_of
    try:
        return reading(kept(reply), ids, citable(person))
    except InvalidReply:
        return None


def _differs(name: str, then: str, now: str) -> str:
    return "" if then == now else f"{name}: the record says “{then}”, its reply leads to “{now}”"


def _pick_differs(then: Pick, now: Pick | None) -> str:
    said = "no course" if now is None else f"{now.course_id}: {now.reason}"
    return _differs("pick", f"{then.course_id}: {then.reason}", said)


def _text(job: Job | None) -> str:
    return "" if job is None else job.text
