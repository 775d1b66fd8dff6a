"""Logs: one JSON object a line on standard output; libraries that chatter in a broker outage are bounded."""

import logging
import sys
import threading
import time
from types import TracebackType

from pythonjsonlogger.json import JsonFormatter

REPEAT_AFTER_S = 10.0  # aiokafka writes 3 to 4 lines per producer each 50 to 100 ms while a broker is away
NOISY = ("aiokafka", "faust", "mode", "asyncio", "opentelemetry")


class Bounded(logging.Filter):
    """Lets one line of a library through per message template and ten seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Drop what was said a moment ago; our own lines and errors with a traceback always pass."""
        if not record.name.startswith(NOISY) or record.exc_info:
            return True
        key = (record.name, str(record.msg))
        now = time.monotonic()
        if now - self._last.get(key, -REPEAT_AFTER_S) < REPEAT_AFTER_S:
            return False
        self._last[key] = now
        return True


def configure(service: str, level: str) -> None:
    """Send everything to standard output as JSON; libraries from WARNING up."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        JsonFormatter(
            "{levelname}{name}{message}", style="{", timestamp=True, static_fields={"service": service},
            rename_fields={"levelname": "level", "name": "logger", "message": "action"},
        )
    )  # fmt: skip
    handler.addFilter(Bounded())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for ours in ("services", "__main__"):  # the module that runs is called so, whatever its file
        logging.getLogger(ours).setLevel(level)
    sys.excepthook = _uncaught
    threading.excepthook = lambda words: _uncaught(words.exc_type, words.exc_value, words.exc_traceback)
    sys.unraisablehook = lambda words: _uncaught(words.exc_type, words.exc_value, words.exc_traceback)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """A traceback that a library or a thread of its own lets go is a line like others."""
    shown = (kind, error or kind(), trace)
    logging.getLogger("services.runtime").error("uncaught", exc_info=shown)
