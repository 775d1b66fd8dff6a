"""One connection of the collector: what is no HTTP is answered in our words, and no byte of it is logged."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestHandler
from aiohttp.web_request import BaseRequest

from services.ingest.core import answers
from services.ingest.core.answers import AWAY_S, Answer
from services.ingest.core.reasons import Reason, Refusal
from services.ingest.metrics import REQUESTS

NOWHERE = "none"  # the route of what has no path
READ_BYTES = (
    32 * 1024
)  # of one read; aiohttp holds two of it a request at most that nobody takes, asyncio's own is 256 KB
MOST_BEHIND = 1  # requests that may wait behind the one that is answered; no SDK sends the next before its answer
SHOWN_S = 1.0  # how long who is turned away gets to read it
_TEXTS = ("text/", "application/json")
_THEIRS = (HttpProcessingError, web.RequestPayloadError, ConnectionError)
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: %d\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % AWAY_S
)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Crowd:
    """The connections that are open, those that are being turned away, and how many may be of each."""

    most: int
    open: int = 0
    turned_away: int = 0


class Connection(RequestHandler):
    """aiohttp's connection, which counts itself and says nothing of what others wrote."""

    def __init__(self, server: web.Server, crowd: Crowd, **options: Any) -> None:
        super().__init__(server, loop=asyncio.get_running_loop(), read_bufsize=READ_BYTES, **options)
        self._crowd = crowd

    def drop_if_silent(self) -> None:
        """Close it where no headers are whole by now; later ones are aiohttp's keep-alive's business."""
        if self._request_count == 0:
            self.force_close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it."""
        self._crowd.open += 1
        transport.max_size = READ_BYTES  # type: ignore[attr-defined] # asyncio's name, for sockets
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Take no more where requests pile up behind the one that is answered: it is the last of its connection."""
        super().data_received(data)
        first = 0 if self._request_in_progress else 1  # it waits among them until it is taken
        if len(self._messages) > first + MOST_BEHIND:
            self.close()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Count it no more."""
        self._crowd.open -= 1
        super().connection_lost(exc)

    def handle_error(
        self, request: BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """The answer to what is no HTTP, or where a handler of ours fails."""
        del message  # it quotes what came
        is_theirs = status < 500  # noqa: PLR2004 the range of HTTP
        REQUESTS.labels(NOWHERE, str(status)).inc()
        self.log_exception("no HTTP" if is_theirs else "bug", exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer was begun already")
        malformed = answers.refused(Refusal(Reason.MALFORMED, "expected HTTP"))
        response = response_of(malformed if is_theirs else answers.failed())
        response.force_close()
        return response

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """One line: of what is theirs at debug without their bytes, of what is ours with where it happened."""
        error = kw.get("exc_info")
        if isinstance(error, _THEIRS):
            log.debug("malformed request", extra={"kind": type(error).__name__})
        else:
            log.error("bug", extra={"of": str(args[0])}, exc_info=error)


class TurnedAway(asyncio.Protocol):
    """A connection beyond those that may be open: it is told to come again, and what it sends is not read."""

    def __init__(self, crowd: Crowd, later: Callable[[str, float, Callable[[], object]], asyncio.TimerHandle]) -> None:
        self._crowd = crowd
        self._later = later
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say so, and close a moment later: at once, and the answer would be lost where the request is still coming."""
        self._crowd.turned_away += 1
        REQUESTS.labels(NOWHERE, "503").inc()
        if not isinstance(transport, asyncio.Transport) or self._crowd.turned_away > self._crowd.most:
            transport.close()
            return
        transport.write(_FULL)
        transport.write_eof()
        self._end = self._later("turned away", SHOWN_S, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        del exc
        self._crowd.turned_away -= 1
        if self._end is not None:
            self._end.cancel()


def response_of(answer: Answer) -> web.Response:
    """The answer as aiohttp sends it."""
    charset = "utf-8" if answer.content_type.startswith(_TEXTS) else None
    return web.Response(
        status=answer.status, body=answer.body, content_type=answer.content_type, charset=charset,
        headers=dict(answer.headers),
    )  # fmt: skip
