"""What a model answered, checked: its shape, that every citation resolves, lengths, and that it is plain text.

A reply is trusted for nothing its question did not allow; what fails here is no answer, and the next rung's turn.
"""

from collections.abc import Collection, Sequence
from typing import Any

from schemas.llm import Answer, Reply
from schemas.recommendation import Asked, ImaginedCourse, Job
from services.recommender.core.lanes import LEVELS
from services.recommender.core.plain import is_plain
from services.recommender.core.questions import FEWEST, MOST, MOST_CITES, MOST_SKILLS, STAGES
from services.recommender.core.values import Prompt

KEPT_CHARACTERS = 4_000  # of a raw reply in the record


class InvalidReply(ValueError):  # noqa: N818 a reply, not an error of ours
    """The reply is not what was asked for; the message names the field."""


def job_and_course(value: dict[str, Any], cites: Collection[str]) -> tuple[Job, ImaginedCourse]:
    """The job and the imagined course of a reply.

    Raises:
        InvalidReply: a field is missing, out of its bounds, not plain text, or cites what was not given.
    """
    job = Job(
        text=_text(value, "job"),
        stage=_one_of(value, "stage", STAGES),
        confidence=_share(value, "confidence"),
        cites=_citations(value, cites),
    )
    skills = _list(value, "skills", MOST_SKILLS)
    imagined = ImaginedCourse(
        title=_text(value, "title"),
        description=_text(value, "description"),
        skills=tuple(_checked("skill", each) for each in skills),
        level=_one_of(value, "level", LEVELS),
    )
    return job, imagined


def picked(value: dict[str, Any], ids: Sequence[str], cites: Collection[str]) -> tuple[str, str, tuple[str, ...]]:
    """Course id, reason and citations of a reply.

    Raises:
        InvalidReply: as above, or the course is none of those given.
    """
    return _one_of(value, "course_id", ids), _text(value, "reason"), _citations(value, cites)


def asked(stage: str, prompt: Prompt, reply: Reply, invalid: InvalidReply | None) -> Asked:
    """The record of one question, with the raw reply; an answer that was not valid is recorded as `invalid`."""
    record = Asked(
        stage=stage,
        prompt_id=prompt.id,
        outcome="answer" if invalid is None else "invalid",
        detail="" if invalid is None else str(invalid),
        prompt_tokens=reply.usage.prompt_tokens,
        completion_tokens=reply.usage.completion_tokens,
        duration_s=reply.duration_s,
    )
    if isinstance(reply, Answer):
        return record.model_copy(update={"model": reply.model, "text": reply.text[:KEPT_CHARACTERS]})
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
