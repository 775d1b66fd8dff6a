"""Every SDK of this machine tells the story, at once and to one collector: what arrived, and what could not be told."""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from schemas.clean import CleanEvent
from tests.contract.browser import browser, found
from tests.contract.tracker_sdks import SDKS, NotInstalledError, node_modules, rudder_python
from tests.contract.tracker_stand import WRITE_KEY, ZONE, Call, Log, Stand, now_ms, sdk_of, standing

PYTHON = {"segment-python": "segment.analytics", "rudder-python": "rudderstack.analytics"}
NODE = ("segment-node", "rudder-node", "jitsu-node", "jitsu-s2s")
PAGES = ("segment-browser", "segment-browser-batch", "rudder-browser", "rudder-browser-batch", "rudder-browser-beacon",
         "jitsu-browser")  # fmt: skip
QUERY = "?utm_source=letter&utm_campaign=spring"
TOLD_S = 60  # on a machine that has other work
DAY_MS = 86_400_000


@dataclass
class Tools:
    """What this machine has; `missing` says of an SDK what it lacks."""

    modules: Path | None = None
    rudder: Path | None = None
    chromium: str | None = field(default_factory=found)
    missing: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What arrived, from when to when; one event of each server is said to be of `past_ms`."""

    stand: Stand
    missing: Mapping[str, str]
    past_ms: int
    began_ms: int
    ended_ms: int

    def calls(self, sdk: str) -> list[Call]:
        """The calls of one SDK, in their order."""
        return [each for each in self.stand.calls() if sdk_of(each) == sdk]

    def events(self, sdk: str) -> list[CleanEvent]:
        """The clean events of one SDK."""
        senders = [sdk_of(each) for each in self.stand.calls()]
        return [event for event in self.stand.consumed()[0] if senders[event["at"][2]] == sdk]


def tools() -> Tools:
    """What this machine has, installed where it was not yet."""
    had = Tools()
    try:
        had.modules = node_modules()
    except NotInstalledError as error:
        had.missing |= dict.fromkeys((*NODE, *PAGES), str(error))
    try:
        had.rudder = rudder_python()
    except NotInstalledError as error:
        had.missing["rudder-python"] = str(error)
    if had.chromium is None:
        had.missing = {**dict.fromkeys(PAGES, "expected Chromium on the path"), **had.missing}
    return had


async def tell(had: Tools, folder: Path, calls: Mapping[str, int], log: Log | None = None) -> Told:
    """The story, from each of these SDKs that is here; a page is closed once as many calls as it makes have come.

    Raises:
        AssertionError: an SDK says that something was not taken.
    """
    began_ms = now_ms()
    here = {sdk: count for sdk, count in calls.items() if sdk not in had.missing}
    async with standing(had.modules, log) as stand:
        pages = {sdk: count for sdk, count in here.items() if sdk in PAGES}
        async with asyncio.TaskGroup() as group:
            for sdk in here.keys() - pages.keys():
                group.create_task(_serve(sdk, stand, had, began_ms - DAY_MS))
            if had.chromium and pages:
                group.create_task(_show(had.chromium, folder, stand, pages))
    return Told(stand, had.missing, began_ms - DAY_MS, began_ms, now_ms())


async def _serve(sdk: str, stand: Stand, had: Tools, past_ms: int) -> None:
    """A server's program tells it, and ends well."""
    said = {
        "SDK": sdk, "COLLECTOR": stand.collector, "WRITE_KEY": WRITE_KEY, "PACKAGE": PYTHON.get(sdk, ""),
        "AT": datetime.fromtimestamp(past_ms / 1_000, UTC).isoformat(),
        "NODE_PATH": str(had.modules), "PYTHONPATH": str(had.rudder) if sdk == "rudder-python" else "",
    }  # fmt: skip
    program = (sys.executable, SDKS / "servers.py") if sdk in PYTHON else ("node", SDKS / "servers.cjs")
    child = await asyncio.create_subprocess_exec(
        *program, env={**os.environ, **said}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    lines, _ = await child.communicate()
    assert child.returncode == 0, f"{sdk}: {lines.decode()[-2_000:]}"


async def _show(chromium: str, folder: Path, stand: Stand, pages: Mapping[str, int]) -> None:
    """Each page tells it to its own visitor."""

    def is_all_there() -> bool:
        senders = [sdk_of(each) for each in stand.calls()]
        return all(senders.count(sdk) >= most for sdk, most in pages.items())

    async with browser(chromium, folder, ZONE) as shown:
        for sdk in pages:
            await shown.open(f"{stand.pages}/{sdk}{QUERY}")
        await stand.until(is_all_there, TOLD_S)
