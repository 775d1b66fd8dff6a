"""The job and the imagined course: from a model's reply where it is valid, else by the rules."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from schemas.company import Company
from schemas.llm import Ask, Reply
from schemas.program import Topic
from services.recommender.core.asking.prompt_data import citable, told_texts
from services.recommender.core.asking.questions import job_question
from services.recommender.core.asking.replies import job_doubt, job_told
from services.recommender.core.company.values import CompanyRead
from services.recommender.core.person import Person
from services.recommender.core.values import Prompt, Understanding


def job_asked(person: Person, prompt: Prompt, topics: Mapping[str, Topic], company: Company | None = None) -> Ask:
    """The first question, with what its answer is held against."""
    ask = job_question(person, prompt, topics, company)
    return replace(ask, doubt=partial(job_doubt, cites=citable(person), told=told_texts(person, company)))


def understanding(
    person: Person, by_rules: Understanding, reply: Reply, prompt: Prompt, read: CompanyRead | None
) -> Understanding:
    """What the reply says where it is valid, else what the rules say, each stage by itself.

    With the questions asked for it, and the company that was read for it.
    """
    company = None if read is None else read.company
    job, imagined, asked = job_told(reply, prompt, citable(person), told_texts(person, company))
    rungs = (
        {**by_rules.rungs} | ({} if job is None else {"job": "llm"}) | ({} if imagined is None else {"imagine": "llm"})
    )
    return replace(
        by_rules,
        job=job or by_rules.job,
        imagined=imagined or by_rules.imagined,
        rungs=rungs if read is None else {"company": read.company.rung, **rungs},
        asked=(asked,) if read is None else (*read.asked, asked),
        spent_s=reply.duration_s if read is None else read.spent_s + reply.duration_s,
        company=company,
    )
