"""How long a file and a function may be: what a reader takes in at once."""

import ast
from collections.abc import Mapping
from pathlib import Path

MODULE_LINES = 300
FUNCTION_LINES = 50


def test_module_has_at_most_300_lines(trees: Mapping[str, ast.Module], root: Path) -> None:
    """A longer one has two reasons to change."""
    lengths = {path: len((root / path).read_text(encoding="utf-8").splitlines()) for path in trees}
    assert {path: lines for path, lines in lengths.items() if lines > MODULE_LINES} == {}


def test_function_has_at_most_50_lines(trees: Mapping[str, ast.Module]) -> None:
    """A longer one has two levels of thought."""
    assert {
        f"{path}:{node.lineno} {node.name}": length
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    } == {}


def test_module_says_what_it_is_for(trees: Mapping[str, ast.Module]) -> None:
    """Each module begins with a docstring."""
    assert [path for path, tree in trees.items() if not ast.get_docstring(tree)] == []
