"""What a model answered, checked: its shape, that every citation resolves, lengths, and that it is plain text.

A reply is trusted for nothing its question did not allow; what fails here is no answer, and the next rung's turn.
"""

from collections.abc import Collection, Sequence
from typing import Any

from schemas.llm import Answer, Reply
from schemas.recommendation import Asked, ImaginedCourse, Job
from services.recommender.core.asking.questions import (
    FEWEST,
    FITS,
    MOST,
    MOST_CITES,
    MOST_PICKS,
    MOST_SKILLS,
    STAGE_JOB,
    STAGE_PICK,
    STAGES,
)
from services.recommender.core.sanitised import is_plain
from services.recommender.core.values import LEVELS, Picks, Prompt
from services.rules.folding import parts

KEPT_CHARACTERS = 4_000  # of a raw reply in the record; a longer one is no answer, so that a record replays
FEWEST_WORDS = {
    "job": 4,
    "description": 6,
}  # pairs of letters where a script has no spaces; less is a heading, not a sentence
LONG_WORDS, DISTINCT_SHARE = 12, 0.45  # a text of so many words with fewer different ones has begun to loop


class InvalidReply(ValueError):  # noqa: N818 a reply, not an error of ours
    """The reply is not what was asked for; the message names the field."""


def kept(reply: Answer) -> dict[str, Any]:
    """The reply's value, where the record can hold the whole of it.

    Raises:
        InvalidReply: it is longer than any answer to what was asked.
    """
    length = len(reply.text.strip())
    if length > KEPT_CHARACTERS:
        raise InvalidReply(f"the reply: expected at most {KEPT_CHARACTERS} characters, came {length}")
    return reply.value


def job_of(value: dict[str, Any], cites: Collection[str], told: Collection[str] = ()) -> Job:
    """The job of a reply; `told` are the texts of the question's data.

    Raises:
        InvalidReply: a field is missing, out of its bounds, not plain text, loops, cites what was not given, or the
            job is one of the texts told: an echo is no inference, and may be what somebody wrote to be echoed.
    """
    job = Job(
        text=_text(value, "job"),
        stage=_one_of(value, "stage", STAGES),
        confidence=_share(value, "confidence"),
        cites=_citations(value, cites),
    )
    if any(job.text.casefold().rstrip(".") in text.casefold() for text in told):
        raise InvalidReply("job: expected an inference, came a text of the data")
    return job


def imagined_of(value: dict[str, Any], cites: Collection[str]) -> ImaginedCourse:
    """The imagined course of a reply; a cited id among its skills is left out.

    Raises:
        InvalidReply: a field is missing, out of its bounds, not plain text, or loops.
    """
    skills = _list(value, "skills", MOST_SKILLS)
    return ImaginedCourse(
        title=_text(value, "title"),
        description=_text(value, "description"),
        skills=tuple(_checked("skill", each) for each in skills if each not in cites),
        level=_one_of(value, "level", LEVELS),
    )


def picks_of(value: dict[str, Any], ids: Sequence[str], cites: Collection[str]) -> Picks:
    """The courses of a reply, how each fits, reason and citations; a course named again counts as first said.

    Raises:
        InvalidReply: as above, there is no course, or one is none of those given.
    """
    given = _list(value, "picks", MOST_PICKS)
    if not given:
        raise InvalidReply(f"picks: expected 1 to {MOST_PICKS} courses, came none")
    fits: dict[str, str] = {}
    for each in given:
        if not isinstance(each, dict):
            raise InvalidReply(f"picks: expected objects, came {type(each).__name__}")
        fits.setdefault(_one_of(each, "course_id", ids), _one_of(each, "fits", FITS))
    return Picks(fits, _text(value, "reason"), _citations(value, cites))


def picks_told(reply: Reply, prompt: Prompt, ids: Sequence[str], cites: Collection[str]) -> tuple[Picks | None, Asked]:
    """What a reply to the second question says, None where it is no valid one; and the record of the question."""
    if not isinstance(reply, Answer):
        return None, asked(STAGE_PICK, prompt, reply, ())
    try:
        return picks_of(kept(reply), ids, cites), asked(STAGE_PICK, prompt, reply, ())
    except InvalidReply as error:
        return None, asked(STAGE_PICK, prompt, reply, (error,))


