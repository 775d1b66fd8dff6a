"""The body of a request: read within bounds of size and time, or not read on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from services.ingest.adapters.http_connection import response_of
from services.ingest.core import answers
from services.ingest.core.body import MAX_BODY_BYTES
from services.ingest.core.load import Shares
from services.ingest.core.reasons import Reason, Refused


class Overflow(Exception):  # noqa: N818 what happens to the bodies, on its way to the answer
    """More bytes are on their way in than may be."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The bodies on their way in, whom this one counts for, and its bounds: seconds and bytes."""

    bodies: Shares
    client: str
    read_s: float
    most: int = MAX_BODY_BYTES


@asynccontextmanager
async def held_body(request: web.Request, reading: Reading) -> AsyncIterator[bytes]:
    """The whole body. Its bytes count among those of all bodies until the caller has taken it apart.

    Raises:
        Refused: too large, too slow, or cut short.
        Overflow: all bodies together, or those of this client, are too large.
    """
    body = bytearray()
    try:
        await _read(request, body, reading)
        yield bytes(body)
    finally:
        reading.bodies.give(reading.client, len(body))


async def _read(request: web.Request, body: bytearray, reading: Reading) -> None:
    most, read_s = reading.most, reading.read_s
    too_large = Refused(Reason.TOO_LARGE, f"expected at most {most} bytes")
    if (request.content_length or 0) > most:
        raise too_large
    try:
        async with asyncio.timeout(read_s):
            while chunk := await request.content.readany():
                if len(body) + len(chunk) > most:
                    raise too_large
                if not reading.bodies.take(reading.client, len(chunk)):
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
