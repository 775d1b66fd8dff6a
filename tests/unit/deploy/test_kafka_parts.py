"""What the local broker is made of: ports that stay free, jars that one process resolves at a time."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import pytest

from deploy.local import jars
from deploy.local.kafka import PORTS, free_port


def test_a_free_port_is_none_that_a_connection_is_given() -> None:
    """Linux gives them from 32768 on, others later; two that ask get two."""
    found = [free_port() for _ in range(50)]
    assert all(each in PORTS for each in found)
    assert max(PORTS) < 32_768
    assert len(set(found)) > 45


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
