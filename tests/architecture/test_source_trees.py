"""Tests that read code parse it in one way, which garbage cannot break."""

import ast
import gc
from collections.abc import Iterator

import pytest

from tests.source_trees import parsed

SOURCE = f"x = [{', '.join(f'f({number})' for number in range(3_000))}]"


class Parsing:
    """Garbage, whose finaliser parses and leaves the next."""

    ended = 0
    is_over = False

    def __init__(self) -> None:
        self.me = self  # a cycle: only a collection ends it

    def __del__(self) -> None:
        Parsing.ended += 1
        ast.parse("a = (b)")
        if not Parsing.is_over:
            Parsing()


@pytest.fixture
def eager() -> Iterator[None]:
    """The collector runs every few objects, and finds garbage each time."""
    before = gc.get_threshold()
    Parsing.is_over = False
    gc.set_threshold(5, 2, 2)
    Parsing()
    yield
    Parsing.is_over = True
    gc.set_threshold(*before)
    gc.collect()


def test_no_finaliser_runs_while_a_source_is_parsed(eager: None) -> None:
    """Of CPython 3.11.7 the parser would raise, now and then; afterwards they run as ever."""
    del eager
    before = Parsing.ended
    tree = parsed(SOURCE)
    assert Parsing.ended <= before + 1  # one may be due as the collector comes on again
    assert ast.unparse(tree) == SOURCE
    gc.collect()
    assert Parsing.ended > before


def test_collector_is_left_as_it_was() -> None:
    """Whatever the source is."""
    with pytest.raises(SyntaxError):
        parsed("x = ")
    assert gc.isenabled()
    gc.disable()
    try:
        parsed("x = 1")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_no_other_test_parses(trees: dict[str, ast.Module]) -> None:
    """Nor any other way to a tree."""
    of_ast = {"parse", "literal_eval"}
    found = {
        name
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if name.startswith("tests/")
        and isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in {("ast", each) for each in of_ast}
    }
    assert found == {"tests/source_trees.py", "tests/architecture/test_source_trees.py"}
