"""The connector is not ready before its loop owns partitions, whoever else of its group does."""

import asyncio
from pathlib import Path

from services.connector.__main__ import serve
from services.connector.settings import ConnectorSettings
from tests.processes import new_process

NOBODY = "127.0.0.1:9"  # the discard port: nothing listens there


async def test_the_loop_is_not_ready_from_the_start(tmp_path: Path) -> None:
    """Between what is waited for one after the other no instant is without a part that is not ready."""
    process = new_process("connector")
    settings = ConnectorSettings.model_validate(
        {"kafka_bootstrap_servers": NOBODY, "secret": "a secret of a test", "connector_data": str(tmp_path)}
    )
    serving = asyncio.create_task(process.tasks.run(serve(settings, process)))
    for _ in range(10):
        await asyncio.sleep(0)
    assert process.health.parts.get("kafka") is False
    process.stop.set()
    async with asyncio.timeout(30):
        assert await serving is None
