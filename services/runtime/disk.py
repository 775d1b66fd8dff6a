"""What is free where a process keeps its data: asked when it is scraped."""

import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from services.runtime.metrics import DISK_FREE, DISK_SIZE


def show_disks(places: Mapping[str, Path]) -> None:
    """Show the disk of each place, a file or a folder that may be made yet, by the name of its setting."""
    for name, path in places.items():
        DISK_FREE.labels(name).set_function(partial(_free, path))
        DISK_SIZE.labels(name).set_function(partial(_size, path))


def _free(path: Path) -> float:
    """Bytes that this process may still write; what is kept for root is not among them."""
    return shutil.disk_usage(_there(path)).free


def _size(path: Path) -> float:
    return shutil.disk_usage(_there(path)).total


def _there(path: Path) -> Path:
    """The place, or what is there of the way to it."""
    whole = path.absolute()
    return next(each for each in (whole, *whole.parents) if each.exists())
