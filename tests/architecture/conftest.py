"""What the tests of the house read: every Python file as its syntax tree, and what it imports and names.

Paths are relative to the root, in POSIX form, such as `services/profile/core/fold.py`.
"""

import ast
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.source_trees import tree_of

ROOT = Path(__file__).parents[2]
CODE = ("schemas", "services", "deploy", "bench", "tests")

Trees: TypeAlias = Mapping[str, ast.Module]
NamesOf: TypeAlias = Mapping[str, frozenset[str]]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return ROOT


@pytest.fixture(scope="session")
def kept() -> tuple[Path, ...]:
    """Every file that may be committed: hidden folders are environments and caches, but for `.ci`."""
    return tuple(_kept())


@pytest.fixture(scope="session")
def trees(kept: tuple[Path, ...]) -> Trees:
    """The syntax tree of each Python file."""
    return {
        path.relative_to(ROOT).as_posix(): tree_of(path)
        for path in kept
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in CODE
    }


@pytest.fixture(scope="session")
def imports(trees: Trees) -> NamesOf:
    """The modules each file imports, wherever in it; `from a import b` is `a.b` where that is a module of ours."""
    return {path: frozenset(_imports(tree)) for path, tree in trees.items()}


@pytest.fixture(scope="session")
def names(trees: Trees) -> NamesOf:
    """Every name and attribute each file reads."""
    return {path: frozenset(_names(tree)) for path, tree in trees.items()}


def _kept() -> Iterator[Path]:
    for folder, inner, files in os.walk(ROOT):
        inner[:] = sorted(each for each in inner if each == ".ci" or not each.startswith((".", "__")))
        yield from (Path(folder) / name for name in sorted(files) if name != ".coverage")


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                yield from (each.name for each in aliases)
            case ast.ImportFrom(module=str(module), names=aliases):
                yield from (f"{module}.{each.name}" if _is_ours(module, each.name) else module for each in aliases)
            case _:
                pass


def _is_ours(module: str, name: str) -> bool:
    path = ROOT.joinpath(*module.split("."), name)
    return path.is_dir() or path.with_suffix(".py").is_file()


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name, ctx=ast.Load()):
                yield name
            case _:
                pass
