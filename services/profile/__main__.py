"""Runs the profile service: the only place here that reads the environment."""

import gc
import sys

from schemas.topics import EVENTS_CLEAN, PROFILE_SELF
from services.profile.adapters.faust_app import GROUP
from services.profile.adapters.faust_worker import FaustWorker
from services.profile.core.rules import compiled
from services.profile.settings import GARBAGE_THRESHOLDS, ProfileSettings
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_entry import entered
from services.runtime.kafka_pulse import Group
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
    group = Group(GROUP, (EVENTS_CLEAN, PROFILE_SELF))
    partitions = await entered(kafka_of(settings), SERVICE, process, group)
    if partitions is not None:
        await FaustWorker(settings, rules, process, partitions).run()


if __name__ == "__main__":
    sys.exit(run(SERVICE, ProfileSettings, serve))
