"""The job and the imagined course: from a model's reply where it is valid, else by the rules."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from schemas.company import Company
from schemas.course import Course
from schemas.llm import Answer, Ask, Reply
from schemas.recommendation import RecommendationRequest
from services.recommender.core.asking.prompt_data import citable, told_texts
from services.recommender.core.asking.questions import STAGE_JOB, job_question
from services.recommender.core.asking.replies import InvalidReply, asked, imagined_of, job_doubt, job_of, kept
from services.recommender.core.asking.rules import composed, job_by_rules
from services.recommender.core.company.values import CompanyRead
from services.recommender.core.values import Policy, Prompt, Understanding


def question(request: RecommendationRequest, prompt: Prompt, policy: Policy, company: Company | None = None) -> Ask:
    """The first question, with what its answer is held against."""
    ask = job_question(request, prompt, policy.topics, company)
    return replace(ask, doubt=partial(job_doubt, cites=citable(request), told=told_texts(request, company)))


def by_rules(request: RecommendationRequest, policy: Policy, courses: Mapping[str, Course]) -> Understanding:
    """What interests and conversion say, with no model asked."""
    return Understanding(
        job=job_by_rules(request, policy.topics),
        imagined=composed(request, policy.topics, courses),
        rungs={"job": "rules", "imagine": "composed"},
    )


def usual(request: RecommendationRequest, policy: Policy) -> Understanding:
    """What the arm `usual` goes by: the same job, and no course imagined."""
    return Understanding(job=job_by_rules(request, policy.topics), imagined=None, rungs={"job": "rules"})


def concluded(  # noqa: PLR0913, PLR0917 all that is known
    request: RecommendationRequest,
    reply: Reply,
    prompt: Prompt,
    policy: Policy,
    courses: Mapping[str, Course],
    company: Company | None = None,
) -> Understanding:
    """What the reply says where it is valid, else what the rules say, each stage by itself; the reply is recorded."""
    understood, invalid = by_rules(request, policy, courses), []
    if isinstance(reply, Answer):
        cites = citable(request)
        try:
            job = job_of(kept(reply), cites, told_texts(request, company))
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
