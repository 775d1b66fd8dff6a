"""`python -m services.console`: the web page; with words `decision explain` and `replay`, or `reconcile`."""

import logging
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from schemas.errors import DecodeError
from schemas.topics import CONTROL
from services.console.adapters.command_words import read_words
from services.console.adapters.kafka_flow import KafkaFlow
from services.console.adapters.live import Live
from services.console.adapters.view_thread import ViewThread
from services.console.adapters.web import application, listen
from services.console.commands import ended
from services.console.core.held import Held
from services.console.holdings.shown import ShownHoldings
from services.console.pipeline import FOLLOWED, absorb_all, lay_by
from services.console.ports import Desk
from services.console.settings import ConsoleSettings
from services.runtime.disk import show_disks
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_entry import entered
from services.runtime.kafka_records import RawRecord
from services.runtime.kafka_view import View, pass_over
from services.runtime.listening import until_free
from services.runtime.outcome import Message
from services.runtime.process import Process, run

SERVICE = "console"

log = logging.getLogger("services.console")  # __name__ is "__main__" here, which the log settings do not know


async def serve(settings: ConsoleSettings, process: Process) -> None:
    """Build the view, serve it meanwhile, follow the topics until told to stop."""
    kafka = kafka_of(settings)
    if settings.console_view != ":memory:":
        show_disks({"console_view": Path(settings.console_view)})
    desk, held = await ViewThread.open(settings.console_view), Held()
    live = Live(KafkaFlow(kafka), desk, held)
    holdings = ShownHoldings(kafka, settings.secret.get_secret_value().encode())
    try:
        where = settings.console_host, settings.console_port
        runner = await until_free(partial(listen, application(desk, live, holdings), *where), process.stop)
        if runner is None:
            return
        telling = process.tasks.start("pipeline", live.run(process.stop))
        try:
            if await entered(kafka, SERVICE, process) is None:
                return
            async with _view(kafka, desk, held).followed("view", process):
                log.info("serving", extra={"console_port": runner.addresses[0][1]})
                await process.stop.wait()
        finally:
            await process.tasks.stop(telling)
            await runner.cleanup()
    finally:
        await desk.close()


def _view(kafka: Kafka, desk: Desk, held: Held) -> View:
    """What the pages show of the topics: most of it in the archive, in memory what is set aside."""
    batch: list[Message] = []

    async def keep() -> None:
        kept = batch.copy()
        batch.clear()
        await desk.ask(partial(absorb_all, kept))

    def unreadable(record: RawRecord, error: DecodeError) -> None:
        pass_over(record, error)
        if record.topic == CONTROL.name:
            held.switch(record.key, str(error))

    return View(kafka, FOLLOWED, partial(lay_by, batch=batch, held=held), unreadable, keep)


def main(arguments: Sequence[str]) -> int:
    """The exit status of the page, or of the command that the arguments name."""
    words = read_words(arguments)
    return run(SERVICE, ConsoleSettings, serve) if words.command is None else ended(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
