"""What every service's process has, whatever it serves."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.runtime.errors import Ended, Status
from services.runtime.process import GARBAGE_THRESHOLDS
from tests.processes import new_process

ROOT = Path(__file__).parents[3]
SERVICE = """
import gc, sys
from services.runtime.process import run
from services.runtime.settings import ServiceSettings
async def serve(settings, process):
    print(gc.get_threshold(), flush=True)
sys.exit(run("a-service", ServiceSettings, serve))
"""


def test_the_collector_looks_rarely() -> None:
    """At Python's own thresholds it walks what is no garbage again and again."""
    assert str(GARBAGE_THRESHOLDS) in _lines_of_a_service()


def test_service_warns_of_each_misspelt_setting() -> None:
    """By one line at its start, with the nearest name; it runs all the same."""
    lines = _lines_of_a_service(KINDLING_SECRE="x", KINDLING_HELTH_PORT="1")
    said = [json.loads(line) for line in lines if '"unknown setting"' in line]
    assert [(each["level"], each["setting"], each["nearest"]) for each in said] == [
        ("WARNING", "KINDLING_HELTH_PORT", "KINDLING_HEALTH_PORT"),
        ("WARNING", "KINDLING_SECRE", "KINDLING_SECRET"),
    ]
    assert str(GARBAGE_THRESHOLDS) in lines


@pytest.mark.parametrize(
    ("status", "cause", "ends"),
    [
        (Status.FENCED, Status.MISCONFIGURED, Status.MISCONFIGURED),
        (Status.FENCED, None, Status.FENCED),
        (Status.BUG, Status.MISCONFIGURED, Status.BUG),
    ],
)
async def test_of_a_fence_alone_the_cause_is_asked(status: Status, cause: Status | None, ends: Status) -> None:
    """A restart would mend a fence, but not its cause where there is one; a bug has none."""
    process = new_process()
    assert (await process.caused(Ended(status, "as told"))).status == status

    async def asked() -> Ended | None:
        return None if cause is None else Ended(cause, "what stands behind it")

    process.cause_of_fence = asked
    assert (await process.caused(Ended(status, "as told"))).status == ends


def _lines_of_a_service(**settings: str) -> list[str]:
    environment = {**os.environ, "KINDLING_SECRET": "a secret of a test", "KINDLING_HEALTH_PORT": "0", **settings}
    ended = subprocess.run(
        [sys.executable, "-c", SERVICE],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return ended.stdout.splitlines()
