"""What the local broker is made of: jars that one process resolves at a time."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import pytest

from deploy.local import jars


def test_jars_are_resolved_by_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that started at once linked the same files, and one ended with an error."""
    two, met = Barrier(2), []

    def resolving(cache: Path, lists: Path) -> list[Path]:
        assert (lists / "jgo.lock.toml").exists()
        try:
            two.wait(0.05)
            met.append(cache)
        except BrokenBarrierError:
            two.reset()
        return [cache]

    monkeypatch.setattr(jars, "_checked", resolving)
    cache = tmp_path / "a" / "jgo"
    with ThreadPoolExecutor(4) as several:
        assert [*several.map(jars.class_path, [cache] * 4)] == [[cache]] * 4
    assert met == []
