"""A small file that names one thing, replaced from one instant to the next: whoever reads it finds a whole name."""

import os
from pathlib import Path

LONGEST = 500  # bytes


def read_alias(path: Path) -> str | None:
    """The name; None where there is no file, or no text in it."""
    try:
        return path.read_bytes()[:LONGEST].decode("utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def write_alias(path: Path, name: str) -> None:
    """Write beside, to the disk; rename; the folder to the disk too. Raises OSError."""
    beside = path.with_name(f"{path.name}.new")
    with beside.open("wb") as file:
        file.write(f"{name}\n".encode())
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
