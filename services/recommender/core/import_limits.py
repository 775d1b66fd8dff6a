"""What an import takes of each field, in words, read off the schema."""

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.course import Course

OF_MOST_RANGES = ("maxLength", "characters"), ("maxItems", "entries"), ("maximum", "")


def limits() -> str:
    """One line, fields in the schema's order: `title 3 to 200 characters; description up to 8,000 characters; …`."""
    fields = Course.model_json_schema()["properties"]
    said = ((name, ", ".join(_bounds(_filled(each)))) for name, each in fields.items())
    return "; ".join(f"{name} {bounds}" for name, bounds in said if bounds)


def _filled(field: Mapping[str, Any]) -> Mapping[str, Any]:
    """The field where it is not null."""
    filled: Mapping[str, Any] = next((each for each in field.get("anyOf", ()) if each["type"] != "null"), field)
    return filled


def _bounds(field: Mapping[str, Any]) -> Iterator[str]:
    for most, unit in OF_MOST_RANGES:
        low, high = field.get(most.replace("max", "min")), field.get(most)
        if low is not None or high is not None:
            yield f"{_range(low, high)} {unit}".rstrip()
    if "enum" in field:
        yield " or ".join(field["enum"])
    if "pattern" in field:
        yield f"as {field['pattern']}"
    if "items" in field:
        yield from (f"each {each}" for each in _bounds(field["items"]))


def _range(low: int | None, high: int | None) -> str:
    if high is None:
        return f"at least {low:,}"
    return f"{low:,} to {high:,}" if low else f"up to {high:,}"
