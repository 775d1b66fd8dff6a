"""The records a trigger ends with: the signed email and its decision, or the decision alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from schemas.decision import Decision, Ending, Refusal, Stage
from schemas.email import OutboundEmail
from schemas.ending import TriggerEnd, decision_of
from schemas.identity import message_id_of, normalised_address, person_tag
from schemas.names import first_name
from schemas.program import Brand, QuietHours
from schemas.recommendation import Asked, Recommendation, RecommendationRequest
from schemas.signing import content_hash, signature
from services.composer.core.asking import STAGE as COPY
from services.composer.core.headers import headers, tag
from services.composer.core.values import Brief, Composed, Finding, Letter, Reason, Rendered

STAGE: Stage = "composer"
MOST_LINK = 870 - len("<>")  # of `schemas.email.Header`: List-Unsubscribe holds it in brackets
TEMPLATE_ID = "course.v2"
ENDINGS: Mapping[Reason, Ending] = {
    Reason.COMPOSED: "sent",
    Reason.EXPIRED: "expired",
    Reason.SUPPRESSED: "refused",
    Reason.GATE: "refused",
    Reason.RENDER: "refused",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What the dialogue leaves for the record."""

    rungs: dict[str, str]
    asked: tuple[Asked, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    program: str | None = None
    brief: Brief | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How a recommendation ended here, and what led there; `mail` where one was composed."""

    recommendation: Recommendation
    reason: Reason
    told: Told = Told({})
    mail: OutboundEmail | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """All that one mail is made of."""

    recommendation: Recommendation
    composed: Composed
    letter: Letter
    rendered: Rendered


def email_of(draft: Draft, brand: Brand, key: bytes, now: datetime) -> OutboundEmail | Finding:
    """The finished, signed mail, or the finding `contract` where a value does not fit the public contract."""
    recommendation = draft.recommendation
    request = recommendation.request
    if (length := len(draft.letter.unsubscribe_url)) > MOST_LINK:
        detail = f"expected a link of at most {MOST_LINK} characters; {length} came: the id is too long"
        return Finding("unsubscribe", detail)
    if normalised_address(request.recipient.address) != request.recipient.address:
        return Finding("address", "expected a normalised plain address")
    fields = {
        **_who(recommendation, brand),
        **_what(draft),
        **_why(draft, brand),
        "created_at": now,
        "content_hash": "",
        "signature": "",
    }
    try:
        return signed(OutboundEmail.model_validate(fields), key)
    except ValidationError as error:
        return Finding("contract", _problems(error))


def signed(mail: OutboundEmail, key: bytes) -> OutboundEmail:
    """The mail with its hash over all but hash and signature, and its signature over all but itself."""
    hashed = mail.model_copy(update={"content_hash": content_hash(_json(mail, {"content_hash", "signature"}))})
    return hashed.model_copy(update={"signature": signature(key, _json(hashed, {"signature"}))})


def end_of(reason: Reason, now: datetime) -> TriggerEnd:
    """How a trigger ends here for this reason."""
    return TriggerEnd(STAGE, ENDINGS[reason], reason.value, now)


def decision(ended: Ended, end: TriggerEnd) -> Decision:
    """How the trigger ended here, with all that led to it."""
    recommendation, told, mail = ended.recommendation, ended.told, ended.mail
    return decision_of(
        recommendation.request,
        end,
        company=recommendation.company,
        job=recommendation.job,
        imagined=recommendation.imagined,
        candidates=recommendation.candidates,
        pick=recommendation.pick,
        course=recommendation.course,
        also=recommendation.also,
        rungs={**recommendation.rungs, **told.rungs},
        asked=(*recommendation.asked, *told.asked),
        refusals=told.refusals,
        brief={} if told.brief is None else {each.id: each.text for each in told.brief.facts},
        not_told=() if told.brief is None else told.brief.not_told,
        message_id=None if mail is None else mail.message_id,
        content_hash=None if mail is None else mail.content_hash,
        generation=recommendation.generation,
        catalogue=recommendation.catalogue,
        shadow=recommendation.shadow,
        left_out=recommendation.left_out,
        program=told.program,
        timings_s={**recommendation.timings_s, STAGE: round(sum(each.duration_s for each in told.asked), 3)},
    )


def _who(recommendation: Recommendation, brand: Brand) -> dict[str, Any]:
    request = recommendation.request
    return {
        "message_id": message_id_of(request.decision_id),
        "decision_id": request.decision_id,
        "person": request.person,
        "person_tag": person_tag(request.person),
        "address_key": request.recipient.address_key,
        "to": {"address": request.recipient.address, "name": first_name(request.recipient.name) or ""},
        "from": {"address": brand.sender.address, "name": brand.sender.name},
        "reply_to": brand.reply_to,
        "consent": request.consent.model_dump(),
        "arm": request.arm,
        "not_before": request.not_before,
        "expires_at": request.expires_at,
        "quiet_hours": _quiet_hours(brand, request),
    }


def _quiet_hours(brand: Brand, request: RecommendationRequest) -> QuietHours | None:
    """The brand's, by the clock of the person where it is known."""
    quiet, zone = brand.quiet_hours, request.snapshot.zone
    if quiet is None or zone is None or zone.name is None:
        return quiet
    return quiet.model_copy(update={"time_zone": zone.name})


def _what(draft: Draft) -> dict[str, Any]:
    course, letter = draft.recommendation.course, draft.letter
    return {
        "subject": letter.subject,
        "preheader": letter.preheader,
        "html": draft.rendered.html,
        "text": draft.rendered.text,
        "language": letter.language,
        "course": {"id": course.id, "title": letter.course_title, "url": course.url},
        "also": tuple({"id": each.course_id, "title": each.title, "url": each.url} for each in letter.further),
        "unsubscribe": {"url": letter.unsubscribe_url},
        "postal_address": letter.postal_address,
        "explanation": letter.explanation,
    }


def _why(draft: Draft, brand: Brand) -> dict[str, Any]:
    recommendation, composed = draft.recommendation, draft.composed
    request = recommendation.request
    of_copy = [each for each in composed.asked if each.stage == COPY]
    answered = of_copy[-1] if composed.rung == "llm" else None
    return {
        "headers": headers(recommendation.request, brand, draft.letter.unsubscribe_url),
        "category": brand.category,
        "tags": (tag(brand.category), tag(request.trigger.playbook), f"copy-{composed.rung}"),
        "metadata": {
            "decision_id": request.decision_id,
            "playbook": request.trigger.playbook,
            "experiment": request.experiment,
            "course": recommendation.course.id,
        },
        "template": TEMPLATE_ID,
        "prompt": answered.prompt_id if answered else None,
        "model": answered.model if answered else None,
    }


def _problems(error: ValidationError) -> str:
    """The fields and what was expected of them; never what came, which may be a name or an address."""
    return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors(include_input=False))


def _json(mail: OutboundEmail, without: set[str]) -> dict[str, Any]:
    return mail.model_dump(mode="json", by_alias=True, exclude=without)
