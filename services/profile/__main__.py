"""Runs the profile service, shows one person, or imports content; with `commands.py` it alone reads the environment."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from schemas.identity import derived_key, person_named
from schemas.topics import CATALOG_CONTENT, EVENTS_CLEAN, PROFILE_CHANGELOG, PROFILE_SELF, STAMPED
from services.profile.adapters.content_view import ContentView
from services.profile.adapters.faust_partition import GROUP
from services.profile.adapters.faust_worker import FaustWorker
from services.profile.commands import IMPORT, add_import, imported
from services.profile.core.content import Content
from services.profile.core.person import decode, readable
from services.profile.core.rules import compiled
from services.profile.settings import ProfileSettings
from services.runtime.clock import now_ms
from services.runtime.disk import show_disks
from services.runtime.errors import Status
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_entry import entered
from services.runtime.kafka_last import last_value
from services.runtime.kafka_pulse import Group
from services.runtime.kafka_spared import followed_if_made
from services.runtime.kafka_topics import stamped_by_broker
from services.runtime.kafka_view import View
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.process import Process, run
from services.runtime.program import read_program
from services.runtime.settings import load
from services.runtime.waiting import until_there
from services.runtime.yaml_text import yaml_of

SERVICE = "profile"
MB = 1024 * 1024
NOBODY = 1  # the status where nothing is stored of the person asked for


async def serve(settings: ProfileSettings, process: Process) -> None:
    """Build the worker and let it work."""
    program = read_program(settings.program)
    content = Content(program.content, program.signals.topics, most_bytes=settings.profile_content_mb * MB)
    try:
        rules = compiled(program, quiet_period_s=settings.profile_quiet_period_s)
    except ValueError as error:
        raise Misconfigured(f"{settings.program}: {error}") from error
    show_disks({"profile_data": settings.profile_data})
    group = Group(GROUP, (EVENTS_CLEAN, PROFILE_SELF), "faust")
    kafka = kafka_of(settings)
    partitions = await entered(kafka, SERVICE, process, group)
    stamped = await until_there("stamps", partial(stamped_by_broker, kafka, STAMPED), process)
    if partitions is None or stamped is None:
        return
    accepts_gap = settings.profile_accept_gap or settings.accept_gap
    rules = replace(
        rules, stamped=stamped, accepts_gap=accepts_gap, made_anew=settings.profile_made_anew,
        registered=content.registered,
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
    showing.add_argument("id", help="u:<user id>, a:<browser id>, e:<address key>, or an address")
    showing.add_argument("--json", action="store_true", help="as it is stored, for programs")
    add_import(commands.add_parser(IMPORT, help="publish what the business publishes to catalog.content"))
    words = parser.parse_args(arguments)
    if words.command is None:
        return run(SERVICE, ProfileSettings, serve)
    if words.command == IMPORT:
        return imported(words)
    try:
        return asyncio.run(_show(load(ProfileSettings), words.id, is_raw=words.json))
    except (Misconfigured, Unavailable) as error:
        sys.stderr.write(f"services.profile show: {error}\n")
        return Status.MISCONFIGURED if isinstance(error, Misconfigured) else Status.FENCED


async def _show(settings: ProfileSettings, named: str, *, is_raw: bool) -> int:
    key = person_named(named, derived_key(settings.secret.get_secret_value().encode(), "address"))
    found = None if key is None else await _found(settings, key)
    if found is None:
        sys.stderr.write(
            f"services.profile show: expected a person with a stored value, as u:<user id>, a:<browser id>, "
            f"e:<address key> or an address; came {named}: nothing is stored\n"
        )
        return NOBODY
    key, raw = found
    if is_raw:
        sys.stdout.write(raw.decode() + "\n")
    else:
        shown = readable(decode(raw), key, compiled(read_program(settings.program)), now_ms())
        sys.stdout.write(yaml_of(shown))
    return 0


async def _found(settings: ProfileSettings, key: str) -> tuple[str, bytes] | None:
    """Whom the key leads to by its links, and their value: what stays of who was linked away says only where to."""
    found, seen, following = None, set[str](), key
    while following not in seen:
        raw = await last_value(kafka_of(settings), PROFILE_CHANGELOG, following.encode(), _tell)
        if raw is None:
            break
        found = following, raw
        seen.add(following)
        if (known := decode(raw).identity.forward) is not None:
            _tell(f"{following} was linked to {known}")
            following = known
    return found


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
