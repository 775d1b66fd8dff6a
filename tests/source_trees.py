"""Sources as trees, for tests that read code."""

import ast
import gc
from pathlib import Path


def parsed(source: str) -> ast.Module:
    """The tree of a source; nothing is collected meanwhile.

    CPython 3.11.7 keeps one count of depth for all parsers: where a finaliser parses too, as one does that formats a
    traceback, the outer parser raises `SystemError: AST constructor recursion depth mismatch` (gh-106905).
    """
    is_on = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(source)
    finally:
        if is_on:
            gc.enable()


def tree_of(path: Path) -> ast.Module:
    """The tree of a file's source."""
    return parsed(path.read_text(encoding="utf-8"))
