"""Which version of Kindling runs."""

import tomllib
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path

PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def version(project: Path = PROJECT) -> str:
    """As the checkout says, as the installed distribution says, or `unknown`."""
    try:
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
    except OSError:
        pass  # installed: the file of the project does not come along
    try:
        return installed("kindling")
    except PackageNotFoundError:
        return "unknown"
