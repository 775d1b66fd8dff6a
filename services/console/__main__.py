"""`python -m services.console`: the web page for people."""

import logging
import sys
from functools import partial

from services.console.adapters.sqlite_view import SqliteView
from services.console.adapters.web import application, listen
from services.console.pipeline import TOPICS, absorb
from services.console.settings import ConsoleSettings
from services.runtime.kafka_view import View
from services.runtime.process import Process, run

SERVICE = "console"

log = logging.getLogger("services.console")  # __name__ is "__main__" here, which the log settings do not know


async def serve(settings: ConsoleSettings, process: Process) -> None:
    """Build the view, serve it meanwhile, follow the topics until told to stop."""
    archive = SqliteView.open(settings.console_view)
    view = View(settings.kafka_bootstrap_servers, TOPICS, partial(absorb, archive=archive))
    try:
        runner = await listen(application(archive), settings.console_host, settings.console_port)
        try:
            async with view.followed("view", process.health):
                log.info("serving", extra={"console_port": runner.addresses[0][1]})
                await process.stop.wait()
        finally:
            await runner.cleanup()
    finally:
        archive.close()


if __name__ == "__main__":
    sys.exit(run(SERVICE, ConsoleSettings, serve))
