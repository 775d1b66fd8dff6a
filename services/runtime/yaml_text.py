"""YAML read as fast as the library can: a service reads forty files before it takes its first record."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from services.runtime.outcome import Misconfigured

YamlError = yaml.YAMLError
_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # a library built without libyaml has no fast one

Row: TypeAlias = tuple[int, Any]
"""The line an item of a list begins in, and what it says: a `YamlError` where it says nothing."""


MOST_STEPS, MOST_PLACES = 20, 100_000  # a text may name parts of itself, and is then without end, or very wide
Place: TypeAlias = tuple[str | int, ...]


def read_yaml_text(text: str) -> Any:
    """What the text says; None where it says nothing.

    Raises:
        YamlError: with the line and what was expected there.
    """
    try:
        return yaml.load(text, _FAST)  # noqa: S506 both are the safe ones
    except YamlError:
        return yaml.safe_load(text)  # forty times slower, and says in more words what is wrong


def read_yaml_rows(text: str, name: str) -> tuple[Mapping[str, Any], Iterator[Row]]:
    """What stands at the top beside a name, and each item of the list under it, item by item.

    Raises:
        YamlError: the text is no YAML, or nothing at its top has the name and is a list.
    """
    top = yaml.compose(text, _FAST)
    pairs = top.value if isinstance(top, yaml.MappingNode) else []
    lists = [value for key, value in pairs if key.value == name and isinstance(value, yaml.SequenceNode)]
    if len(lists) != 1:
        raise YamlError(f"expected one list at the top that is named {name}")
    beside = {str(key.value): _constructed(value)[1] for key, value in pairs if value is not lists[0]}
    return beside, map(_constructed, lists[0].value)


def _constructed(node: Any) -> Row:
    line = node.start_mark.line + 1
    try:
        return line, yaml.constructor.SafeConstructor().construct_document(node)
    except YamlError as error:
        return line, error


def read_yaml_places(text: str) -> tuple[dict[Place, int], tuple[tuple[Place, int], ...]]:
    """The line that each value of the text begins in, and each key that stands a second time, with its line.

    A place is the steps that lead to a value, keys as text and items by their number from 0; `()` is the whole.

    Raises:
        YamlError: the text is no YAML.
    """
    lines: dict[Place, int] = {(): 1}
    twice: list[tuple[Place, int]] = []
    top = yaml.compose(text, _FAST)
    waiting: list[tuple[Place, Any]] = [] if top is None else [((), top)]
    while waiting and len(lines) < MOST_PLACES:
        place, node = waiting.pop()
        steps: list[tuple[str | int, Any, Any]] = []
        if isinstance(node, yaml.MappingNode):
            steps += [(str(key.value), key.start_mark, value) for key, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            steps += [(number, each.start_mark, each) for number, each in enumerate(node.value)]
        for step, mark, value in steps:
            inner, line = (*place, step), mark.line + 1
            if inner in lines:
                twice.append((inner, line))
            lines[inner] = line
            if len(inner) < MOST_STEPS:
                waiting.append((inner, value))
    return lines, tuple(twice)


def yaml_of(value: Any) -> str:
    """The value for somebody to read, in the order it is in."""
    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=120)
    return text


def read_yaml_file(path: Path) -> Any:
    """What a file of UTF-8 says; None where it says nothing.

    Raises:
        Misconfigured: the file cannot be read, or says no YAML: with path, line and what was expected.
    """
    try:
        return read_yaml_text(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Misconfigured(f"{path}: expected a readable file: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Misconfigured(f"{path}: expected UTF-8: {error.reason} at byte {error.start}") from error
    except YamlError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        raise Misconfigured(f"{path}{line}: not YAML: {getattr(error, 'problem', error)}") from error
