"""Of the candidates: those the model calls fitting where its reply is valid, else the first; then what is tried out."""

from dataclasses import replace
from functools import partial

from schemas.llm import Ask, Reply
from schemas.recommendation import Job
from services.recommender.core.asking.prompt_data import citable
from services.recommender.core.asking.questions import pick_question, safe_job
from services.recommender.core.asking.replies import pick_doubt, picks_told
from services.recommender.core.choice.exploration import Tries, choice_of
from services.recommender.core.person import Person
from services.recommender.core.values import NoneFits, Policy, Prompt, Selected, Shortlist


def pick_asked(person: Person, job: Job, found: Shortlist, prompt: Prompt, policy: Policy) -> Ask:
    """The second question, with what its answer is held against."""
    courses = tuple(found.courses.values())
    told = safe_job(job, person, courses, policy.safety)
    ask = pick_question(person, prompt, policy.topics, told, courses)
    return replace(ask, doubt=partial(pick_doubt, ids=tuple(found.courses), cites=citable(person)))


def select_first(found: Shortlist, rung: str) -> Selected:
    """The first candidate, always: what the arm `usual` gets."""
    course = found.courses[found.candidates[0].course_id]
    return Selected(course, course.id, rung)


def select(  # noqa: PLR0913, PLR0917 all that is known
    person: Person, found: Shortlist, reply: Reply, prompt: Prompt, policy: Policy, tries: Tries
) -> Selected | NoneFits:
    """What the reply calls fitting; by rank where it is no valid one, and then nothing is tried out."""
    picks, asked = picks_told(reply, prompt, tuple(found.courses), citable(person))
    if picks is None:
        return Selected(found.courses[found.base], found.base, "posterior", asked=(asked,))
    if not picks.fitting:
        return NoneFits((asked,), "llm", unfit=frozenset(found.courses))
    choice = choice_of(picks, found.courses, tuple(person.topics), policy.topics, tries)
    return Selected(
        course=found.courses[choice.course_id],
        base=picks.fitting[0],
        rung="llm",
        beside=tuple(found.courses[each] for each in picks.fitting if each != choice.course_id),
        unfit=picks.unfit,
        asked=(asked,),
        picks=picks,
        propensity=choice.propensity,
        is_exploration=choice.is_exploration,
    )
