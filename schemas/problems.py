"""What is wrong with a value that somebody wrote, in our words: what was expected, what came, what to do."""

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, TypeAlias, get_args

from pydantic import BaseModel

Problem: TypeAlias = Mapping[str, Any]
"""One entry of `ValidationError.errors()`: `type`, `loc`, `msg`, and where they were asked for `ctx` and `input`."""

MAX_SHOWN = 40  # characters of what came
OTHER = "expected a value of another kind"
FORMS = {
    r"\S": "text that is not blank",
    r"\w": "text with a letter or digit in it",
    r"^/": "a path that begins with /",
    r"^/[^\s{}]*$": "a path that begins with /, without spaces and braces",
    r"^[A-Z]{3}$": "three capital letters, as EUR",
    r"^[a-z]{2,3}$": "a language in two or three small letters, as en",
    r"^[a-z]{2,3}(_[A-Z][A-Za-z]+)*$": "a locale, as en or pt_BR",
    r"^[a-z0-9][a-z0-9._-]{0,99}$": "1 to 100 small letters, digits, dots, hyphens and underscores, no sign first",
    r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$": "a host name in small letters, as www.example.com",
    r"^[^@\s<>\"]+@[^@\s<>\"]+$": "a bare address, as name@example.com",
    r"^https://[^\s]+$": "a link that begins with https://, without spaces",
    r"^https?://[^\s]+$": "an address that begins with http:// or https://, without spaces",
    r"^https://[!-~]+[!-.0-~]$": "a link that begins with https://, in ASCII, without a slash at its end",
    r"^https://[!-~]{1,500}$": "a link that begins with https://, in ASCII, of at most 500 characters",
    r"^(zero|one|two|few|many|other)$": "a plural form: zero, one, two, few, many or other",
    r"^[^\s,]+:\d+(,[^\s,]+:\d+)*$": "host:port, several by comma",
    r"^\d{0,3}$": "up to three digits",
    r"^(\*|[a-z][a-z0-9+.-]*://[^/\s]+)$": "an origin as browsers send it, as https://www.example.com, or *",
    r"^[!-9;-~]{1,200}$": "1 to 200 characters of ASCII, no space and no colon among them",
    r"^[A-Za-z0-9._-]{1,200}$": "1 to 200 letters, digits, dots, hyphens and underscores",
    r"^[A-Za-z0-9._-]{1,50}$": "1 to 50 letters, digits, dots, hyphens and underscores",
    r"^arn:aws[a-z-]*:sns:[a-z0-9-]{1,40}:[0-9]{1,20}:[A-Za-z0-9_.-]{1,260}$": "the ARN of an SNS topic",
}
"""Each pattern that an operator's value has to match, in words."""

