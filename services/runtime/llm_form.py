"""The form in which a model takes a question: what bounds tokens, room to reason, effort, shape of the answer. Pure.

Endpoints differ in what they take and say so with status 400 or 422: what such a refusal names is left out or changed,
and never sent to that model again. OpenAI's o-series take the efforts from `low`, gpt-5 from `minimal`, gpt-5.1 and
later `none` and from `low`; models that do not reason, and many other endpoints, take none at all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

import orjson

from services.runtime.llm_structure import STRUCTURES, Structure, lowered

Effort: TypeAlias = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
Cap: TypeAlias = Literal["max_completion_tokens", "max_tokens"]
SCALE: tuple[Effort, ...] = get_args(Effort)
MOST_MENDS = 4 + len(STRUCTURES) - 1  # the effort twice, the cap's name, the room to reason; each lower structure
_REFUSALS = frozenset({400, 422})
_DEPTH, _WIDTH, _CHARACTERS = 5, 16, 4_000  # of a refusal that are looked at
_TELLING = ("param", "loc", "error", "message", "msg", "detail")  # the last three of FastAPI's, which many are built on
_PARAMETER = re.compile(
    r"\b(?:(?P<effort>reasoning|thinking)|(?P<cap>max_completion_tokens|max_tokens)"
    r"|(?P<structure>(?i:response[_ ]format|json_schema|structured[_ ]outputs?|guided_json|grammar))"
    r"|temperature|messages)"
)
_QUOTED = re.compile(rf"""['"`]({"|".join(SCALE)})\b""")
_ROOM = re.compile(r"too large|too high|at most|less than|maximum|exceed|range|<=|\d > \d", re.IGNORECASE)
_OF_COMPLETION = "in the completion"  # how a context that is too small for both names the room


@dataclass(frozen=True, slots=True)
class Form:
    """How one model is asked; `is_second` once the effort is not the one that was first told.

    `is_told`: the schema is told in words too, as the endpoint took it and answered otherwise.
    """

    effort: Effort | None
    reasoning_tokens: int
    cap: Cap = "max_completion_tokens"
    is_second: bool = False
    structure: Structure = "strict"
    is_told: bool = False


def mended(form: Form, status: int, body: bytes) -> Form | None:
    """The form with what this refusal names left out or changed; None where it is about anything else.

    Laws: at most `MOST_MENDS` forms follow one another; none is without a cap, as no answer may cost what it likes.
    """
    if status not in _REFUSALS:
        return None
    told = "\n".join(_strings(_parsed(body), _DEPTH))[:_CHARACTERS]
    named = _PARAMETER.search(told)  # the first is refused, a later one is proposed
    is_cap = named is not None and named["cap"] is not None
    if _OF_COMPLETION in told or (is_cap and _ROOM.search(told)):
        return replace(form, reasoning_tokens=0) if form.reasoning_tokens else None
    if is_cap:
        return replace(form, cap="max_tokens") if form.cap == "max_completion_tokens" else None
    if named is not None and named["structure"] is not None:
        structure = lowered(form.structure, told)
        return None if structure is None else replace(form, structure=structure)
    if named is None or named["effort"] is None or form.effort is None:
        return None
    return replace(form, effort=_other(form, form.effort, told), is_second=True)


def _other(form: Form, effort: Effort, told: str) -> Effort | None:
    """The effort nearest to the refused one among those the endpoint names, the lower of two; the second time none."""
    named = {word for word in _QUOTED.findall(told) if word != effort}
    if form.is_second or not named:
        return None
    wanted = SCALE.index(effort)
    return min((each for each in SCALE if each in named), key=lambda each: abs(SCALE.index(each) - wanted))


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace")


def _strings(value: Any, depth: int) -> Iterator[str]:
    """What an error body says, without what it may repeat of the question."""
    match value:
        case str():
            yield value
        case dict() if depth:
            for key in _TELLING:
                yield from _strings(value.get(key), depth - 1)
        case list() if depth:
            for each in value[:_WIDTH]:
                yield from _strings(each, depth - 1)
