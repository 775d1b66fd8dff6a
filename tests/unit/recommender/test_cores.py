"""The embedder's threads are as many as the machine has for it."""

from pathlib import Path

import pytest

from services.recommender.adapters.embedding.cores import most_threads

CORES = 8


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("100000 100000\n", 1),
        ("50000 100000\n", 1),
        ("150000 100000\n", 2),
        ("800000 100000\n", None),
        ("6400000 100000\n", None),
        ("max 100000\n", None),
        ("0 100000\n", None),
        ("100000 0\n", None),
        ("none of this\n", None),
        ("nan 100000\n", None),
        ("", None),
    ],
)
def test_a_container_has_no_more_threads_than_time(said: str, found: int | None, tmp_path: Path) -> None:
    """At least one; none is named where it has time for every core, or its file says nothing of it."""
    (tmp_path / "cpu.max").write_text(said)
    assert most_threads(tmp_path, CORES) == found


@pytest.mark.parametrize(("quota", "found"), [("50000\n", 1), ("-1\n", None)])
def test_the_older_files_are_read_too(quota: str, found: int | None, tmp_path: Path) -> None:
    """Of the first version of control groups."""
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu/cpu.cfs_quota_us").write_text(quota)
    (tmp_path / "cpu/cpu.cfs_period_us").write_text("100000\n")
    assert most_threads(tmp_path, CORES) == found


def test_without_such_files_nothing_is_limited(tmp_path: Path) -> None:
    """As on a machine without containers."""
    assert most_threads(tmp_path, CORES) is None
