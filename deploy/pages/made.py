"""The command of a page that is made: it is written anew, or held to what it is made of."""

import sys
from collections.abc import Callable
from pathlib import Path

OLD, DONE, MISSPELT = 1, 0, 2


def run(words: list[str], module: str, page: Path, make: Callable[[], str], source: str) -> int:
    """The exit status: 1 where `--check` finds the page another than it should be, 2 for words that are none.

    `source` says what the page is made of, as the rest of "is not what".
    """
    if words not in ([], ["--check"]):
        sys.stderr.write(f"{module}: expected nothing, or --check; came {' '.join(words)}\n")
        return MISSPELT
    if not words:
        page.write_text(make(), encoding="utf-8")
        return DONE
    if page.read_text(encoding="utf-8") == make():
        return DONE
    sys.stderr.write(f"{page.name} is not what {source}: run `python -m {module}`\n")
    return OLD
