"""The body of a request: read within bounds of size and time, or not read on."""

import asyncio
from collections.abc import Callable

from aiohttp import web

from services.ingest.adapters.http_connection import response_of
from services.ingest.core import answers
from services.ingest.core.body import MAX_BODY_BYTES
from services.ingest.core.reasons import Reason, Refused


class Overflow(Exception):  # noqa: N818 what happens to the bodies, on its way to the answer
    """More bytes are on their way in than may be."""


async def read_body(
    request: web.Request,
    body: bytearray,
    may_hold: Callable[[int], bool],
    read_s: float,
    most: int = MAX_BODY_BYTES,
) -> None:
    """Read the whole body into `body`, `most` bytes of it in so many seconds.

    Raises:
        Refused: too large, too slow, or cut short.
        Overflow: `may_hold` holds no more.
    """
    too_large = Refused(Reason.TOO_LARGE, f"expected at most {most} bytes")
    if (request.content_length or 0) > most:
        raise too_large
    try:
        async with asyncio.timeout(read_s):
            while chunk := await request.content.readany():
                if len(body) + len(chunk) > most:
                    raise too_large
                if not may_hold(len(chunk)):
                    raise Overflow
                body += chunk
    except TimeoutError:
        raise Refused(Reason.TOO_SLOW, f"expected the whole body within {read_s:g} seconds") from None
    except web.RequestPayloadError:
        raise Refused(Reason.NOT_JSON, "expected a whole body") from None


def unread_response(error: Refused | Overflow) -> web.Response:
    """The answer to a body that is not read on; the rest of it is not waited for."""
    response = response_of(answers.refused(error.refusal) if isinstance(error, Refused) else answers.overloaded())
    response.force_close()
    return response
