"""The job and the imagined course: from a model's reply where it is valid, else by the rules."""

from collections.abc import Mapping
from dataclasses import replace

from schemas.course import Course
from schemas.llm import Answer, Reply
from schemas.recommendation import RecommendationRequest
from services.recommender.core.evidence import citable, told_texts
from services.recommender.core.questions import STAGE_JOB
from services.recommender.core.replies import InvalidReply, asked, imagined_of, job_of
from services.recommender.core.rules import composed, job_by_rules
from services.recommender.core.values import Policy, Prompt, Understanding


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


def concluded(
    request: RecommendationRequest, reply: Reply, prompt: Prompt, policy: Policy, courses: Mapping[str, Course]
) -> Understanding:
    """What the reply says where it is valid, else what the rules say, each stage by itself; the reply is recorded."""
    understood, invalid = by_rules(request, policy, courses), []
    if isinstance(reply, Answer):
        cites = citable(request)
        try:
            job = job_of(reply.value, cites, told_texts(request))
            understood = replace(understood, job=job, rungs={**understood.rungs, "job": "llm"})
        except InvalidReply as error:
            invalid.append(error)
        try:
            imagined = imagined_of(reply.value, cites)
            understood = replace(understood, imagined=imagined, rungs={**understood.rungs, "imagine": "llm"})
        except InvalidReply as error:
            invalid.append(error)
    return replace(understood, asked=(asked(STAGE_JOB, prompt, reply, invalid),), spent_s=reply.duration_s)
