"""Which version runs, wherever it was installed from."""

from pathlib import Path

from services.runtime.version import version


def test_without_a_project_and_an_installation_nobody_knows(tmp_path: Path) -> None:
    """It says so instead of failing."""
    assert version(tmp_path / "pyproject.toml") == "unknown"
