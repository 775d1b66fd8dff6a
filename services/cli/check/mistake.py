"""One thing that is wrong with a program folder: where it stands, what was expected and what came."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from schemas.problems import came, expected, nearest

_WHERE = re.compile(r"(?P<file>[^:]*?\.(?:yaml|jsonl|csv))(?:, line (?P<line>\d+))?: (?P<what>.*)", re.DOTALL)
_FIELD = re.compile(r"(?P<field>[\w.-]+(?:\.[\w -]+)*): (?P<what>.*)", re.DOTALL)
_CAME = re.compile(r"(?P<what>.*); (?P<came>[^;]+) came", re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """`file` is relative to the folder; `line` from 1, 0 where it has none. A warning is no mistake of the count."""

    file: str
    line: int
    field: str
    expected: str
    came: str = ""
    is_warning: bool = False

    @property
    def sentence(self) -> str:
        """For a person: `file:line: field: expected …; 'x' came`."""
        where = self.file + (f":{self.line}" if self.line else "")
        level = "warning: " if self.is_warning else ""
        field = f"{self.field}: " if self.field else ""
        return f"{where}: {level}{field}{self.expected}" + (f"; {self.came} came" if self.came else "")

    @property
    def row(self) -> Mapping[str, Any]:
        """For a program."""
        return {
            "problem": "warning" if self.is_warning else "mistake",
            "file": self.file,
            "line": self.line or None,
            "field": self.field or None,
            "expected": self.expected,
            "came": self.came or None,
        }


def of_problem(file: str, line: int, field: str, problem: Mapping[str, Any], kind: type[BaseModel]) -> Mistake:
    """What pydantic has against a value of the model, in our words; of a field that is none the nearest one."""
    meant = nearest(kind, problem) if problem["type"] == "extra_forbidden" else None
    said = came(problem).removeprefix("; ").removesuffix(" came")
    more = "" if meant is None else f" (perhaps {meant} is meant)"
    return Mistake(file, line, field, expected(problem) + more, said)


def of_text(file: str, line: int, text: str) -> Mistake:
    """What a row's `field: expected …; 'x' came` says."""
    named = _FIELD.fullmatch(text)
    field, what = (named["field"], named["what"]) if named else ("", text)
    told = _CAME.fullmatch(what)
    return Mistake(file, line, field, told["what"] if told else what, told["came"] if told else "")


def of_sentence(folder: Path, sentence: str, usual: str) -> Mistake:
    """What an error of a service says, which begins with its file; of `usual` where it names none."""
    found = _WHERE.fullmatch(sentence)
    if found is None:
        return Mistake(usual, 0, "", sentence)
    file = found["file"].removeprefix(f"{folder}/")
    return of_text(file, int(found["line"] or 0), found["what"])
