"""The questions of one lead, ours and the naive chain's, with the answers both get: the same words to both."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.golden.leads import Lead, replies_of, request_of
from bench.golden.two_calls import TwoCalls
from bench.golden.world import decided
from bench.lexicons import shipped_lexicons
from schemas.llm import Ask
from schemas.program import Program
from schemas.reading import SUPPORTED
from schemas.recommendation import Recommendation
from services.composer.adapters.words_file import read_locales
from services.composer.core.asking import question
from services.composer.core.brief import brief_of
from services.composer.core.offer import offer_of
from services.composer.core.reader import Material, reading_question
from services.composer.core.template import template_copy
from services.composer.core.values import Copy, Prompt
from services.recommender.core.asking.questions import STAGE_JOB, STAGE_PICK
from services.recommender.world import World
from services.runtime.llm_scripted import Scripted

PROMPTS = Path(__file__).with_name("prompts")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and its answer."""

    ask: Ask
    reply: str


@dataclass(frozen=True, slots=True)
class Chains:
    """One lead's exchanges by chain: ours, ours with job and imagined course apart, the naive one; then the mail's.

    `excerpts` is the naive chain with its candidates told as ours are, so nothing is gained by telling less. `mail` is
    our copy and its second reading, `naive_mail` both as the naive chain asks them: told all there is so far.
    """

    ours: tuple[Exchange, ...]
    apart: tuple[Exchange, ...]
    naive: tuple[Exchange, ...]
    excerpts: tuple[Exchange, ...]
    mail: tuple[Exchange, ...]
    naive_mail: tuple[Exchange, ...]


async def chains_of(lead: Lead, world: World, program: Program, prompts: Sequence[Prompt]) -> Chains:
    """What is asked about this lead, and answered; `prompts` are those of copy and reader."""
    first = replies_of(lead)[STAGE_JOB][0]
    model = Scripted({STAGE_JOB: [first]})
    event = await decided(lead, world, program, model)
    pick, naive_pick = _picked(lead, event)
    job, imagined = _halves(first)
    two = TwoCalls(Scripted({"job": [job], "imagine": [imagined]}))
    await decided(lead, world, program, two)
    replies = {"job": job, "imagine": imagined, "pick": naive_pick}
    pick_ask = next(each for each in model.asked if each.stage == STAGE_PICK)
    naive, mail = _naive(lead, program, _whole(event, world), replies), _mail(event, program, *prompts)
    return Chains(
        ours=tuple(Exchange(each, {STAGE_JOB: first, STAGE_PICK: pick}[each.stage]) for each in model.asked),
        apart=tuple(
            Exchange(each, {"job": job, "imagine": imagined, STAGE_PICK: pick}[each.stage]) for each in two.asked
        ),
        naive=naive,
        excerpts=_naive(lead, program, json.loads(pick_ask.user)["candidates"], replies),
        mail=mail,
        naive_mail=_naive_mail(naive, mail),
    )


def _whole(event: Recommendation, world: World) -> list[dict[str, object]]:
    """The candidates as the catalogue has them, but for what no pick needs: addresses, prices, dates, takeaways."""
    fields = {"id", "title", "description", "skills", "level"}
    courses = [world.catalogue.courses[each.course_id] for each in event.candidates]
    return [each.model_dump(mode="json", include=fields) for each in courses]


def _naive(
    lead: Lead, program: Program, candidates: Sequence[object], replies: Mapping[str, str]
) -> tuple[Exchange, ...]:
    """Company, job, imagined course, pick: each is given the whole profile, and all that was answered before."""
    request = request_of(lead, program)
    profile = request.model_dump(mode="json", include={"language", "trigger", "snapshot"})
    told: dict[str, object] = {"profile": profile}
    company = {"industry": lead.industry, "size": lead.size, "products": [lead.industry], "audience": lead.model.title}
    answers = {"company": json.dumps({"name": lead.company, **company}, ensure_ascii=False), **replies}
    exchanges = []
    for stage, reply in answers.items():
        if stage == "pick":
            told["candidates"] = candidates
        exchanges.append(Exchange(_ask(stage, told, reply), reply))
        told = {**told, stage: json.loads(reply)}
    return tuple(exchanges)


def _ask(stage: str, told: Mapping[str, object], reply: str) -> Ask:
    """A question with a plain schema: the answer's fields by name and type."""
    kinds = {str: "string", int: "integer", float: "number", list: "array"}
    properties = {name: {"type": kinds[type(value)]} for name, value in json.loads(reply).items()}
    schema = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    system = (PROMPTS / f"{stage}.md").read_text(encoding="utf-8").strip()
    user = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return Ask(stage, f"naive-{stage}", system, user, schema, 500)


def _picked(lead: Lead, event: Recommendation) -> tuple[str, str]:
    """The same pick in the words of our question, and in those of the naive one, which asks for one course."""
    ids = [each.course_id for each in event.candidates]
    course_id = next((each for each in ids if each in lead.helps), ids[0])
    said = {"cites": ["conversion"], "reason": lead.model.description}
    ours = {"picks": [{"course_id": course_id, "fits": "yes"}], **said}
    return json.dumps(ours, ensure_ascii=False), json.dumps({"course_id": course_id, **said}, ensure_ascii=False)


def _halves(first: str) -> tuple[str, str]:
    value = json.loads(first)
    names = ("cites", "job", "stage", "confidence")
    job = {name: value[name] for name in names}
    imagined = {name: of for name, of in value.items() if name not in names}
    return json.dumps(job, ensure_ascii=False), json.dumps(imagined, ensure_ascii=False)


def _mail(event: Recommendation, program: Program, prompt: Prompt, reader: Prompt) -> tuple[Exchange, Exchange]:
    """The copy as the grounded template has it, which is as long as a model's, and a reading that finds nothing."""
    brief = brief_of(offer_of(event, program, prompt, shipped_lexicons(), read_locales(program)), program)
    copy = template_copy(brief)
    lines = copy.lines
    verdicts = [{"line": number, "verdict": SUPPORTED, "why": ""} for number, _ in enumerate(lines, 1)]
    reading = reading_question(Material(lines, brief.facts, brief.language, brief.brand), reader)
    return Exchange(question(brief, prompt), _told(copy)), Exchange(reading, json.dumps({"verdicts": verdicts}))


def _naive_mail(naive: Sequence[Exchange], mail: Sequence[Exchange]) -> tuple[Exchange, ...]:
    """The same two answers, to questions that hold all that was asked and answered before."""
    last = naive[-1]
    told, exchanges = {**json.loads(last.ask.user), last.ask.stage: json.loads(last.reply)}, []
    for each in mail:
        exchanges.append(Exchange(_ask(each.ask.stage, told, each.reply), each.reply))
        told = {**told, each.ask.stage: json.loads(each.reply)}
    return tuple(exchanges)


def _told(copy: Copy) -> str:
    sentences = [{"text": each.text, "cites": list(each.cites)} for each in copy.sentences]
    told = {"subject": copy.subject, "preheader": copy.preheader, "sentences": sentences}
    return json.dumps({**told, "call_to_action": copy.call_to_action}, ensure_ascii=False)
