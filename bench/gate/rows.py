"""Lines to judge, read from a folder of `*.jsonl` or from the sealed half: one JSON object a line."""

import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench.decide.lines import Problem, Unfit, lines_of, read_lines
from services.composer.core.values import Field
from services.runtime.outcome import Misconfigured

CORPORA = Path(__file__).parent / "corpora"
EXPECTED = (
    '{"language", "text", "cites": {fact id: fact text}, "field": sentence|subject|preheader|button, '
    '"expect": pass|refuse, "kind"}'
)
FIELDS = tuple(each.value for each in Field)
VERDICTS = ("pass", "refuse")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_KIND = re.compile(r"[a-z0-9][a-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Corpus:
    """A corpus of ours: its name, its open half and the sealed one."""

    name: str
    open: Path
    sealed: Path


FIRST = Corpus("kindling", CORPORA / "open", CORPORA / "sealed.zip")
SECOND = Corpus("kindling-second", CORPORA / "second" / "open", CORPORA / "second" / "sealed.zip")
OURS = (FIRST, SECOND)


@dataclass(frozen=True, slots=True)
class Row:
    """One line, of which file it is (the stem of its name), and what its writer expects of the gate."""

    stem: str
    language: str
    text: str
    cites: tuple[tuple[str, str], ...]
    field: Field
    is_expected_to_pass: bool
    kind: str


def read_folder(folder: Path) -> tuple[Row, ...]:
    """Every line of every `*.jsonl` of the folder, files by name; other keys of a line are not looked at.

    Raises:
        Misconfigured: there is no such file, one cannot be read, or a line is no row; with file and line.
    """
    rows: list[Row] = []
    for path in sorted(folder.glob("*.jsonl")):
        for each in read_lines(path, EXPECTED, _reader(path)):
            if isinstance(each, Problem):
                raise Misconfigured(str(each))
            rows.append(each)
    if not rows:
        raise Misconfigured(f"{folder}: expected files *.jsonl with {EXPECTED} a line; no line came")
    return tuple(rows)


def read_sealed(path: Path) -> tuple[Row, ...]:
    """Every line of the sealed half, read in memory and never written anywhere.

    Raises:
        Misconfigured: the file is not the one that was sealed, or a line is no row; never with what stands in it.
    """
    rows: list[Row] = []
    with zipfile.ZipFile(io.BytesIO(_sealed_bytes(path))) as archive:
        for name in sorted(archive.namelist()):
            member = Path(name)
            for each in lines_of(io.BytesIO(archive.read(name)), member, EXPECTED, _reader(member)):
                if isinstance(each, Problem):
                    raise Misconfigured(
                        f"{path}: {name}:{each.line}: no row of the format; what stands there is sealed"
                    )
                rows.append(each)
    return tuple(rows)


def _sealed_bytes(path: Path) -> bytes:
    sums = path.with_suffix(".sha256")
    try:
        raw, expected = path.read_bytes(), sums.read_text("utf-8").split()
    except OSError as error:
        raise Misconfigured(f"{error.filename}: {error.strerror}; expected the sealed half and its hash") from error
    came = hashlib.sha256(raw).hexdigest()
    if expected[:1] != [came]:
        raise Misconfigured(
            f"{path}: expected the SHA-256 of {sums.name}, {' '.join(expected[:1]) or 'nothing'}, came {came}; "
            "take both files from the commit that sealed them"
        )
    return raw


def _reader(path: Path) -> Callable[[dict[str, Any]], Row]:
    return partial(_row, path.stem)


def _row(stem: str, value: dict[str, Any]) -> Row:
    missing = [name for name in ("language", "text", "cites", "field", "expect", "kind") if name not in value]
    if missing:
        raise Unfit(f"there is no {' and no '.join(missing)}; add it")
    return Row(
        stem=stem,
        language=_matching(value, "language", _LANGUAGE, "a language code such as en"),
        text=_text(value["text"], "text"),
        cites=_cites(value["cites"]),
        field=Field(_one_of(value, "field", FIELDS)),
        is_expected_to_pass=_one_of(value, "expect", VERDICTS) == VERDICTS[0],
        kind=_matching(value, "kind", _KIND, "a word in lower case such as careful"),
    )


def _cites(value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        raise Unfit(f"cites: {_came(value)} came; write an object of fact ids and texts, {{}} where nothing is cited")
    return tuple((identifier, _text(text, f"cites.{identifier}")) for identifier, text in value.items())


def _one_of(value: dict[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    came = value[name]
    if came not in allowed:
        raise Unfit(f"{name}: {_came(came)} came; write one of {', '.join(allowed)}")
    return str(came)


def _matching(value: dict[str, Any], name: str, pattern: re.Pattern[str], example: str) -> str:
    came = value[name]
    if not isinstance(came, str) or not pattern.fullmatch(came):
        raise Unfit(f"{name}: {_came(came)} came; write {example}")
    return came


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise Unfit(f"{name}: {_came(value)} came; write a text")
    return value


def _came(value: object) -> str:
    return ascii(value)[:60]
