"""Sources as trees, for tests that read code."""

import ast
import gc
from pathlib import Path


def parsed(source: str) -> ast.Module:
    """The tree of a source.

    Nothing is collected meanwhile: where CPython 3.11 runs a finaliser within the conversion, its count of the depth
    is off by that, and it raises `SystemError: AST constructor recursion depth mismatch` (cpython#106905).
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
