"""Cases from a file, one a line, as `explain --json` prints them."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from schemas.replay import Case
from services.runtime.outcome import Misconfigured


def read_cases(path: Path) -> Iterator[Case]:
    """The cases of the file.

    Raises:
        Misconfigured: the file cannot be read, or a line is no case.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path}: expected a readable file of cases: {error}") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield Case.model_validate_json(line)
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                where = ".".join(map(str, first["loc"])) or "the whole"
                raise Misconfigured(f"{path}, line {number}: {where}: {first['msg']}") from None
