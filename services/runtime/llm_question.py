"""What a question is, whoever asks it again: its key, its size, and a shorter form of it. Pure."""

import hashlib
from dataclasses import replace
from typing import Any

import orjson

from schemas.llm import Ask, Usage
from services.runtime.llm_form import Form

BYTES_PER_TOKEN = 3  # of English 4 to 5, of other languages less: rather too many tokens than too few
SHORTEST_TEXT, SHORTEST_LIST = 120, 2  # what is never cut: ids and names, and a list's first

LEAST_MORE, MOST_MORE = 2_048, 32_768  # tokens; what most models take at their lowest effort, and may put out at all


def most_tokens(ask: Ask, form: Form) -> int:
    """What a reply may take: the answer, and what is reasoned before it."""
    return ask.max_tokens + form.reasoning_tokens + ask.room


def key_of(ask: Ask, model: str, temperature: float | None, form: Form) -> str:
    """SHA-256 over the model and all that it would be sent in this form, whatever of that its endpoint refuses."""
    sent = [model, temperature, ask.system, ask.user, ask.schema, most_tokens(ask, form), form.effort]
    return hashlib.sha256(orjson.dumps(sent, option=orjson.OPT_SORT_KEYS)).hexdigest()


def estimate(ask: Ask, form: Form) -> Usage:
    """The most tokens this is likely to take: reasoning is billed as the answer is."""
    size = len(ask.system.encode()) + len(ask.user.encode()) + len(orjson.dumps(ask.schema))
    return Usage(size // BYTES_PER_TOKEN + 1, most_tokens(ask, form))


def roomier(ask: Ask, form: Form) -> Ask:
    """The question with more tokens to reason with: four times the allowance, and never less than `LEAST_MORE` more."""
    return replace(ask, room=min(MOST_MORE, max(LEAST_MORE, 3 * form.reasoning_tokens)))


def shortened(ask: Ask) -> Ask:
    """The question with half of every long list and text of its data: what comes first there tells most."""
    try:
        value = orjson.loads(ask.user)
    except orjson.JSONDecodeError:
        return replace(ask, user=ask.user[: max(SHORTEST_TEXT, len(ask.user) // 2)])
    return replace(ask, user=orjson.dumps(_halved(value)).decode())


def _halved(value: Any) -> Any:
    match value:
        case dict():
            return {name: _halved(each) for name, each in value.items()}
        case list():
            return [_halved(each) for each in value[: max(SHORTEST_LIST, (len(value) + 1) // 2)]]
        case str():
            return value[: max(SHORTEST_TEXT, len(value) // 2)]
        case _:
            return value
