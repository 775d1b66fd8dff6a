"""Runs the profile service, or one of the commands beside it; with `commands.py` it alone reads the environment."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from schemas.groups import PROFILE
from schemas.topics import CATALOG_CONTENT, STAMPED
from services.profile.adapters.content_view import ContentView
from services.profile.adapters.faust_worker import FaustWorker
from services.profile.commands import HOURS, IMPORT, WHO, add_import, hours_shown, imported, shown
from services.profile.core.content import Content
from services.profile.core.rules import compiled
from services.profile.settings import ProfileSettings
from services.runtime.disk import show_disks
from services.runtime.folder_lock import have
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_entry import entered
from services.runtime.kafka_pulse import Group
from services.runtime.kafka_spared import followed_if_made
from services.runtime.kafka_topics import stamped_by_broker
from services.runtime.kafka_view import View
from services.runtime.listening import until_free
from services.runtime.outcome import Misconfigured
from services.runtime.process import Process, run
from services.runtime.program import read_program
from services.runtime.time_zones import time_zones
from services.runtime.waiting import until_there

SERVICE = "profile"
MB = 1024 * 1024


async def serve(settings: ProfileSettings, process: Process) -> None:
    """Build the worker and let it work."""
    taking = partial(have, settings.profile_data, "KINDLING_PROFILE_DATA")
    if (folder := await until_free(taking, process.stop)) is not None:
        with folder:
            await _work(settings, process)


async def _work(settings: ProfileSettings, process: Process) -> None:
    program = read_program(settings.program)
    content = Content(program.content, program.signals.topics, most_bytes=settings.profile_content_mb * MB)
    try:
        rules = compiled(program, quiet_period_s=settings.profile_quiet_period_s)
    except ValueError as error:
        raise Misconfigured(f"{settings.program}: {error}") from error
    show_disks({"profile_data": settings.profile_data})
    group = Group(PROFILE.name, PROFILE.topics, "faust")
    kafka = kafka_of(settings)
    partitions = await entered(kafka, SERVICE, process, group)
    stamped = await until_there("stamps", partial(stamped_by_broker, kafka, STAMPED), process)
    if partitions is None or stamped is None:
        return
    accepts_gap = settings.profile_accept_gap or settings.accept_gap
    rules = replace(
        rules, stamped=stamped, accepts_gap=accepts_gap, made_anew=settings.profile_made_anew,
        registered=content.registered, zones=time_zones(),
    )  # fmt: skip
    taking = ContentView(content)
    view = View(kafka, (CATALOG_CONTENT,), taking.apply, taking.undecodable)
    async with followed_if_made(kafka, CATALOG_CONTENT, view, process):
        await FaustWorker(settings, kafka, rules, process, partitions).run()


def main(arguments: Sequence[str]) -> int:
    """The exit status of the command."""
    parser = argparse.ArgumentParser(prog="python -m services.profile", description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="command", help="without one the service runs")
    showing = commands.add_parser("show", help="print what is stored of a person")
    showing.add_argument("id", help=WHO)
    showing.add_argument("--json", action="store_true", help="as it is stored, for programs")
    commands.add_parser(HOURS, help="print in which hours of the week persons read, for a playbook's `send_time`")
    add_import(commands.add_parser(IMPORT, help="publish what the business publishes to catalog.content"))
    words = parser.parse_args(arguments)
    if words.command is None:
        return run(SERVICE, ProfileSettings, serve)
    if words.command == HOURS:
        return hours_shown()
    if words.command == IMPORT:
        return imported(words.files, is_dry_run=words.dry_run, replaces=words.replace)
    return shown(words.id, is_raw=words.json)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
