"""The job and the imagined course: from a model's reply where it is valid, else by the rules."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from schemas.company import Company
from schemas.course import Course
from schemas.llm import Answer, Ask, Reply
from services.recommender.core.asking.prompt_data import citable, told_texts
from services.recommender.core.asking.questions import STAGE_JOB, job_question
from services.recommender.core.asking.replies import InvalidReply, asked, imagined_of, job_doubt, job_of, kept
from services.recommender.core.asking.rules import composed, job_by_rules
from services.recommender.core.company.values import CompanyRead
from services.recommender.core.person import Person
from services.recommender.core.values import Policy, Prompt, Understanding


def question(person: Person, prompt: Prompt, policy: Policy, company: Company | None = None) -> Ask:
    """The first question, with what its answer is held against."""
    ask = job_question(person, prompt, policy.topics, company)
    return replace(ask, doubt=partial(job_doubt, cites=citable(person), told=told_texts(person, company)))


def by_rules(person: Person, courses: Mapping[str, Course]) -> Understanding:
    """What interests and conversion say, with no model asked."""
    return Understanding(
        job=job_by_rules(person),
        imagined=composed(person, courses),
        rungs={"job": "rules", "imagine": "composed"},
    )


def usual(person: Person) -> Understanding:
    """What the arm `usual` goes by: the same job, and no course imagined."""
    return Understanding(job=job_by_rules(person), imagined=None, rungs={"job": "rules"})


def concluded(
    person: Person,
    reply: Reply,
    prompt: Prompt,
    courses: Mapping[str, Course],
    company: Company | None = None,
) -> Understanding:
    """What the reply says where it is valid, else what the rules say, each stage by itself; the reply is recorded."""
    understood, invalid = by_rules(person, courses), []
    if isinstance(reply, Answer):
        cites = citable(person)
        try:
            job = job_of(kept(reply), cites, told_texts(person, company))
            understood = replace(understood, job=job, rungs={**understood.rungs, "job": "llm"})
        except InvalidReply as error:
            invalid.append(error)
        try:
            imagined = imagined_of(kept(reply), cites)
            understood = replace(understood, imagined=imagined, rungs={**understood.rungs, "imagine": "llm"})
        except InvalidReply as error:
            invalid.append(error)
    return replace(understood, asked=(asked(STAGE_JOB, prompt, reply, invalid),), spent_s=reply.duration_s)


def knowing(understood: Understanding, read: CompanyRead | None) -> Understanding:
    """The same with the company that was read for it, the rung that knew it, and the time it took."""
    if read is None:
        return understood
    return replace(
        understood,
        company=read.company,
        rungs={"company": read.company.rung, **understood.rungs},
        asked=(*read.asked, *understood.asked),
        spent_s=read.spent_s + understood.spent_s,
    )
