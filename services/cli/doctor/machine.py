"""What the machine itself has: Python, libraries, free space."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from services.cli.doctor.finding import Finding, fail, ok, warn

OLDEST, NEWEST = (3, 11), (3, 13)
PINNED = {"aiokafka": "0.14.0", "faust-streaming": "0.15.3", "qdrant-edge-py": "0.9.0", "rocksdict": "0.3.29"}
"""Libraries whose private names are used, or whose files are ours alone: another version is not the one that was tried.

Source: `pyproject.toml`, which a test holds this to.
"""
OTHERS = ("openai", "orjson", "pydantic", "typer")
GB = 1_000_000_000
SCARCE_BYTES, TOO_FEW_BYTES = 5 * GB, GB


def python_finding(found: tuple[int, int] = (sys.version_info[0], sys.version_info[1])) -> Finding:
    """Whether this Python is one that is tested."""
    said = f"{found[0]}.{found[1]}"
    if OLDEST <= found <= NEWEST:
        return ok("python", said)
    return fail("python", said, "use Python 3.11, 3.12 or 3.13")


def libraries_finding(of: Callable[[str], str] = version) -> Finding:
    """Whether the libraries that matter are there, the pinned ones as they were tried."""
    found: dict[str, str] = {}
    for name in (*PINNED, *OTHERS):
        try:
            found[name] = of(name)
        except PackageNotFoundError:
            return fail("libraries", f"{name} is not installed", "install requirements/services.txt")
    said = ", ".join(f"{name} {number}" for name, number in found.items())
    other = [f"{name} {PINNED[name]}" for name in PINNED if found[name] != PINNED[name]]
    if other:
        return fail("libraries", said, f"install requirements/services.txt: expected {', '.join(other)}")
    return ok("libraries", said)


def disk_findings(folders: Mapping[str, Path], free: Callable[[Path], int] | None = None) -> list[Finding]:
    """Whether each data folder can be written, and how much room is left where it is or will be."""
    return [_disk(f"disk of {name}", path, free or _free) for name, path in folders.items()]


def _disk(check: str, path: Path, free: Callable[[Path], int]) -> Finding:
    standing = next(each for each in (path.absolute(), *path.absolute().parents) if each.exists())
    if not standing.is_dir() or not os.access(standing, os.W_OK):
        return fail(check, f"{path} cannot be written", "set the folder to one that this user may write, or mend it")
    room = free(standing)
    said = f"{path}: {room / GB:.1f} GB are free"
    if room < TOO_FEW_BYTES:
        return fail(check, said, f"free some: under {TOO_FEW_BYTES / GB:.0f} GB stores and logs soon break off")
    if room < SCARCE_BYTES:
        return warn(check, said, "free some, or watch it")
    return ok(check, said)


def _free(path: Path) -> int:
    return shutil.disk_usage(path).free
