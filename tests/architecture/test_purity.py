"""A core gives the same answer at each attempt, a service speaks through logs, and a test never waits."""

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

CLOCKS_AND_CHANCE = frozenset(
    {"uuid4", "uuid1", "now", "utcnow", "today", "time_ns", "monotonic", "perf_counter", "urandom", "getrandbits"}
)

# Programs that a person starts and reads at a terminal, each with whom it speaks to.
SPEAKS = {
    "services/runtime/__main__.py": "the operator who compares topics",
    "services/runtime/supervisor.py": "the operator who started it",
    "services/runtime/module_line.py": "the operator who named no module",
    "services/runtime/native.py": "the operator who started it on files that are not what they should be",
    "services/runtime/process.py": "the operator whose settings are wrong, before there is a log",
    "services/ingest/__main__.py": "the operator who named no command",
}

Trees = Mapping[str, ast.Module]


def test_core_asks_neither_clock_nor_chance(trees: Trees) -> None:
    """Time and ids are arguments of a core: the same input gives the same answer at each attempt."""
    assert [
        f"{path}:{call.lineno} {name}"
        for path, tree in trees.items()
        if "/core/" in path and path.startswith("services/")
        for call, name in _calls(tree)
        if name.rpartition(".")[2] in CLOCKS_AND_CHANCE or name == "time.time"
    ] == []


def test_core_awaits_nothing(trees: Trees) -> None:
    """A core is plain functions and generators."""
    waits = ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith
    assert [
        f"{path}:{node.lineno}"
        for path, tree in trees.items()
        if "/core/" in path and path.startswith("services/")
        for node in ast.walk(tree)
        if isinstance(node, waits)
    ] == []


def test_service_does_not_print(trees: Trees) -> None:
    """What a service has to say is a line of its log, a metric, or a record."""
    speaking = {
        path
        for path, tree in trees.items()
        if path.startswith(("services/", "schemas/"))
        if any(name == "print" for _, name in _calls(tree))
    }
    assert speaking <= set(SPEAKS)


def test_test_does_not_sleep(trees: Trees) -> None:
    """A test advances a clock or polls; `asyncio.sleep(0)` gives way and does not wait."""
    assert [
        f"{path}:{call.lineno}"
        for path, tree in trees.items()
        if path.startswith("tests/")
        for call, name in _calls(tree)
        if name == "time.sleep" or (name == "asyncio.sleep" and not _is_nought(call))
    ] == []


def test_services_shadow_no_module_of_the_standard_library(root: Path) -> None:
    """`python -m cProfile` works from the root: `services/profile` is not taken for the module `profile`."""
    assert str(root / "services") not in sys.path
    command = [sys.executable, "-c", "import cProfile, profile; print(profile.__file__)"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert root / "services" not in Path(done.stdout.strip()).parents


def _calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    """Each call with the dotted name of what is called, `datetime.now` or `sleep`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (name := _dotted(node.func)):
            yield node, name


def _dotted(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=inner, attr=name):
            return f"{_dotted(inner)}.{name}"
        case _:
            return ""


def _is_nought(call: ast.Call) -> bool:
    match call.args:
        case [ast.Constant(value=0)]:
            return True
        case _:
            return False
