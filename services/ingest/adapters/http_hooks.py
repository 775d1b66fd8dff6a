"""Webhooks over HTTP: an ESP's request to values and back, with one line of the log and no byte of what came."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from services.ingest.adapters.http_body import Overflow, Reading, held_body, unread_response
from services.ingest.adapters.http_connection import response_of
from services.ingest.core.answers import Answer
from services.ingest.core.hook import HEADERS, MAX_HOOK_BYTES
from services.ingest.core.load import Shares
from services.ingest.core.reasons import Refused
from services.ingest.metrics import HOOK_EVENTS
from services.ingest.pipeline import Desk
from services.ingest.webhooks import Entered, Heard, Hooks, Knock, enter_hook, hear, keep_heard, look_at

SENT_AGAIN_FROM = 429  # and 503: who is answered so tells the same once more

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HookPlace:
    """What a webhook is answered with, the bounds of its body, and whom the call counts for."""

    desk: Desk
    hooks: Hooks
    now_ms: Callable[[], int]
    bodies: Shares
    read_s: float
    client: str


async def hook_response(request: web.Request, place: HookPlace) -> web.Response:
    """The answer to a call of a webhook."""
    entered = enter_hook(_knock(request, place), place.desk, place.hooks, place.now_ms())
    if isinstance(entered, Answer):
        log.debug("webhook", extra={"status": entered.status})
        return response_of(entered)
    try:
        heard = await _heard(request, entered, place)
    except (Refused, Overflow) as error:
        response = unread_response(error)
        log.debug("webhook", extra={"esp": entered.esp.value, "status": response.status})
        return response
    answer = await keep_heard(heard, place.desk)
    fates = {fate.value: count for fate, count in heard.fates.items() if count}
    if answer.status < SENT_AGAIN_FROM:
        for fate, count in fates.items():
            HOOK_EVENTS.labels(entered.esp.value, fate).inc(count)
    log.debug("webhook", extra={"esp": entered.esp.value, "status": answer.status, **fates})
    return response_of(answer)


def hook_check_response(request: web.Request, place: HookPlace) -> web.Response:
    """The answer to who asks whether a webhook is there."""
    return response_of(look_at(_knock(request, place), place.desk, place.hooks, place.now_ms()))


async def _heard(request: web.Request, entered: Entered, place: HookPlace) -> Heard:
    """What the whole body says; raises as `held_body` does."""
    async with held_body(request, Reading(place.bodies, place.client, place.read_s, MAX_HOOK_BYTES)) as body:
        return await hear(entered, body, place.desk, place.now_ms())


def _knock(request: web.Request, place: HookPlace) -> Knock:
    sent = request.headers
    headers = {name: ", ".join(sent.getall(name)) for name in HEADERS if name in sent}
    return Knock(request.match_info["esp"], headers, place.client)
