"""What every service's process has, whatever it serves."""

import os
import subprocess
import sys
from pathlib import Path

from services.runtime.process import GARBAGE_THRESHOLDS

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
    environment = {**os.environ, "KINDLING_SECRET": "a secret of a test", "KINDLING_HEALTH_PORT": "0"}
    ended = subprocess.run(
        [sys.executable, "-c", SERVICE],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert str(GARBAGE_THRESHOLDS) in ended.stdout.splitlines()
