"""The order of the steps of both commands: a request to its answer, and raw records to packs."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from services.ingest.core import answers
from services.ingest.core.answers import Answer
from services.ingest.core.batch import batch_of
from services.ingest.core.door import Head, Pass, passed, taken
from services.ingest.core.intake import Intake, intake_of
from services.ingest.core.keyring import Keyring, WriteKey
from services.ingest.core.page import (
    House,
    View,
    acts_page,
    done_page,
    later_page,
    message_page,
    sure_page,
    unknown_language_page,
)
from services.ingest.core.page_acts import SURE, YES, PageAct, act_records
from services.ingest.core.pixel import body_of, body_of_fields
from services.ingest.core.rates import Buckets, Rate
from services.ingest.core.reasons import Reason, Refusal, Refused
from services.ingest.core.records import Batch, Outgoing, Record
from services.ingest.core.source import Keys
from services.ingest.core.unsubscribe import Link, link_of, records_of
from services.ingest.core.window import Windows
from services.ingest.ports import Log, QueueFull
from services.runtime.outcome import Unavailable

_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Desk:
    """What the collector answers with: keys, who may send (as of now), how much, where it goes, and who speaks."""

    keys: Keys
    ring: Callable[[], Keyring]
    client_rate: Rate
    log: Log
    house: House
    per_key: Buckets = field(default_factory=Buckets)
    per_client: Buckets = field(default_factory=Buckets)


def enter(head: Head, desk: Desk, now_ms: int) -> Pass | Answer:
    """Judge a request by its head: who is unknown or sends too much is answered before its body is read."""
    if wait_s := desk.per_client.take(head.client, 1, now_ms / 1_000, desk.client_rate):
        return answers.limited(wait_s)
    try:
        return passed(head, desk.ring(), now_ms / 1_000)
    except Refused as refused:
        return answers.refused(refused.refusal)


def take_in(head: Head, shown: Pass, body: bytes, desk: Desk, now_ms: int) -> Intake | Answer:
    """Take a body apart and check each call; what comes out holds nothing of the body."""
    try:
        found = taken(head, shown, body, desk.ring(), now_ms)
    except Refused as refused:
        return answers.refused(refused.refusal)
    count, now_s = len(found.calls.items), now_ms / 1_000
    further = 0 if found.sender.is_server else count - 1  # of a client: one was taken as it entered
    wait_s = desk.per_client.take(head.client, further, now_s, desk.client_rate) if further > 0 else 0.0
    wait_s = wait_s or desk.per_key.take(found.sender.key, count, now_s, found.rate)
    return answers.limited(wait_s) if wait_s else intake_of(found.calls, found.sender, desk.keys)


async def keep(intake: Intake, desk: Desk) -> Answer:
    """Keep what was taken in, and say so. 200 only after the broker's ack."""
    try:
        await desk.log.append(intake.records)
    except QueueFull:
        return answers.full()
    except Unavailable:
        return answers.away()
    return answers.accepted(intake)


async def collect_pixel(head: Head, fields: Sequence[tuple[str, str]], desk: Desk, now_ms: int) -> Answer:
    """Take the one call of an image's address, and answer with the image."""
    shown = enter(head, desk, now_ms)
    if isinstance(shown, Answer):
        return answers.pixel(shown)
    try:
        data = next((value for name, value in fields if name == "data"), None)
        body = body_of_fields(fields) if data is None else body_of(data)
    except Refused as refused:
        return answers.pixel(answers.refused(refused.refusal))
    intake = take_in(head, shown, body, desk, now_ms)
    return answers.pixel(intake if isinstance(intake, Answer) else await keep(intake, desk))


def source_of(head: Head, desk: Desk, now_ms: int) -> Answer:
    """The source configuration of a known write key, as RudderStack's SDK asks for it."""
    shown = _known(head, desk, now_ms)
    return shown if isinstance(shown, Answer) else answers.source_config(shown.key)


def project_of(head: Head, host: str, desk: Desk, now_ms: int) -> Answer:
    """The settings of a known write key, as Segment's SDK asks for them."""
    if not _HOST.fullmatch(host):
        return answers.refused(Refusal(Reason.MALFORMED, "expected Host to name this collector"))
    shown = _known(head, desk, now_ms)
    return shown if isinstance(shown, Answer) else answers.project_settings(shown.key, host)


def _known(head: Head, desk: Desk, now_ms: int) -> WriteKey | Answer:
    shown = enter(head, desk, now_ms)
    if isinstance(shown, Answer):
        return shown
    return shown.key or answers.refused(Refusal(Reason.UNKNOWN_KEY, "expected a write key of this collector"))


@dataclass(frozen=True, slots=True)
class Visit:
    """Who comes to the page behind a mail's link: by which token, and `up` from there to where the links begin."""

    token: str
    up: str = ""


def show_acts(visit: Visit, desk: Desk) -> Answer:
    """The page behind a mail's link; looking changes nothing."""
    link = link_of(visit.token, desk.keys)
    return _not_ours() if link is None else answers.page(acts_page(_view(link, visit, desk)))


async def unsubscribe(visit: Visit, desk: Desk, now_ms: int) -> Answer:
    """Do what the link says, whoever asks and however often. 200 only after both acks."""
    link = link_of(visit.token, desk.keys)
    if link is None:
        return _not_ours()
    view = _view(link, visit, desk)
    records = records_of(link, visit.token, datetime.fromtimestamp(now_ms / 1_000, UTC))
    return await _kept(records, view, done_page(view, None), desk)


async def choose(visit: Visit, act: PageAct, fields: Mapping[str, str], desk: Desk, now_ms: int) -> Answer:
    """Do what a form of the page asks; to forget somebody is asked twice. 200 only after every ack."""
    link = link_of(visit.token, desk.keys)
    if link is None:
        return _not_ours()
    view, language = _view(link, visit, desk), ""
    if act is PageAct.FORGET and fields.get(SURE) != YES:
        return answers.page(sure_page(view))
    if act is PageAct.LANGUAGE:
        language = fields.get(PageAct.LANGUAGE, "")
        if language not in desk.house.languages:
            return answers.page(unknown_language_page(view), 400)
    records = act_records(act, link, visit.token, now_ms, language)
    return await _kept(records, view, done_page(view, act, language), desk)


def unread(refusal: Refusal) -> Answer:
    """The page for a form that did not come, or was none of ours."""
    status = answers.STATUS.get(refusal.reason, 400)
    return answers.page(message_page("This form could not be read", refusal.detail), status)


def crowded() -> Answer:
    """The page for a form that came while too much else was on its way."""
    return answers.page(message_page("Please try again in a minute", "Nothing has changed yet."), 503)


def _view(link: Link, visit: Visit, desk: Desk) -> View:
    return View(desk.house, link, visit.token, visit.up)


async def _kept(records: Sequence[Outgoing], view: View, done: str, desk: Desk) -> Answer:
    try:
        await desk.log.append(records)
    except Unavailable:
        return answers.page(later_page(view), 503)
    return answers.page(done)


def handler(keys: Keys, windows: Windows, partition_of: Callable[[str], int]) -> Callable[[Sequence[Record]], Batch]:
    """What the consumer does with records: decode, check, deduplicate, identify, key by person, pack."""

    def handle(records: Sequence[Record]) -> Batch:
        return batch_of(records, keys, windows, partition_of)

    return handle


def _not_ours() -> Answer:
    return answers.page(message_page("This link is not valid", "Please use the link of a mail you got from us."), 404)
