"""Runs the profile service: the only place here that reads the environment."""

import gc
import sys
from dataclasses import replace
from functools import partial

from schemas.topics import EVENTS_CLEAN, PROFILE_SELF, STAMPED
from services.profile.adapters.faust_partition import GROUP
from services.profile.adapters.faust_worker import FaustWorker
from services.profile.core.rules import compiled
from services.profile.settings import GARBAGE_THRESHOLDS, ProfileSettings
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_entry import entered
from services.runtime.kafka_pulse import Group
from services.runtime.kafka_topics import stamped_by_broker
from services.runtime.outcome import Misconfigured
from services.runtime.process import Process, run
from services.runtime.program import read_program
from services.runtime.waiting import until_there

SERVICE = "profile"


async def serve(settings: ProfileSettings, process: Process) -> None:
    """Build the worker and let it work."""
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    try:
        rules = compiled(read_program(settings.program), quiet_period_s=settings.profile_quiet_period_s)
    except ValueError as error:
        raise Misconfigured(f"{settings.program}: {error}") from error
    group = Group(GROUP, (EVENTS_CLEAN, PROFILE_SELF), "faust")
    kafka = kafka_of(settings)
    partitions = await entered(kafka, SERVICE, process, group)
    stamped = await until_there("stamps", partial(stamped_by_broker, kafka, STAMPED), process)
    if partitions is None or stamped is None:
        return
    accepts_gap = settings.profile_accept_gap or settings.accept_gap
    rules = replace(rules, stamped=stamped, accepts_gap=accepts_gap, made_anew=settings.profile_made_anew)
    await FaustWorker(settings, kafka, rules, process, partitions).run()


if __name__ == "__main__":
    sys.exit(run(SERVICE, ProfileSettings, serve))
