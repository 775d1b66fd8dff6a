"""The command line of a program that runs another module: `python -m services.runtime.<program> <module> [words]`."""

import sys
from collections.abc import Sequence

from services.runtime.errors import Status


def module_and_words(program: str, doc: str | None) -> Sequence[str]:
    """The module that is to run, and its words.

    Raises:
        SystemExit: with 0 after help was asked for and given, with 78 where no module is named.
    """
    words = sys.argv[1:]
    if not words:
        print(f"{program}: expected a module to run, as services.profile", file=sys.stderr)
        raise SystemExit(Status.MISCONFIGURED)
    if words[0] in {"-h", "--help"}:
        print(f"usage: {doc}")
        raise SystemExit(0)
    return words
