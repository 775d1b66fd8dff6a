"""The models to ask, smallest first, and what their tokens cost; pure.

Written as `name=input/output` by comma, prices in units of a currency per million tokens; a name alone has no price.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from schemas.llm import Usage

MILLION = 1_000_000
_WORD = re.compile(r"(?P<name>[^\s=,]+)(?:=(?P<input>\d+(?:\.\d{1,6})?)/(?P<output>\d+(?:\.\d{1,6})?))?")


@dataclass(frozen=True, slots=True)
class Model:
    """A model and its prices; a price per million tokens is the same number of millionths per token."""

    name: str
    input_price: Decimal | None = None
    output_price: Decimal | None = None

    def cost_micros(self, usage: Usage) -> int:
        """What this usage costs, in millionths of the currency, rounded up; 0 where no price is known."""
        cost = usage.prompt_tokens * (self.input_price or 0) + usage.completion_tokens * (self.output_price or 0)
        return int(Decimal(cost).to_integral_value(ROUND_CEILING))


def parse_models(text: str) -> tuple[Model, ...]:
    """The models a setting names.

    Raises:
        ValueError: a word is not `name` or `name=input/output`, or a name stands twice.
    """
    models = tuple(_model(word.strip()) for word in text.split(",") if word.strip())
    if len({each.name for each in models}) < len(models):
        raise ValueError("expected every model once, smallest first")
    return models


def _model(word: str) -> Model:
    match = _WORD.fullmatch(word)
    if match is None:
        raise ValueError(f"expected name=input/output with prices per million tokens, came {word!r}")
    if match["input"] is None:
        return Model(match["name"])
    return Model(match["name"], Decimal(match["input"]), Decimal(match["output"]))


def is_among(name: str, listed: Collection[str]) -> bool:
    """True if an endpoint that lists these has this model: some list it with a folder before it, or a tag behind."""
    return any(name in {each, each.rpartition("/")[2], each.partition(":")[0]} for each in listed)


def parse_pairs(text: str) -> dict[str, str]:
    """What a setting says of single models or stages, as `name=value` by comma.

    Raises:
        ValueError: a word is no such pair, or a name stands twice.
    """
    pairs: dict[str, str] = {}
    for word in (each.strip() for each in text.split(",") if each.strip()):
        name, sign, value = (part.strip() for part in word.partition("="))
        if not sign:
            raise ValueError(f"expected name=value by comma, came {word!r}")
        if name in pairs:
            raise ValueError(f"expected every name once, came {name!r} twice")
        pairs[name] = value
    return pairs
