"""The generated JSON Schema of every topic: `python -m schemas` writes it, a test says when it is stale."""

from pathlib import Path

import orjson

from schemas.topics import ADAPTERS, BY_SHORT

FOLDER = Path(__file__).parent / "json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def documents() -> dict[str, bytes]:
    """The JSON Schema of each topic by file name; closed for what Kindling writes, open for what others write."""
    return {f"{short}.schema.json": _document(short) for short in sorted(ADAPTERS)}


def write(folder: Path = FOLDER) -> None:
    """Write every document and drop those of topics that are gone."""
    folder.mkdir(exist_ok=True)
    wanted = documents()
    for stale in folder.glob("*.schema.json"):
        if stale.name not in wanted:
            stale.unlink()
    for name, body in wanted.items():
        (folder / name).write_bytes(body)


def _document(short: str) -> bytes:
    topic = BY_SHORT[short]
    schema = {
        "$schema": DIALECT,
        "$id": topic.name,
        **ADAPTERS[short].json_schema(by_alias=True),
        "description": topic.what,
    }
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"
