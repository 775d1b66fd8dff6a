"""How an endpoint is held to the shape of an answer, the strongest way first; pure.

`strict`: JSON Schema, which the answer cannot leave. `plain`: the same without bounds on lengths and counts, which some
endpoints refuse in a strict schema. `schema`: JSON Schema as advice. `object`: any JSON object. `none`: nothing but
words. Whatever an endpoint takes, every answer is validated all the same.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, get_args

import orjson

Structure: TypeAlias = Literal["strict", "plain", "schema", "object", "none"]
STRUCTURES: tuple[Structure, ...] = get_args(Structure)
BY_SCHEMA = frozenset({"strict", "plain", "schema"})
NAME = "answer"
WORDS = "Answer with one JSON object that this JSON Schema allows, without a code fence, and with no word around it:"
_BOUNDS = frozenset({"minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum"})
_BOUND = re.compile(r"\b(?:min|max)_?(?:length|items|imum)\b", re.IGNORECASE)
_LOWER: Mapping[Structure, Structure] = MappingProxyType(
    {"strict": "schema", "plain": "schema", "schema": "object", "object": "none"}
)


def lowered(structure: Structure, refusal: str) -> Structure | None:
    """The next lower way after this refusal of the endpoint; None below the lowest."""
    if structure == "strict" and _BOUND.search(refusal):
        return "plain"
    return _LOWER.get(structure)


def response_format(structure: Structure, schema: dict[str, Any]) -> dict[str, Any] | None:
    """The parameter of a request; None where there is to be none."""
    match structure:
        case "strict" | "plain":
            held = unbounded(schema) if structure == "plain" else schema
            return {"type": "json_schema", "json_schema": {"name": NAME, "schema": held, "strict": True}}
        case "schema":
            return {"type": "json_schema", "json_schema": {"name": NAME, "schema": schema, "strict": False}}
        case "object":
            return {"type": "json_object"}
        case "none":
            return None


def in_words(system: str, schema: dict[str, Any]) -> str:
    """The prompt with the schema behind it: what is constant comes first, so that a provider can cache it."""
    return f"{system}\n\n{WORDS}\n{orjson.dumps(schema).decode()}"


def unbounded(schema: Any) -> Any:
    """The schema without bounds on lengths, counts and numbers; names of properties and words of enums stay."""
    match schema:
        case dict():
            kept = {name: unbounded(each) for name, each in schema.items() if name not in _BOUNDS}
            named = {name: unbounded(each) for name, each in schema.get("properties", {}).items()}
            return kept | ({"properties": named} if named else {})
        case _:
            return schema
