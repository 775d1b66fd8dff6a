"""One recommendation to one signed email, or to the record that says why not."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from schemas.decision import Refusal
from schemas.email import OutboundEmail
from schemas.ending import not_sent
from schemas.links import hosts_of
from schemas.program import Program
from schemas.recommendation import Recommendation, RecommendationRequest
from schemas.signing import Seal
from schemas.topics import DECISIONS, EMAIL_FEEDBACK, EMAIL_OUTBOUND
from services.composer.core.brief import brief_of
from services.composer.core.dialogue import dialogue
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.gate.mail import judge_mail
from services.composer.core.letter import letter_of
from services.composer.core.locale import Locales
from services.composer.core.offer import mailable
from services.composer.core.record import Draft, Ended, Told, decision, email_of, end_of
from services.composer.core.stopping import patience_left_s, stopped
from services.composer.core.values import Brief, Composed, Finding, Prompt, Reason, Unrendered, Wait
from services.composer.ports import Clock, Model, Renderer, Suppressions
from services.runtime.hold import IsPaused, never
from services.runtime.outcome import Emit, Later, Message, Outcome, Paused, Send, Unavailable

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
    is_paused: IsPaused = never


async def compose(message: Message, world: World) -> Outcome:
    """The email and its decision, or the decision and `not_sent`; never both, never neither.

    Suppressions are asked twice: to spare the work, and last, up to date. Where they cannot be read to their end just
    now, the recommendation is set aside; what a model said of it is in the ledger.

    Raises:
        Paused: the operator has paused mail; it is asked when the work is begun, and last.
    """
    _refuse_paused(world)
    ended = await _ended(message.event, world)
    if isinstance(ended, Later):
        return ended
    return _records(ended, world.now() if ended.mail is None else ended.mail.created_at)


def expired(message: Message, now: datetime) -> Emit:
    """The end of a recommendation that would wait for longer than its topic keeps it."""
    return _records(Ended(message.event, Reason.EXPIRED), now)


async def _ended(recommendation: Recommendation, world: World) -> Ended | Later:
    """Offer, brief, words, mail; or the reason at which it ended on the way."""
    if (reason := _stopped(recommendation.request, world)) is not None:
        return Ended(recommendation, reason)
    offer, dropped = mailable(recommendation, world.program, world.prompt, world.lexicons, world.locales)
    if offer is None:
        return Ended(recommendation, Reason.GATE, Told({"copy": "none"}, (), dropped, world.program_hash))
    recommendation = offer.recommendation
    brief = brief_of(offer, world.program)
    composed = await _composed(brief, recommendation, world)
    refusals = (*dropped, *_fallback(brief, recommendation), *composed.refusals)
    told = Told(_rungs(brief, composed), composed.asked, refusals, world.program_hash, brief)
    finished = _finish(recommendation, brief, composed, world)
    if not isinstance(finished, OutboundEmail):
        told = replace(told, refusals=(*told.refusals, *(each.refusal("mail") for each in finished)))
        return Ended(recommendation, Reason.RENDER, told)
    try:
        await world.suppressions.up_to_date()
    except Unavailable:
        return Later(world.now() + UNREAD, Wait.SUPPRESSIONS_UNREAD)
    _refuse_paused(world)
    if (reason := _stopped(recommendation.request, world)) is not None:
        return Ended(recommendation, reason, told)
    return Ended(recommendation, Reason.COMPOSED, told, finished)


def _refuse_paused(world: World) -> None:
    if world.is_paused():
        raise Paused("mail is paused: nothing is written")


async def _composed(brief: Brief, recommendation: Recommendation, world: World) -> Composed:
    """The words, by as many questions as the dialogue asks within the patience the recommender left.

    A playbook that is gone cannot have said that it wants no reader.
    """
    name = recommendation.request.trigger.playbook
    playbook = next((each for each in world.program.playbooks if each.name == name), None)
    left_s = patience_left_s(PATIENCE_S if playbook is None else float(playbook.patience_s), recommendation.asked)
    talk = dialogue(brief, world.prompt, world.reader if playbook is None or playbook.reader else None)
    try:
        ask = next(talk)
        while True:
            reply = await world.model.ask(ask, within_s=left_s)
            left_s = max(0.0, left_s - reply.duration_s)
            ask = talk.send(reply)
    except StopIteration as end:
        ended: Composed = end.value
        return ended


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


def _stopped(request: RecommendationRequest, world: World) -> Reason | None:
    return stopped(request, world.suppressions.refused_by, world.address_key, world.now())


def _records(ended: Ended, at: datetime) -> Emit:
    end = end_of(ended.reason, at)
    decided = Send(DECISIONS, decision(ended, end))
    if ended.mail is None:
        return Emit((decided, Send(EMAIL_FEEDBACK, not_sent(ended.recommendation.request, end))))
    return Emit((Send(EMAIL_OUTBOUND, ended.mail), decided))


def _rungs(brief: Brief, composed: Composed) -> dict[str, str]:
    return {"copy": composed.rung, "language": "brand_default" if brief.is_default_language else "asked"}


def _fallback(brief: Brief, recommendation: Recommendation) -> tuple[Refusal, ...]:
    """Why the mail is not in the lead's language, where it is not."""
    if not brief.is_default_language:
        return ()
    detail = f"no words in {recommendation.request.language}: written in {brief.language}"
    return (Refusal(attempt="language", rule="no_template", detail=detail),)
