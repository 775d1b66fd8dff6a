"""YAML read as fast as the library can: a service reads forty files before it takes its first record."""

from pathlib import Path
from typing import Any

import yaml

from services.runtime.outcome import Misconfigured

YamlError = yaml.YAMLError
_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # a library built without libyaml has no fast one


def read_yaml_text(text: str) -> Any:
    """What the text says; None where it says nothing.

    Raises:
        YamlError: with the line and what was expected there.
    """
    try:
        return yaml.load(text, _FAST)  # noqa: S506 both are the safe ones
    except YamlError:
        return yaml.safe_load(text)  # forty times slower, and says in more words what is wrong


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
