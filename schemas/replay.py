"""One case as the replay commands hand it on, a line of JSON each: the decision, and the mail where it is still there.

It turns the record back into what the stages were given. The record never had the address: it comes from the outbound
record, and where that is gone a placeholder stands in for it.
"""

from pydantic import Field, ValidationError

from schemas.decision import Decision
from schemas.email import OutboundEmail
from schemas.problems import expected, place
from schemas.recommendation import ConsentProof, Recipient, Recommendation, RecommendationRequest, Spares
from schemas.values import Event

PLACEHOLDER = Recipient(address="reader@replay.invalid", address_key="0" * 32)  # RFC 2606: nobody's
COMPOSED = frozenset({"copy", "language", "reader"})  # rungs and questions that are the composer's
COMPOSER = "composer"
MOST_LINE_BYTES = 4_194_304  # of a case: a decision and its mail are a record each, of at most 1 MiB on Kafka


class NotReplayable(ValueError):  # noqa: N818 a fact of the record, not an error of ours
    """The record does not hold what this replay needs; the message says what."""


class Case(Event):
    """A decision, its mail, what the stages have to say of their replay, and why one was left alone, if it was."""

    decision: Decision
    mail: OutboundEmail | None = None
    notes: tuple[str, ...] = ()
    skipped: str | None = Field(default=None, description="why the case could not be replayed")
    spares: Spares = ()


class NoCase(Event):
    """A line that is no case, in its place among the rows: every stage hands it on as it is."""

    line: int = Field(ge=1, description="its number in what the first command read")
    skipped: str = Field(description="what was expected")


def row_of(line: int, raw: bytes) -> Case | NoCase:
    """The case of a line, or a row that says what was expected there; a row of a stage before is handed on.

    Law: it never raises; nothing of a line that is no case is in its row.
    """
    if len(raw) > MOST_LINE_BYTES:
        return NoCase(line=line, skipped=f"line {line}: expected a case of at most {MOST_LINE_BYTES} bytes")
    try:
        return Case.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
    try:
        return NoCase.model_validate_json(raw)
    except ValidationError:
        wrong = f"{place(first, 'the whole')}: {expected(first)}"
        return NoCase(line=line, skipped=f"line {line}: expected a case, as one JSON object: {wrong}")


def request_of(case: Case) -> RecommendationRequest:
    """What profile asked for; the recipient as the mail has it, or the placeholder.

    Raises:
        NotReplayable: neither record nor mail says by what consent and until when.
    """
    decision, mail = case.decision, case.mail
    consent, not_before, expires_at = decision.consent, decision.not_before, decision.expires_at
    if mail is not None:
        consent = ConsentProof.model_validate(mail.consent.model_dump())
        not_before, expires_at = mail.not_before, mail.expires_at
    if consent is None or not_before is None or expires_at is None:
        raise NotReplayable("the record is from before consent and times were kept in it, and its mail is gone")
    return RecommendationRequest(
        decision_id=decision.decision_id,
        person=decision.person,
        trigger=decision.trigger,
        experiment=decision.experiment,
        arm=decision.arm,
        language=decision.language,
        snapshot=decision.snapshot,
        recipient=_recipient(mail),
        consent=consent,
        created_at=not_before,
        not_before=not_before,
        expires_at=expires_at,
    )


def recommendation_of(case: Case) -> Recommendation:
    """What the composer was given.

    Raises:
        NotReplayable: as above, or the trigger ended before a course was chosen.
    """
    decision = case.decision
    if decision.job is None or decision.pick is None or decision.course is None:
        raise NotReplayable(f"no course was chosen: the trigger ended as {decision.ending} ({decision.reason})")
    return Recommendation(
        request=request_of(case),
        company=decision.company,
        job=decision.job,
        imagined=decision.imagined,
        candidates=decision.candidates,
        pick=decision.pick,
        course=decision.course,
        also=decision.also,
        spares=case.spares,
        rungs={stage: rung for stage, rung in decision.rungs.items() if stage not in COMPOSED},
        asked=tuple(each for each in decision.asked if each.stage not in COMPOSED),
        generation=decision.generation or "",
        catalogue=decision.catalogue,
        shadow=decision.shadow,
        left_out=decision.left_out,
        created_at=decision.ended_at,
        timings_s={stage: taken for stage, taken in decision.timings_s.items() if stage != COMPOSER},
    )


def with_recommendation(case: Case, event: Recommendation) -> Case:
    """The case as decided anew, not yet composed."""
    return case.model_copy(
        update={
            "decision": case.decision.model_copy(
                update={
                    "company": event.company,
                    "job": event.job,
                    "imagined": event.imagined,
                    "candidates": event.candidates,
                    "pick": event.pick,
                    "course": event.course,
                    "also": event.also,
                    "rungs": event.rungs,
                    "asked": event.asked,
                    "generation": event.generation,
                    "catalogue": event.catalogue,
                    "shadow": event.shadow,
                    "left_out": event.left_out,
                    "timings_s": event.timings_s,
                }
            ),
            "spares": event.spares,
        }
    )


def _recipient(mail: OutboundEmail | None) -> Recipient:
    if mail is None:
        return PLACEHOLDER
    return Recipient(address=mail.to.address, address_key=mail.address_key, name=mail.to.name or None)
