"""The order of the steps of both commands: a request to its answer, and raw records to packs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from services.ingest.core import answers
from services.ingest.core.access import Buckets, claimed_key, is_known, refuse_foreign, signed_at
from services.ingest.core.answers import Answer, Request
from services.ingest.core.batch import batch_of
from services.ingest.core.body import Calls, calls_of, plain
from services.ingest.core.intake import Sender, intake_of
from services.ingest.core.reasons import Reason, Refusal, Refused
from services.ingest.core.records import Batch, Record
from services.ingest.core.source import Keys
from services.ingest.core.unsubscribe import asking_page, done_page, link_of, message_page, records_of
from services.ingest.core.window import Windows
from services.ingest.ports import Log
from services.runtime.outcome import Unavailable

SERVER = "a signed server"  # the bucket of all of them; no write key has spaces


@dataclass(frozen=True, slots=True)
class Desk:
    """What the collector answers with: keys, who may send, how much, and where it goes."""

    keys: Keys
    write_keys: tuple[str, ...]
    origins: tuple[str, ...]
    buckets: Buckets
    log: Log


async def collect(request: Request, desk: Desk, now_ms: int) -> Answer:
    """Authorise, take apart, check, keep, answer. 200 only after the broker's ack."""
    try:
        refuse_foreign(request.headers.get("origin"), desk.origins)
        body = plain(request.body, request.headers.get("content-encoding", ""))
        calls = calls_of(body, request.kind)
        sender = _sender(request, body, calls, desk, now_ms)
    except Refused as refused:
        return answers.refused(refused.refusal)
    wait_s = desk.buckets.take(sender.key, len(calls.items), now_ms / 1_000)
    if wait_s:
        return answers.refused(Refusal(Reason.RATE_LIMITED, "expected fewer calls a second"), wait_s)
    intake = intake_of(calls, sender)
    try:
        await desk.log.append(intake.records)
    except Unavailable:
        return answers.away()
    return answers.accepted(intake)


def configuration(write_key: str, authorization: str, desk: Desk) -> Answer:
    """The source configuration of a known write key."""
    key = write_key or claimed_key(authorization, "")
    if not is_known(key, desk.write_keys):
        return answers.refused(Refusal(Reason.UNKNOWN_KEY, "expected a write key of this collector"))
    return answers.source_config(key)


def ask_to_unsubscribe(token: str, desk: Desk) -> Answer:
    """The page behind an unsubscribe link; looking changes nothing."""
    link = link_of(token, desk.keys)
    return _not_ours() if link is None else answers.page(asking_page(link))


async def unsubscribe(token: str, desk: Desk, now_ms: int) -> Answer:
    """Do what the link says, whoever asks and however often. 200 only after both acks."""
    link = link_of(token, desk.keys)
    if link is None:
        return _not_ours()
    try:
        await desk.log.append(records_of(link, token, datetime.fromtimestamp(now_ms / 1_000, UTC)))
    except Unavailable:
        return answers.page(message_page("Not yet", "This cannot be kept just now. Please try again in a minute."), 503)
    return answers.page(done_page(link))


def handler(keys: Keys, windows: Windows, partition_of: Callable[[str], int]) -> Callable[[Sequence[Record]], Batch]:
    """What the consumer does with records: decode, check, deduplicate, identify, key by person, pack."""

    def handle(records: Sequence[Record]) -> Batch:
        return batch_of(records, keys, windows, partition_of)

    return handle


def _sender(request: Request, body: bytes, calls: Calls, desk: Desk, now_ms: int) -> Sender:
    headers = request.headers
    agent = headers.get("user-agent", "") if "origin" in headers else ""
    trace = headers.get("traceparent", "")
    signature = headers.get("x-kindling-signature")
    if signature is not None:
        salt = signed_at(signature, body, desk.keys.server, now_ms / 1_000)
        return Sender(SERVER, salt, is_server=True, browser_agent=agent, trace=trace)
    key = claimed_key(headers.get("authorization", ""), headers.get("x-write-key", "")) or calls.write_key
    if not is_known(key, desk.write_keys):
        raise Refused(Reason.UNKNOWN_KEY, "expected a write key of this collector, as the name of Basic")
    return Sender(key, now_ms, is_server=False, browser_agent=agent, trace=trace)


def _not_ours() -> Answer:
    return answers.page(message_page("This link is not valid", "Please use the link of a mail you got from us."), 404)
