"""One process a folder: the second is refused with a sentence, and has it once the first has ended."""

import asyncio
import os
from functools import partial
from pathlib import Path

import pytest

from services.runtime.folder_lock import have
from services.runtime.listening import until_free
from services.runtime.outcome import FolderInUse, Misconfigured

SETTING = "KINDLING_PROFILE_DATA"


async def test_the_second_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    """As the second life of a process that is about to end: it waits a while, and is told that it waits."""
    folder, stop = tmp_path / "not" / "yet", asyncio.Event()
    first = await have(folder, SETTING)
    with pytest.raises(FolderInUse, match=rf"^{SETTING}: expected a folder .* another works in .*yet\. Give each"):
        await until_free(partial(have, folder, SETTING), stop, patience_s=0.05)
    waiting = asyncio.create_task(until_free(partial(have, folder, SETTING), stop, patience_s=60))
    await asyncio.sleep(0)
    first.close()
    second = await asyncio.wait_for(waiting, 30)
    assert second is not None
    second.close()


async def test_a_folder_that_is_none_is_the_operators(tmp_path: Path) -> None:
    """Waiting would not mend it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match=rf"^{SETTING}: cannot write to .*file") as refused:
        await until_free(partial(have, tmp_path / "file", SETTING), asyncio.Event())
    assert not isinstance(refused.value, FolderInUse)


async def test_a_file_system_without_locks_is_the_operators(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some that are mounted from afar have none."""

    def none(*_: object) -> None:
        raise OSError(os.strerror(95), 95)

    monkeypatch.setattr("fcntl.flock", none)
    with pytest.raises(Misconfigured, match=rf"^{SETTING}: cannot lock .* Choose a local disk"):
        await have(tmp_path, SETTING)
