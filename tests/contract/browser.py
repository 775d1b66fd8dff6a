"""A Chromium without a window that opens pages, each as a visitor of its own, and asks no host but this one."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from shutil import which
from typing import Any

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome")
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
START_S = 60
SAID_BYTES = 2**22  # of what it says to nobody; a full pipe would stop it
_LISTENING = re.compile(rb"DevTools listening on (ws://\S+)")
_OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=es-ES",
    "--accept-lang=es-ES", f"--user-agent={AGENT}", "--remote-debugging-port=0",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Browser:
    """A running one, told what to do by the DevTools protocol."""

    socket: aiohttp.ClientWebSocketResponse
    numbers: Any = field(default_factory=count)

    async def open(self, url: str) -> None:
        """Show the page to a visitor who was never here."""
        context = await self.ask("Target.createBrowserContext")
        await self.ask("Target.createTarget", url=url, browserContextId=context["browserContextId"])

    async def ask(self, method: str, **parameters: Any) -> Any:
        """The result of a method; what it says beside its answers is left unread."""
        number = next(self.numbers)
        await self.socket.send_json({"id": number, "method": method, "params": parameters})
        while (said := await self.socket.receive_json()).get("id") != number:
            pass
        return said["result"]


def found() -> str | None:
    """The path of this machine's Chromium, or None."""
    return next(filter(None, map(which, NAMES)), None)


@asynccontextmanager
async def browser(path: str, folder: Path, zone: str) -> AsyncIterator[Browser]:
    """A browser in this time zone that keeps what it has in the folder; it is gone at the end."""
    child = await asyncio.create_subprocess_exec(
        path, *_OPTIONS, f"--user-data-dir={folder}", limit=SAID_BYTES, env={**os.environ, "TZ": zone},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(START_S):
            address = await _address(child)
        async with aiohttp.ClientSession() as session, session.ws_connect(address) as socket:
            yield Browser(socket)
    finally:
        if child.returncode is None:
            child.terminate()
        await child.communicate()


async def _address(child: asyncio.subprocess.Process) -> str:
    assert child.stderr is not None
    async for line in child.stderr:
        if at := _LISTENING.search(line):
            return at[1].decode()
    raise AssertionError("expected Chromium to say where it listens; it ended")
