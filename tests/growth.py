"""What a later version would write: a record with one more field in its objects, or with a word nobody knows."""

from collections.abc import Iterator
from functools import cache
from typing import Any, TypeAlias

import jsonschema
import orjson

from schemas.identity import derived_key
from schemas.publish import documents
from schemas.signing import signature

Path: TypeAlias = tuple[str | int, ...]
NEW_FIELD, NEW_VALUE = "new_field", {"of": ["a later version"]}
SIGNED = {"email.outbound": "outbound", "email.suppressions": "suppression"}
NEW_WORD = "word_of_a_later_version"


@cache
def published(short: str) -> dict[str, Any]:
    """The topic's published schema."""
    document: dict[str, Any] = orjson.loads(documents()[f"{short}.schema.json"])
    return document


def at(value: Any, path: Path) -> Any:
    """The part of the value at the path."""
    for step in path:
        value = value[step]
    return value


def put(value: Any, path: Path, part: Any) -> None:
    """Replace the part at the path."""
    at(value, path[:-1])[path[-1]] = part


def objects(short: str, value: Any) -> list[Path]:
    """Where the topic's value has an object with fields; a map of names to values is none."""
    return [path for path, schema in _walked(short, value) if "properties" in schema]


def words(short: str, value: Any) -> list[Path]:
    """Where the topic's value has one word of a closed list."""
    return [
        path for path, schema in _walked(short, value)
        if isinstance(at(value, path), str) and ("enum" in schema or "const" in schema)
    ]  # fmt: skip


def grown(short: str, raw: bytes) -> bytes:
    """The record with one more field in every object."""
    value = orjson.loads(raw)
    for path in objects(short, value):
        at(value, path)[NEW_FIELD] = NEW_VALUE
    return orjson.dumps(value)


def later(short: str, raw: bytes, secret: bytes) -> bytes:
    """The record as a later version writes it: one more field in every object, and its signature over all of them."""
    value = orjson.loads(grown(short, raw))
    if short in SIGNED and value.pop("signature", None) is not None:
        value["signature"] = signature(derived_key(secret, SIGNED[short]), value)
    return orjson.dumps(value)


def _walked(short: str, value: Any) -> list[tuple[Path, dict[str, Any]]]:
    document = published(short)
    return [*_walk(value, document, (), document.get("$defs", {}))]


def _walk(value: Any, schema: Any, path: Path, known: dict[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    if not isinstance(schema, dict):
        return
    if "$ref" in schema:
        schema = known[schema["$ref"].rpartition("/")[2]]
    for branch in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        if jsonschema.Draft202012Validator({**branch, "$defs": known}).is_valid(value):
            yield from _walk(value, branch, path, known)
            return
    yield path, schema
    if isinstance(value, dict):
        for name, part in value.items():
            inner = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            yield from _walk(part, inner, (*path, name), known)
    elif isinstance(value, list):
        first = schema.get("prefixItems", ())
        for place, part in enumerate(value):
            inner = first[place] if place < len(first) else schema.get("items")
            yield from _walk(part, inner, (*path, place), known)
