"""One YAML file of a program folder: what it says, in which line, and all that is wrong with it by itself."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from services.cli.check.mistake import Mistake, of_problem, of_sentence
from services.runtime.outcome import Misconfigured
from services.runtime.yaml_text import Place, read_yaml_file, read_yaml_places


@dataclass(slots=True)
class Document:
    """A file as it was read. `raw` is None where it could not be; `value` None where it is not as it should be."""

    file: str
    raw: Any = None
    value: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def line(self, place: Place) -> int:
        """Where a value begins; of one that is not there, what should hold it; 0 where nothing was read."""
        return next((self.lines[place[:end]] for end in range(len(place), -1, -1) if place[:end] in self.lines), 0)

    def wrong(self, place: Place, expected: str, came: str = "") -> None:
        """Note a mistake of a value."""
        self.mistakes.append(Mistake(self.file, self.line(place), named(place), expected, came))


def read(folder: Path, path: Path, kind: type[BaseModel]) -> Document:
    """The file, held against its model."""
    document = read_raw(folder, path)
    if document.raw is None:
        if not document.mistakes:
            document.wrong((), "fields by name; the file says nothing")
        return document
    try:
        document.value = kind.model_validate(document.raw, extra="forbid")
    except ValidationError as error:
        for problem in error.errors(include_url=False):
            place = tuple(step for step in problem["loc"] if step != "[key]")
            document.mistakes.append(of_problem(document.file, document.line(place), named(place), problem, kind))
    return document


def read_raw(folder: Path, path: Path) -> Document:
    """The file, held against nothing but YAML."""
    document = Document(path.relative_to(folder).as_posix())
    try:
        document.raw = read_yaml_file(path)
    except Misconfigured as error:
        document.mistakes.append(of_sentence(folder, str(error), document.file))
        return document
    document.lines, twice = read_yaml_places(path.read_text(encoding="utf-8"))
    for place, line in twice:
        document.mistakes.append(
            Mistake(document.file, line, named(place), "expected each key once; it stands a second time: take one out")
        )
    return document


def named(place: Place) -> str:
    """The steps that lead to a value, with a dot between them."""
    return ".".join(map(str, place))


def mapping(value: Any, *steps: str) -> dict[str, Any]:
    """What stands under these keys where it is a mapping; an empty one where it is not."""
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def texts(value: Any) -> Iterator[tuple[int, str]]:
    """Each item of a list that is text, and its number; nothing of what is no list."""
    for number, each in enumerate(value if isinstance(value, list) else []):
        if isinstance(each, str):
            yield number, each


def entries(value: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each item of a list that is a mapping, and its number; nothing of what is no list."""
    for number, each in enumerate(value if isinstance(value, list) else []):
        if isinstance(each, dict):
            yield number, each