_PLAIN = {
    "missing": "expected, and nothing came: add it",
    "extra_forbidden": "expected no field of this name: mend the name or take it out",
    "json_type": "expected JSON text",
    "invalid_key": "expected text as each key",
    "model_type": "expected fields by name",
    "model_attributes_type": "expected fields by name",
    "dataclass_type": "expected fields by name",
    "dict_type": "expected values by key",
    "mapping_type": "expected values by key",
    "none_required": "expected nothing",
    "finite_number": "expected a finite number",
    "iterable_type": "expected a list",
    "list_type": "expected a list",
    "tuple_type": "expected a list",
    "set_type": "expected a list",
    "frozen_set_type": "expected a list",
    "set_item_not_hashable": "expected plain values, no list among them",
    "string_type": "expected text",
    "string_unicode": "expected text in UTF-8",
    "string_not_ascii": "expected letters of ASCII alone",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_parsing_size": "expected a whole number of fewer digits",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
    "decimal_type": "expected a number",
    "decimal_parsing": "expected a number",
    "path_type": "expected a path",
    "date_type": "expected a date, as 2026-11-03",
    "date_parsing": "expected a date, as 2026-11-03",
    "date_from_datetime_parsing": "expected a date, as 2026-11-03",
    "datetime_type": "expected a time, as 2026-11-03T09:30:00Z",
    "datetime_parsing": "expected a time, as 2026-11-03T09:30:00Z",
    "datetime_from_date_parsing": "expected a time, as 2026-11-03T09:30:00Z",
    "timezone_aware": "expected a time with its zone, as 2026-11-03T09:30:00Z",
    "invalid-json-value": "expected text, numbers, true or false, and lists and mappings of them",
    "recursion_loop": "expected a value that does not hold itself",
    "recursion_depth_exceeded": "expected a value that is less deep",
}
_WITH_BOUNDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "json_invalid": lambda ctx: f"expected JSON: {ctx['error']}",
    "greater_than": lambda ctx: f"expected more than {_figure(ctx['gt'])}",
    "greater_than_equal": lambda ctx: f"expected at least {_figure(ctx['ge'])}",
    "less_than": lambda ctx: f"expected less than {_figure(ctx['lt'])}",
    "less_than_equal": lambda ctx: f"expected at most {_figure(ctx['le'])}",
    "multiple_of": lambda ctx: f"expected a multiple of {ctx['multiple_of']}",
    "too_short": lambda ctx: f"expected at least {ctx['min_length']}{_unit(ctx)}, {ctx['actual_length']} came",
    "too_long": lambda ctx: f"expected at most {ctx['max_length']}{_unit(ctx)}" + _count(ctx.get("actual_length")),
    "string_too_short": lambda ctx: f"expected text of at least {ctx['min_length']} characters",
    "string_too_long": lambda ctx: f"expected text of at most {ctx['max_length']} characters",
    "string_pattern_mismatch": lambda ctx: f"expected {form_of(ctx['pattern'])}",
    "literal_error": lambda ctx: f"expected {ctx['expected']}",
    "enum": lambda ctx: f"expected {ctx['expected']}",
    "decimal_max_digits": lambda ctx: f"expected at most {ctx['max_digits']} digits",
    "decimal_max_places": lambda ctx: f"expected at most {ctx['decimal_places']} digits behind the point",
    "decimal_whole_digits": lambda ctx: f"expected at most {ctx['whole_digits']} digits before the point",
}
_OURS = {"value_error": "Value error, ", "assertion_error": "Assertion failed, "}
"""Errors whose text is ours already, and what pydantic puts before it."""
SPOKEN = frozenset({*_PLAIN, *_WITH_BOUNDS, *_OURS})
"""The error types that have a sentence; another one's is `OTHER`."""


def expected(problem: Problem) -> str:
    """What was expected, without what came. Total: an error type without a sentence says so much."""
    kind = str(problem["type"])
    if kind in _OURS:
        return str(problem["msg"]).removeprefix(_OURS[kind])
    if kind in _WITH_BOUNDS:
        return _WITH_BOUNDS[kind](problem["ctx"])
    return _PLAIN.get(kind, OTHER)


def came(problem: Problem) -> str:
    """What came, as `; 'x' came`, where it is plain and short enough to be shown; else nothing."""
    value = problem["input"]
    shown = repr(value)
    is_told = isinstance(value, str | int | float | None) and len(shown) <= MAX_SHOWN
    return f"; {shown} came" if is_told else ""


def place(problem: Problem, whole: str) -> str:
    """The field, with a dot between the steps that lead to it; `whole` where it is all of the value."""
    return ".".join(map(str, problem["loc"])) or whole


def form_of(pattern: str) -> str:
    """The pattern in words; itself where it has none."""
    return FORMS.get(pattern, f"text of the form {pattern}")


def nearest(kind: type[BaseModel], problem: Problem) -> str | None:
    """The field that was perhaps meant, where one came that there is not; None where no name is near."""
    *steps, name = problem["loc"]
    for step in steps:
        field = kind.model_fields.get(str(step))  # none where the step is a key or a place in a list
        kind = kind if field is None else next(_models(field.annotation), kind)
    return next(iter(get_close_matches(str(name), [*kind.model_fields], 1)), None)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _count(length: int | None) -> str:
    return "" if length is None else f", {length} came"


def _unit(context: Mapping[str, Any]) -> str:
    """Of a secret, whose kind the library does not tell; what is in a list, the field's name says."""
    return " characters" if context["field_type"] == "Value" else ""


def _figure(bound: Any) -> str:
    """A whole number without a point."""
    return str(int(bound)) if isinstance(bound, float) and bound.is_integer() else str(bound)
