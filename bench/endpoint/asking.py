"""Each stage's question for one lead, asked of a model and judged as the product judges it: one call a stage."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bench.golden.leads import Lead, replies_of, request_of
from bench.golden.world import decided
from bench.lexicons import shipped_lexicons
from bench.requests import NOW
from schemas.llm import Answer, Ask, Fault, NoAnswer, Reply
from schemas.program import Program
from schemas.recommendation import Asked, RecommendationRequest
from schemas.topics import RECOMMENDATION_REQUESTS
from services.composer.adapters.prompt_file import read_prompt
from services.composer.adapters.words_file import read_locales
from services.composer.core.brief import brief_of
from services.composer.core.dialogue import dialogue
from services.composer.core.offer import offer_of
from services.composer.core.reader import STAGE as STAGE_READER
from services.composer.core.reader import Material, Unread, findings_of, reading_question
from services.composer.core.template import template_copy
from services.composer.core.values import Brief, Prompt
from services.recommender.core.asking.questions import STAGE_JOB, STAGE_PICK
from services.recommender.core.company.extracting import STAGE as STAGE_COMPANY
from services.recommender.core.company.extracting import company_question, concluded
from services.recommender.core.company.values import Page, Site
from services.recommender.pipeline import recommend
from services.recommender.ports import Model
from services.recommender.world import World
from services.runtime.llm_scripted import Scripted
from services.runtime.outcome import Emit, Message

STAGE_COPY = "copy"
STAGES = (STAGE_COMPANY, STAGE_JOB, STAGE_PICK, STAGE_COPY, STAGE_READER)
COPY_PROMPT, READER_PROMPT = "copy.v2", "reader.v1"
NEVER_ASKED = "never asked: no course was found"


@dataclass(frozen=True, slots=True)
class Told:
    """What a stage's question came to; `why` it is no answer the product can use, empty where it is one."""

    stage: str
    reply: Reply
    why: str


@dataclass(slots=True)
class Patient:
    """A model asked with more patience than a decision has, so that what would miss its deadline is measured."""

    model: Model
    within_s: float
    replies: dict[str, Reply] = field(default_factory=dict)

    async def ask(self, ask: Ask, *, within_s: float) -> Reply:  # noqa: ARG002 its own patience
        """The reply, which is kept by stage."""
        reply = self.replies[ask.stage] = await self.model.ask(ask, within_s=self.within_s)
        return reply


async def told_of(lead: Lead, world: World, program: Program, model: Model, within_s: float) -> Sequence[Told]:
    """Company, job with imagined course, pick, copy, second reading."""
    patient = Patient(model, within_s)
    company = await _company(lead, world, patient)
    job, pick = await _recommended(lead, world, program, patient)
    # What is recommended where job and pick answer by script: the same questions, whichever model is asked.
    event = await decided(lead, world, program, Scripted(replies_of(lead)))
    prompt = read_prompt(COPY_PROMPT)
    brief = brief_of(offer_of(event, program, prompt, shipped_lexicons(), read_locales(program)), program)
    return company, job, pick, await _copy(brief, prompt, patient), await _reading(brief, patient)


async def _company(lead: Lead, world: World, model: Patient) -> Told:
    """Of a page that says what the golden set knows of the lead's business."""
    page = Page(
        f"{lead.company}. We are a team of {lead.size} in {lead.industry}, and have been for eleven years. "
        f"What we offer: {lead.industry}. Who comes to us: customers from near and far. Contact. Imprint. Privacy."
    )
    prompt, site = world.prompts.company, Site(f"{lead.id}.example", "https", "address")
    reply = await model.ask(company_question(page, prompt), within_s=0)
    company, asked = concluded(site, page, reply, prompt, NOW)
    nothing = "" if company.facts else "nothing of the page was quoted"
    return Told(STAGE_COMPANY, reply, _why(asked) or nothing)


async def _recommended(lead: Lead, world: World, program: Program, model: Patient) -> tuple[Told, Told]:
    request = RecommendationRequest.model_validate(request_of(lead, program).model_copy(update={"arm": "treatment"}))
    message = Message(RECOMMENDATION_REQUESTS, 0, 0, request.person.encode(), request, 0)
    outcome = await recommend(message, replace(world, model=model))
    events = [each.event for each in outcome.records] if isinstance(outcome, Emit) else []
    asked: dict[str, Asked] = {each.stage: each for event in events for each in getattr(event, "asked", ())}
    job, pick = (_told(stage, asked.get(stage), model) for stage in (STAGE_JOB, STAGE_PICK))
    return job, pick


async def _copy(brief: Brief, prompt: Prompt, model: Patient) -> Told:
    talk = dialogue(brief, prompt)
    reply = await model.ask(next(talk), within_s=0)
    try:
        talk.send(reply)
        talk.send(NoAnswer(Fault.OFF, "asked once"))
    except StopIteration as end:
        refused = "; ".join(f"{each.rule}: {each.detail}" for each in end.value.refusals)
        return Told(STAGE_COPY, reply, _fault(reply) or refused)
    raise AssertionError("the dialogue asks twice at most")


async def _reading(brief: Brief, model: Patient) -> Told:
    """Of the template's words; whether the reader is right about a line is for `gate --reader` to measure."""
    lines = template_copy(brief).lines
    material = Material(lines, brief.facts, brief.language, brief.brand)
    reply = await model.ask(reading_question(material, read_prompt(READER_PROMPT)), within_s=0)
    found = findings_of(reply, lines)
    return Told(STAGE_READER, reply, found.why if isinstance(found, Unread) else "")


def _told(stage: str, asked: Asked | None, model: Patient) -> Told:
    reply = model.replies.get(stage, NoAnswer(Fault.OFF, NEVER_ASKED))
    return Told(stage, reply, NEVER_ASKED if asked is None else _why(asked))


def _why(asked: Asked) -> str:
    return "" if asked.outcome == "answer" else f"{asked.outcome}: {asked.detail}"


def _fault(reply: Reply) -> str:
    return "" if isinstance(reply, Answer) else f"{reply.fault}: {reply.detail}"
