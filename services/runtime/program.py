"""Reads a program folder: the business as data. Every error names file, field and what was expected."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from schemas.course import Course
from schemas.problems import Problem, came, expected, nearest, place
from schemas.program import Brand, Content, Playbook, Program, Signals
from services.runtime.lines import numbered
from services.runtime.outcome import Misconfigured
from services.runtime.yaml_text import read_yaml_file

V = TypeVar("V", bound=BaseModel)
CONTENT = "content.yaml"  # may be left out: then no title counts that only a browser says
MAX_PROBLEMS = 5
MOST_LINE_BYTES = 1_000_000  # Kafka's default limit of a record
_LANGUAGE = re.compile(r"[a-z]{2,3}")


def read_program(folder: Path) -> Program:
    """The whole program.

    Raises:
        Misconfigured: the folder, a file or a field is not as it should be; it names which and what was expected.
    """
    if not folder.is_dir():
        raise Misconfigured(f"KINDLING_PROGRAM: expected a folder with brand.yaml; {folder} is none")
    names = sorted((folder / "playbooks").glob("*.yaml"))
    if not names:
        raise Misconfigured(f"{folder}/playbooks: expected at least one <name>.yaml, found none")
    content = folder / CONTENT
    parts = {
        "brand": read_yaml(folder / "brand.yaml", Brand),
        "signals": read_yaml(folder / "signals.yaml", Signals),
        "playbooks": tuple(read_yaml(name, Playbook) for name in names),
        "content": read_yaml(content, Content).content if content.exists() else (),
        "words": {path.stem: read_words(path) for path in sorted((folder / "words").glob("*.yaml"))},
    }
    return checked(f"{content}", parts, Program)


def read_words(path: Path) -> dict[str, Any]:
    """What one `words/<language>.yaml` says, by key; which keys there are is checked where it is all together.

    Raises:
        Misconfigured: as `read_program`.
    """
    if _LANGUAGE.fullmatch(path.stem) is None:
        raise Misconfigured(f"{path}: expected a language as its name, two or three letters: en.yaml")
    raw = read_yaml_file(path)
    if not isinstance(raw, dict) or not all(isinstance(key, str) for key in raw):
        raise Misconfigured(f"{path}: expected phrases by their key; {type(raw).__name__} came")
    return raw


def read_yaml(path: Path, kind: type[V]) -> V:
    """One file as the value it holds.

    Raises:
        Misconfigured: as `read_program`.
    """
    return checked(f"{path}", read_yaml_file(path), kind)


def read_catalogue(path: Path) -> Iterator[Course]:
    """The courses of a JSON Lines file, one a line; blank lines are passed over.

    Raises:
        Misconfigured: at the first bad line, with its number, field and what was expected.
    """
    try:
        with path.open("rb") as file:
            for number, raw in numbered(file, MOST_LINE_BYTES):
                if raw.strip():
                    yield _course(f"{path}, line {number}", raw)
    except OSError as error:
        raise Misconfigured(f"{path}: expected a readable file: {error.strerror}") from error


def _course(where: str, raw: bytes) -> Course:
    if len(raw) > MOST_LINE_BYTES:
        raise Misconfigured(f"{where}: expected at most {MOST_LINE_BYTES} bytes")
    try:
        return Course.model_validate_json(raw, extra="forbid")
    except ValidationError as error:
        raise Misconfigured(f"{where}: {_problems(error, Course)}") from None


def checked(where: str, raw: Any, kind: type[V]) -> V:
    """What was read as the value it holds; `where` is the file.

    Raises:
        Misconfigured: as `read_program`.
    """
    try:
        return kind.model_validate(raw, extra="forbid")  # an operator's typo is theirs to see
    except ValidationError as error:
        raise Misconfigured(f"{where}: {_problems(error, kind)}") from None


def problems_of(raw: Any, kind: type[BaseModel]) -> list[str]:
    """All that keeps what was read from being such a value, each as `field: expected …`; none where nothing does."""
    try:
        kind.model_validate(raw, extra="forbid")
    except ValidationError as error:
        return _every(error, kind)
    return []


def _every(error: ValidationError, kind: type[BaseModel]) -> list[str]:
    found = sorted(error.errors(include_url=False), key=lambda each: each["type"] != "extra_forbidden")  # typos first
    return [f"{place(each, 'the whole')}: {expected(each)}{_meant(each, kind)}{came(each)}" for each in found]


def _problems(error: ValidationError, kind: type[BaseModel]) -> str:
    problems = _every(error, kind)
    more = f"; and {len(problems) - MAX_PROBLEMS} more" if len(problems) > MAX_PROBLEMS else ""
    return "; ".join(problems[:MAX_PROBLEMS]) + more


def _meant(problem: Problem, kind: type[BaseModel]) -> str:
    name = nearest(kind, problem) if problem["type"] == "extra_forbidden" else None
    return "" if name is None else f" (perhaps {name} is meant)"
