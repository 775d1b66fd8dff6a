"""`python -m services.console`: the web page; with words `decision explain` and `replay`, or `reconcile`."""

import logging
import sys
from collections.abc import Sequence
from functools import partial

from services.console.adapters.command_words import read_words
from services.console.adapters.view_thread import ViewThread
from services.console.adapters.web import application, listen
from services.console.commands import ended
from services.console.pipeline import TOPICS, absorb_all
from services.console.settings import ConsoleSettings
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_entry import entered
from services.runtime.kafka_view import View
from services.runtime.listening import until_free
from services.runtime.outcome import Message
from services.runtime.process import Process, run

SERVICE = "console"

log = logging.getLogger("services.console")  # __name__ is "__main__" here, which the log settings do not know


async def serve(settings: ConsoleSettings, process: Process) -> None:
    """Build the view, serve it meanwhile, follow the topics until told to stop."""
    kafka = kafka_of(settings)
    desk, batch = await ViewThread.open(settings.console_view), list[Message]()

    async def keep() -> None:
        kept = batch.copy()
        batch.clear()
        await desk.ask(partial(absorb_all, kept))

    try:
        where = settings.console_host, settings.console_port
        runner = await until_free(partial(listen, application(desk), *where), process.stop)
        if runner is None:
            return
        try:
            if await entered(kafka, SERVICE, process) is None:
                return
            view = View(kafka, TOPICS, batch.append, keep=keep)
            async with view.followed("view", process):
                log.info("serving", extra={"console_port": runner.addresses[0][1]})
                await process.stop.wait()
        finally:
            await runner.cleanup()
    finally:
        await desk.close()


def main(arguments: Sequence[str]) -> int:
    """The exit status of the page, or of the command that the arguments name."""
    words = read_words(arguments)
    return run(SERVICE, ConsoleSettings, serve) if words.command is None else ended(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
