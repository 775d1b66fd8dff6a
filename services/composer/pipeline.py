"""One recommendation to one signed email, or to the record that says why not."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from schemas.decision import Refusal
from schemas.email import OutboundEmail
from schemas.ending import TriggerEnd, not_sent
from schemas.identity import former_key
from schemas.links import hosts_of
from schemas.llm import Ask, Reply
from schemas.program import Playbook, Program
from schemas.recommendation import Recommendation
from schemas.signing import Seal
from schemas.topics import DECISIONS, EMAIL_FEEDBACK, EMAIL_OUTBOUND
from services.composer.core.brief import brief_of
from services.composer.core.dialogue import dialogue, refused
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.gate.mail import judge_mail
from services.composer.core.letter import letter_of
from services.composer.core.locale import Locales
from services.composer.core.record import Draft, Told, decision, email_of, end_of
from services.composer.core.spare import mailable
from services.composer.core.stopping import patience_left_s, stopped
from services.composer.core.values import Brief, Composed, Finding, Prompt, Reason, Unrendered, Wait
from services.composer.ports import Clock, Model, Renderer, Suppressions
from services.runtime.outcome import Emit, Later, Message, Outcome, Send, Unavailable

UNREAD = timedelta(seconds=30)  # until suppressions are asked for again, where they could not be read
PATIENCE_S = 45.0  # of a decision whose playbook is gone


@dataclass(frozen=True, slots=True)
class World:
    """What one composer works with; `outbound_key` and `address_key` are derived, of use `outbound` and `address`."""

    program: Program
    prompt: Prompt
    outbound_key: bytes
    address_key: bytes
    seal: Seal
    model: Model
    renderer: Renderer
    suppressions: Suppressions
    now: Clock
    lexicons: Lexicons
    locales: Locales
    program_hash: str | None = None
    reader: Prompt | None = None  # of the second reader; None: what a model wrote is judged by the gate alone


async def compose(message: Message, world: World) -> Outcome:
    """The email and its decision, or the decision and `not_sent`; never both, never neither.

    Suppressions are asked twice: to spare the work, and last, up to date. Where they cannot be read to their end just
    now, the recommendation is set aside; what a model said of it is in the ledger.
    """
    recommendation: Recommendation = message.event
    if (reason := _stopped(recommendation, world)) is not None:
        return _end(recommendation, reason, Told({}), world)
    offer, dropped = mailable(recommendation, world.program, world.prompt, world.lexicons, world.locales)
    if offer is None:
        return _end(recommendation, Reason.GATE, Told({"copy": "none"}, (), dropped, world.program_hash), world)
    recommendation = offer.recommendation
    brief = brief_of(offer, world.program)
    composed = await _talk(dialogue(brief, world.prompt, _reader(recommendation, world)), recommendation, world)
    refusals = (*dropped, *_fallback(brief, recommendation), *composed.refusals)
    told = Told(_rungs(brief, composed), composed.asked, refusals, world.program_hash, brief)
    finished = _finish(recommendation, brief, composed, world)
    if not isinstance(finished, OutboundEmail):
        told = replace(told, refusals=(*told.refusals, *refused("mail", finished)))
        return _end(recommendation, Reason.RENDER, told, world)
    try:
        await world.suppressions.up_to_date()
    except Unavailable:
        return Later(world.now() + UNREAD, Wait.SUPPRESSIONS_UNREAD)
    if (reason := _stopped(recommendation, world)) is not None:
        return _end(recommendation, reason, told, world)
    end = end_of(Reason.COMPOSED, finished.created_at)
    return Emit((Send(EMAIL_OUTBOUND, finished), Send(DECISIONS, decision(recommendation, end, told, finished))))


def expired(message: Message, now: datetime) -> Emit:
    """The end of a recommendation that would wait for longer than its topic keeps it."""
    return _ended(message.event, end_of(Reason.EXPIRED, now), Told({}))


async def _talk(talk: Generator[Ask, Reply, Composed], recommendation: Recommendation, world: World) -> Composed:
    """Carry questions and replies until the dialogue ends, within the patience the recommender left."""
    playbook = _playbook(recommendation, world)
    left_s = patience_left_s(PATIENCE_S if playbook is None else float(playbook.patience_s), recommendation.asked)
    try:
        ask = next(talk)
        while True:
            reply = await world.model.ask(ask, within_s=left_s)
            left_s = max(0.0, left_s - reply.duration_s)
            ask = talk.send(reply)
    except StopIteration as end:
        ended: Composed = end.value
        return ended


def _reader(recommendation: Recommendation, world: World) -> Prompt | None:
    """The reader's prompt, unless the playbook wants no reader; one that is gone cannot have said so."""
    playbook = _playbook(recommendation, world)
    return world.reader if playbook is None or playbook.reader else None


def _playbook(recommendation: Recommendation, world: World) -> Playbook | None:
    """The playbook that opened the trigger, None where the program has it no more."""
    name = recommendation.request.trigger.playbook
    return next((each for each in world.program.playbooks if each.name == name), None)


def _finish(
    recommendation: Recommendation, brief: Brief, composed: Composed, world: World
) -> OutboundEmail | tuple[Finding, ...]:
    """Letter, render, judge what was rendered, sign."""
    brand = world.program.brand
    letter = letter_of(composed.copy, brief, recommendation, brand, world.seal)
    rendered = world.renderer.render(letter)
    if isinstance(rendered, Unrendered):
        return (Finding("render", rendered.detail),)
    if findings := judge_mail(letter, rendered, hosts_of(brand)):
        return findings
    mail = email_of(Draft(recommendation, composed, letter, rendered), brand, world.outbound_key, world.now())
    return mail if isinstance(mail, OutboundEmail) else (mail,)


def _stopped(recommendation: Recommendation, world: World) -> Reason | None:
    request = recommendation.request
    refused = world.suppressions.refused_by(request.recipient.address_key)
    if former := former_key(world.address_key, request.recipient.address):
        refused |= world.suppressions.refused_by(former)
    return stopped(request, refused, world.now())


def _end(recommendation: Recommendation, reason: Reason, told: Told, world: World) -> Emit:
    return _ended(recommendation, end_of(reason, world.now()), told)


def _ended(recommendation: Recommendation, end: TriggerEnd, told: Told) -> Emit:
    return Emit(
        (
            Send(DECISIONS, decision(recommendation, end, told)),
            Send(EMAIL_FEEDBACK, not_sent(recommendation.request, end)),
        )
    )


def _rungs(brief: Brief, composed: Composed) -> dict[str, str]:
    return {"copy": composed.rung, "language": "brand_default" if brief.is_default_language else "asked"}


def _fallback(brief: Brief, recommendation: Recommendation) -> tuple[Refusal, ...]:
    """Why the mail is not in the lead's language, where it is not."""
    if not brief.is_default_language:
        return ()
    detail = f"no words in {recommendation.request.language}: written in {brief.language}"
    return (Refusal(attempt="language", rule="no_template", detail=detail),)