def job_told(
    reply: Reply, prompt: Prompt, cites: Collection[str], told: Collection[str]
) -> tuple[Job | None, ImaginedCourse | None, Asked]:
    """What a reply to the first question says, each of both None where that is not valid; and the record of it."""
    if not isinstance(reply, Answer):
        return None, None, asked(STAGE_JOB, prompt, reply, ())
    job, imagined, invalid = None, None, []
    try:
        job = job_of(kept(reply), cites, told)
    except InvalidReply as error:
        invalid.append(error)
    try:
        imagined = imagined_of(kept(reply), cites)
    except InvalidReply as error:
        invalid.append(error)
    return job, imagined, asked(STAGE_JOB, prompt, reply, invalid)


def pick_v1_of(value: dict[str, Any], ids: Sequence[str], cites: Collection[str]) -> Picks:
    """The one course of a reply to `pick.v1`, as a record of then holds it.

    Raises:
        InvalidReply: as above.
    """
    return Picks({_one_of(value, "course_id", ids): "yes"}, _text(value, "reason"), _citations(value, cites))


def job_doubt(value: dict[str, Any], cites: Collection[str], told: Collection[str]) -> str | None:
    """Why this reply to the first question is not to be kept from a smaller model; None if it is."""
    try:
        job_of(value, cites, told)
        imagined_of(value, cites)
    except InvalidReply as error:
        return str(error)
    return None


def pick_doubt(value: dict[str, Any], ids: Sequence[str], cites: Collection[str]) -> str | None:
    """Why this reply to the second question is not to be kept from a smaller model; None if it is."""
    try:
        picks_of(value, ids, cites)
    except InvalidReply as error:
        return str(error)
    return None


def asked(stage: str, prompt: Prompt, reply: Reply, invalid: Sequence[InvalidReply]) -> Asked:
    """The record of one question, with the raw reply; one that was not valid throughout is recorded as `invalid`."""
    record = Asked(
        stage=stage,
        prompt_id=prompt.id,
        outcome="invalid" if invalid else "answer",
        detail="; ".join(map(str, invalid)),
        prompt_tokens=reply.usage.prompt_tokens,
        completion_tokens=reply.usage.completion_tokens,
        cost_micros=reply.usage.cost_micros,
        is_from_ledger=reply.is_from_ledger,
        escalated=reply.escalated[:KEPT_CHARACTERS],
        duration_s=reply.duration_s,
    )
    if isinstance(reply, Answer):
        return record.model_copy(update={"model": reply.model, "text": reply.text.strip()[:KEPT_CHARACTERS]})
    return record.model_copy(update={"outcome": reply.fault.value, "detail": reply.detail[:KEPT_CHARACTERS]})


def _text(value: dict[str, Any], name: str) -> str:
    return _checked(name, value.get(name))


def _checked(name: str, text: Any) -> str:
    if not isinstance(text, str):
        raise InvalidReply(f"{name}: expected text, came {type(text).__name__}")
    stripped = text.strip()
    if not FEWEST[name] <= len(stripped) <= MOST[name]:
        raise InvalidReply(f"{name}: expected {FEWEST[name]} to {MOST[name]} characters, came {len(stripped)}")
    if not is_plain(stripped):
        raise InvalidReply(f"{name}: expected plain words, came markup, a link, an address or a control character")
    words = parts(stripped)
    if len(words) < FEWEST_WORDS.get(name, 1):
        raise InvalidReply(f"{name}: expected a sentence, came {len(words)} words")
    if len(words) >= LONG_WORDS and len(set(words)) < DISTINCT_SHARE * len(words):
        raise InvalidReply(f"{name}: expected a sentence, came words over and over")
    return stripped


def _one_of(value: dict[str, Any], name: str, allowed: Sequence[Any]) -> Any:
    given = value.get(name)
    if not isinstance(given, str) or given not in allowed:
        raise InvalidReply(f"{name}: expected one of those given, came {str(given)[:80]!r}")
    return given


def _share(value: dict[str, Any], name: str) -> float:
    given = value.get(name)
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= 1:
        raise InvalidReply(f"{name}: expected a number from 0 to 1, came {str(given)[:80]!r}")
    return float(given)


def _list(value: dict[str, Any], name: str, most: int) -> list[Any]:
    given = value.get(name)
    if not isinstance(given, list) or len(given) > most:
        raise InvalidReply(f"{name}: expected a list of at most {most}")
    return given


def _citations(value: dict[str, Any], known: Collection[str]) -> tuple[str, ...]:
    given = _list(value, "cites", MOST_CITES)
    unknown = [each for each in given if not isinstance(each, str) or each not in known]
    if not given or unknown:
        raise InvalidReply(f"cites: expected ids that were given, came {str(unknown)[:80]}")
    return tuple(dict.fromkeys(given))
