"""What may import what, where an import graph alone cannot say it: which names, and how many libraries a file."""

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

OURS = frozenset({"schemas", "services", "deploy", "bench", "tests"})
LANGUAGE = frozenset({"pydantic", "orjson", "typing_extensions"})  # what schemas is made of; they do no I/O
JSON = LANGUAGE | {"msgspec"}  # what a core has beside: JSON to typed rows and back
CORE_NAMES = frozenset({"JsonValue", "ValidationError"})  # what a core may take of pydantic: its values are dataclasses
FAUST = "services/profile/adapters/faust_"

# What an adapter may know of the runtime. The Faust adapters are a runtime themselves.
RUNTIME_OF_ADAPTERS = frozenset(
    f"services.runtime.{name}"
    for name in (
        "outcome",
        "errors",
        "clock",
        "clock_offset",
        "exemplars",
        "kafka_lag",
        "kafka_told",
        "labels",
        "metrics",
        "tasks",
        "kafka_clients",
        "lines",
        "watch",
        "log_identity",
        "program",
        "spans",
        "typed",
        "yaml_text",
    )
)

# Files with more than one library beside the language's own, each with its reason.
MORE_THAN_ONE_LIBRARY = {
    "services/ingest/adapters/anymail_events.py": "Anymail's views take Django's requests",
    "services/profile/adapters/faust_consumer.py": "corrects how Faust's driver fetches through aiokafka",
    "services/runtime/llm_endpoint.py": "what a body that breaks off raises is the transport's, beneath the client",
    "services/runtime/health.py": "serves the metrics of prometheus_client over aiohttp",
}


def test_import_contracts_hold(root: Path) -> None:
    """Every contract of `[tool.importlinter]` is kept."""
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([command, "--no-cache"], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_language_needs_only_its_own_libraries(imports: Mapping[str, frozenset[str]]) -> None:
    """Schemas are the standard library, pydantic and orjson: a connector's author can copy them."""
    assert [
        (path, library)
        for path, library in _libraries(imports)
        if path.startswith("schemas/") and library not in LANGUAGE
    ] == []


def test_core_and_port_need_no_library_but_json(
    imports: Mapping[str, frozenset[str]], trees: Mapping[str, ast.Module]
) -> None:
    """Of libraries a core has orjson and msgspec, and of pydantic a JSON value's name and a refusal to parse one."""
    assert [
        (path, library)
        for path, library in _libraries(imports)
        if _layer(path) in {"core", "ports.py"} and library not in JSON
    ] == []
    assert [
        (path, name)
        for path, tree in trees.items()
        if _layer(path) == "core"
        for name in _taken_of(tree, "pydantic")
        if name not in CORE_NAMES
    ] == []


def test_pipeline_and_entry_need_no_library(imports: Mapping[str, frozenset[str]]) -> None:
    """What orders the steps and what builds the clients know libraries only through adapters and runtime."""
    entry = {"pipeline.py", "world.py", "clients.py", "explaining.py", "commands.py", "__main__.py"}
    steps = entry | {"webhooks.py", "sending.py", "choice.py", "company.py", "retrieval.py", "understanding.py"}
    assert [(path, library) for path, library in _libraries(imports) if _layer(path) in steps] == []


def test_adapter_and_runtime_file_knows_one_library(imports: Mapping[str, frozenset[str]]) -> None:
    """A library can be replaced by writing one file anew."""
    many = {
        path
        for path, modules in imports.items()
        if _layer(path) == "adapters" or path.startswith("services/runtime/")
        if len(_libraries_of(modules) - LANGUAGE) > 1
    }
    assert many == set(MORE_THAN_ONE_LIBRARY)


def test_adapter_knows_only_the_outcomes_of_the_runtime(imports: Mapping[str, frozenset[str]]) -> None:
    """An adapter raises the runtime's errors; the loop, the clients and the process are the entry's business."""
    strangers = {
        path
        for path, modules in imports.items()
        if _layer(path) == "adapters" and not path.startswith(FAUST)
        for module in modules
        if module.startswith("services.runtime") and module not in RUNTIME_OF_ADAPTERS
    }
    assert strangers == set()


def test_only_the_fenced_adapters_know_faust(imports: Mapping[str, frozenset[str]]) -> None:
    """What is pinned and corrected of Faust stands in files whose names say so."""
    knowing = {path for path, modules in imports.items() if {"faust", "mode"} & _libraries_of(modules)}
    assert {path for path in knowing if not path.startswith((FAUST, "bench/"))} == set()


def test_services_know_no_test_bench_or_deployment(imports: Mapping[str, frozenset[str]]) -> None:
    """What is shipped needs nothing of what tries, measures or starts it."""
    assert [
        (path, module)
        for path, modules in imports.items()
        if path.startswith(("schemas/", "services/"))
        for module in modules
        if module.partition(".")[0] in {"tests", "bench", "deploy"}
    ] == []


def test_only_the_entry_and_settings_read_the_environment(names: Mapping[str, frozenset[str]]) -> None:
    """A value of the environment comes in as a setting, with a name, a type and a bound."""
    assert [
        path
        for path, read in names.items()
        if path.startswith(("schemas/", "services/")) and {"environ", "getenv"} & read
        if path != "services/runtime/supervisor.py"  # hands its own environment on
    ] == []


def _layer(path: str) -> str:
    parts = path.split("/")
    return parts[2] if parts[0] == "services" and parts[1] != "runtime" and len(parts) > 2 else ""


def _libraries(imports: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, str]]:
    for path, modules in imports.items():
        yield from ((path, library) for library in sorted(_libraries_of(modules)))


def _libraries_of(modules: frozenset[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules} - sys.stdlib_module_names - OURS


def _taken_of(tree: ast.Module, library: str) -> list[str]:
    """The names taken of a library; the library itself where it is imported whole."""
    taken: list[str] = []
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module), names=aliases) if module.partition(".")[0] == library:
                taken += [each.name for each in aliases]
            case ast.Import(names=aliases):
                taken += [each.name for each in aliases if each.name.partition(".")[0] == library]
            case _:
                pass
    return taken
