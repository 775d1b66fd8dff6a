"""What the questions of a decision cost, by the prices an operator states; none is known to the program."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from schemas.recommendation import Asked

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """Money per million tokens, in and out, in whatever currency the operator thinks in."""

    tokens_in: float
    tokens_out: float


Prices: TypeAlias = Mapping[str, Price]
"""By model; `*` is any other."""


@dataclass(frozen=True, slots=True)
class BadPrice:
    """What was expected of a price, and what came."""

    message: str


def price_of(text: str) -> tuple[str, Price] | BadPrice:
    """`MODEL=IN/OUT` as a price."""
    model, _, amounts = text.rpartition("=")
    tokens_in, _, tokens_out = amounts.partition("/")
    try:
        price = Price(float(tokens_in), float(tokens_out))
    except ValueError:
        return BadPrice(f"expected MODEL=IN/OUT, each per million tokens, as small=0.25/2; {text!r} came")
    return model or "*", price


def cost(asked: Sequence[Asked], prices: Prices) -> float | None:
    """The money of these questions; None where tokens were used by a model without a price."""
    total = 0.0
    for each in asked:
        if not each.prompt_tokens and not each.completion_tokens:
            continue
        price = prices.get(each.model) or prices.get("*")
        if price is None:
            return None
        total += (each.prompt_tokens * price.tokens_in + each.completion_tokens * price.tokens_out) / MILLION
    return total


def money(amount: float | None) -> str:
    """The amount, or that no price was stated."""
    return "unknown (no --price)" if amount is None else f"{amount:.6f}"
