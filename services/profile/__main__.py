"""Runs the profile service: the only place here that reads the environment."""

import gc
import sys

from services.profile.adapters.faust_worker import FaustWorker
from services.profile.core.rules import compiled
from services.profile.settings import GARBAGE_THRESHOLDS, ProfileSettings
from services.runtime.kafka_card import stood
from services.runtime.kafka_topics import TopicsAdmin
from services.runtime.outcome import Misconfigured
from services.runtime.process import Process, run
from services.runtime.program import read_program

SERVICE = "profile"


async def serve(settings: ProfileSettings, process: Process) -> None:
    """Build the worker and let it work."""
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    try:
        rules = compiled(read_program(settings.program), quiet_period_s=settings.profile_quiet_period_s)
    except ValueError as error:
        raise Misconfigured(f"{settings.program}: {error}") from error
    partitions = await _partitions(settings.kafka_bootstrap_servers, process)
    if partitions is not None:
        await FaustWorker(settings, rules, process, partitions).run()


async def _partitions(bootstrap: str, process: Process) -> int | None:
    """The shared number of partitions, once every topic stands: Faust would start without a word."""
    admin = TopicsAdmin(bootstrap)
    await admin.start()
    try:
        return await stood(admin, SERVICE, process)
    finally:
        await admin.stop()


if __name__ == "__main__":
    sys.exit(run(SERVICE, ProfileSettings, serve))
