"""Runs the profile service: the only place here that reads the environment."""

import gc
import sys

from services.profile.adapters.faust_worker import FaustWorker
from services.profile.adapters.kafka_check import partition_count
from services.profile.core.rules import compiled
from services.profile.settings import GARBAGE_THRESHOLDS, ProfileSettings
from services.runtime.kafka_access import kafka_of
from services.runtime.outcome import Misconfigured
from services.runtime.process import Process, run
from services.runtime.program import read_program


async def serve(settings: ProfileSettings, process: Process) -> None:
    """Build the worker and let it work."""
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    try:
        rules = compiled(read_program(settings.program), quiet_period_s=settings.profile_quiet_period_s)
    except ValueError as error:
        raise Misconfigured(f"{settings.program}: {error}") from error
    partitions = await partition_count(kafka_of(settings))
    await FaustWorker(settings, rules, process, partitions).run()


if __name__ == "__main__":
    sys.exit(run("profile", ProfileSettings, serve))
