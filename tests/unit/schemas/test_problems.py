"""What is wrong is said in our words: every error that a value of an operator's can raise has a sentence."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import PydanticKnownError
from pydantic_core._pydantic_core import list_all_errors

from schemas.content import PublishedPiece
from schemas.course import Course
from schemas.history import HistoryRow
from schemas.problems import FORMS, OTHER, SPOKEN, came, expected, place
from schemas.program import Brand, Content, Playbook, Program, Signals
from schemas.words import Words
from services.composer.adapters.lexicon_files import LexiconFile
from services.composer.settings import ComposerSettings
from services.connector.settings import ConnectorSettings
from services.console.settings import ConsoleSettings
from services.ingest.adapters.hooks_file import HooksFile
from services.ingest.adapters.keys_file import KeysFile
from services.ingest.settings import IngestSettings
from services.profile.settings import ProfileSettings
from services.recommender.settings import RecommenderSettings
from services.runtime.llm_settings import LlmSettings

WRITTEN: tuple[type[BaseModel], ...] = (
    *(Brand, Content, Course, HistoryRow, HooksFile, KeysFile, LexiconFile, Playbook, Program, PublishedPiece, Signals),
    *(Words, ComposerSettings, ConnectorSettings, ConsoleSettings, IngestSettings, LlmSettings, ProfileSettings),
    RecommenderSettings,
)
BOUNDS = {"gt": "greater_than", "ge": "greater_than_equal", "lt": "less_than", "le": "less_than_equal"}
LENGTHS = {"min_length": "too_short", "max_length": "too_long"}
RAISES = {
    "any": set[str](),
    "bool": {"bool_type", "bool_parsing"},
    "datetime": {"datetime_type", "datetime_parsing", "datetime_from_date_parsing", "timezone_aware"},
    "decimal": {"decimal_type", "decimal_parsing", "finite_number"},
    "default": set(),
    "dict": {"dict_type", "mapping_type"},
    "enum": {"enum"},
    "float": {"float_type", "float_parsing", "finite_number"},
    "frozenset": {"frozen_set_type", "iterable_type", "set_item_not_hashable"},
    "function-after": {"value_error"},
    "function-before": {"value_error"},
    "int": {"int_type", "int_parsing", "int_parsing_size", "int_from_float"},
    "is-instance": {"is_instance_of"},
    "json-or-python": set(),
    "lax-or-strict": set(),
    "list": {"list_type", "iterable_type"},
    "literal": {"literal_error"},
    "model": {"model_type", "model_attributes_type", "json_invalid", "json_type"},
    "model-field": {"missing"},
    "model-fields": {"extra_forbidden", "invalid_key"},
    "none": {"none_required"},
    "nullable": set(),
    "str": {"string_type", "string_unicode"},
    "tagged-union": {"invalid-json-value"},  # of a JSON value
    "tuple": {"tuple_type", "iterable_type"},
    "union": set(),
}
"""What a part of a model can raise, by what the library calls it."""
EVERY = {each["type"]: each for each in list_all_errors()}
OF_PYDANTIC = ("Input should", "Field required", "String should", "should have", "Extra inputs", "Value error")


def test_every_error_of_our_values_has_a_sentence() -> None:
    """A type of field that no value had before fails here until what it raises is spoken of."""
    raised = {error for part in _parts() for error in _raised(part)}
    assert len(raised) > 25
    assert raised - SPOKEN - {"is_instance_of"} == set()  # of a path and a secret: the environment gives text alone


def test_every_pattern_of_our_values_is_told_in_words() -> None:
    """Nobody reads a regular expression to learn what a slug is."""
    patterns = {part["pattern"] for part in _parts() if part.get("type") == "str" and part.get("pattern")}
    assert len(patterns) > 10
    assert patterns - FORMS.keys() == set()


@pytest.mark.parametrize("kind", sorted(EVERY))
def test_no_sentence_is_the_librarys(kind: str) -> None:
    """Whatever the error is, known or not."""
    context = EVERY[kind].get("example_context")
    text = "expected something else" if kind in {"value_error", "assertion_error"} else None
    given = {"error": ValueError(text)} if text else context
    raw = PydanticKnownError(kind, given) if given else PydanticKnownError(kind)  # type: ignore[arg-type]
    said = expected({"type": kind, "loc": (), "msg": raw.message(), "ctx": given, "input": 7})
    assert said.startswith("expected")
    assert not any(each in said for each in OF_PYDANTIC)
    assert (said == OTHER) == (kind not in SPOKEN)


def test_what_came_is_shown_where_it_is_short_and_plain() -> None:
    """Neither a list nor a long text is."""
    problem = {"type": "int_type", "loc": ("a", 0, "b"), "msg": ""}
    assert came({**problem, "input": "two"}) == "; 'two' came"
    assert came({**problem, "input": None}) == "; None came"
    assert came({**problem, "input": "x" * 39}) == ""
    assert came({**problem, "input": [1]}) == ""
    assert place(problem, "the whole") == "a.0.b"
    assert place({**problem, "loc": ()}, "the whole") == "the whole"


def test_sentence_has_the_bounds() -> None:
    """As they stand in the value's class."""
    with pytest.raises(ValidationError) as error:
        Playbook.model_validate({"version": 1, "name": "A b", "purpose": "x", "entry": [], "patience_s": 601})
    assert [f"{place(each, '')}: {expected(each)}" for each in error.value.errors()] == [
        "name: expected 1 to 100 small letters, digits, dots, hyphens and underscores, no sign first",
        "entry: expected at least 1, 0 came",
        "patience_s: expected at most 600",
    ]


def test_pattern_without_words_is_told_as_it_is() -> None:
    """A new one is not silent."""
    problem = {"type": "string_pattern_mismatch", "loc": (), "msg": "", "ctx": {"pattern": "^x$"}, "input": "y"}
    assert expected(problem) == "expected text of the form ^x$"


def test_list_that_is_too_long_says_how_much_came_where_that_is_known() -> None:
    """The library stops counting in some."""
    problem = {
        "type": "too_long",
        "loc": (),
        "msg": "",
        "ctx": {"field_type": "Tuple", "max_length": 2, "actual_length": None},
        "input": [],
    }
    assert expected(problem) == "expected at most 2"
    assert (
        expected({**problem, "ctx": {"field_type": "Tuple", "max_length": 2, "actual_length": 3}})
        == "expected at most 2, 3 came"
    )


def _parts() -> Iterator[dict[str, Any]]:
    for kind in WRITTEN:
        yield from _within(TypeAdapter(kind).core_schema)


def _within(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if isinstance(node.get("type"), str):
            yield node
        for key, each in node.items():
            if key not in {"metadata", "serialization", "ref"}:
                yield from _within(each)
    elif isinstance(node, list | tuple):
        for each in node:
            yield from _within(each)


def _raised(part: dict[str, Any]) -> set[str]:
    kind = str(part["type"])
    if kind in {"definitions", "definition-ref", "no-info"}:
        return set()
    before = "string_" if kind == "str" else ""
    own = {error for bound, error in BOUNDS.items() if bound in part}
    own |= {before + error for bound, error in LENGTHS.items() if bound in part}
    return RAISES[kind] | own | ({"string_pattern_mismatch"} if part.get("pattern") else set())
