"""The order of the steps of a webhook: who it is, what it says, what of it is kept. 200 only after the broker's ack."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from services.ingest.core import answers
from services.ingest.core.access import Signature, signature_in, signer
from services.ingest.core.answers import Answer
from services.ingest.core.body import plain
from services.ingest.core.esp_event import Read
from services.ingest.core.esp_feedback import Fate, own_items, own_record, told_of
from services.ingest.core.hook import MAX_HOOK_BYTES, Esp, Hook, HookCall, refuse_password
from services.ingest.core.intake import Intake
from services.ingest.core.proof import PublicKeys, is_test, refuse_unsigned
from services.ingest.core.reasons import Reason, Refusal, Refused
from services.ingest.core.records import Outgoing
from services.ingest.core.sns import NOTIFICATION, notice_of
from services.ingest.pipeline import Desk, keep
from services.ingest.ports import EspReader, Sns
from services.runtime.outcome import Unavailable

Book = Mapping[Esp, Hook]
NO_HOOKS: Book = MappingProxyType({})
MOST_TOLD = 100  # places of what is refused; no ESP reads them, a person may
TURN = 200  # events, of 60 µs each (measured November 2026)
UNPROVEN = answers.STATUS[Reason.BAD_SIGNATURE]
_NOTHING = Intake((), ())
_NOT_THERE = Refusal(Reason.UNKNOWN_PATH, "expected the webhook of an ESP that is configured here")
_UNREAD = Refusal(Reason.BAD_SHAPE, "expected an event as this ESP writes it")


@dataclass(frozen=True, slots=True)
class World:
    """What webhooks of ESPs are heard with; `reader` is None where Anymail is not installed."""

    reader: EspReader | None
    keys: PublicKeys
    sns: Sns


@dataclass(frozen=True, slots=True)
class Hooks:
    """The webhooks of ESPs as they are configured now; without a world there are none but our own."""

    book: Callable[[], Book] = lambda: NO_HOOKS
    world: World | None = None


ONLY_OURS = Hooks()


@dataclass(frozen=True, slots=True)
class Knock:
    """A call before its body: the word in its path, its headers of `HEADERS` in lower case, whom it counts for."""

    word: str
    headers: Mapping[str, str]
    client: str


@dataclass(frozen=True, slots=True)
class Theirs:
    """An ESP's webhook, and what it is heard with."""

    hook: Hook
    world: World


@dataclass(frozen=True, slots=True)
class Entered:
    """Whose webhook is called: our own by a signature in time, or an ESP's."""

    knock: Knock
    esp: Esp
    by: Signature | Theirs


@dataclass(frozen=True, slots=True)
class Heard:
    """What a call leads to, and what became of its events."""

    outcome: Intake | Answer
    fates: Counter[Fate] = field(default_factory=Counter)


def look_at(knock: Knock, desk: Desk, hooks: Hooks, now_ms: int) -> Answer:
    """Answer who only asks whether the webhook is there, as some ESPs do before they use it."""
    if wait_s := desk.per_client.take(knock.client, 1, now_ms / 1_000, desk.client_rate):
        return answers.limited(wait_s)
    if knock.word == Esp.KINDLING or _theirs(knock.word, hooks) is not None:
        return answers.accepted(_NOTHING)
    return answers.refused(_NOT_THERE)


def enter_hook(knock: Knock, desk: Desk, hooks: Hooks, now_ms: int) -> Entered | Answer:
    """Judge a call by its path and head: who is unknown or calls too often is answered before its body is read."""
    if wait_s := desk.per_client.take(knock.client, 1, now_ms / 1_000, desk.client_rate):
        return answers.limited(wait_s)
    theirs = _theirs(knock.word, hooks)
    try:
        if knock.word == Esp.KINDLING:
            own = signature_in(knock.headers.get("x-kindling-signature", ""), desk.ring(), now_ms / 1_000)
            return Entered(knock, Esp.KINDLING, own)
        if theirs is None:
            return answers.refused(_NOT_THERE)
        refuse_password(theirs.hook, knock.headers.get("authorization", ""))
    except Refused as refused:
        return _unproven(refused.refusal, theirs)
    return Entered(knock, theirs.hook.esp, theirs)


async def hear(entered: Entered, body: bytes, desk: Desk, now_ms: int) -> Heard:
    """Prove a call and take it apart; what comes out holds nothing of the body."""
    headers, by = entered.knock.headers, entered.by
    try:
        whole = plain(body, headers.get("content-encoding", ""), MAX_HOOK_BYTES)
        if isinstance(by, Signature):
            return _ours(by, whole, desk, now_ms)
        return await _of_esp(by, HookCall(headers, whole), desk, now_ms)
    except Refused as refused:
        return Heard(_unproven(refused.refusal, None if isinstance(by, Signature) else by))
    except Unavailable:
        return Heard(answers.away())


async def keep_heard(heard: Heard, desk: Desk) -> Answer:
    """Keep what was heard, and say so; where nothing is to be kept, nobody is asked."""
    if isinstance(heard.outcome, Answer):
        return heard.outcome
    return await keep(heard.outcome, desk) if heard.outcome.records else answers.accepted(heard.outcome)


def _ours(signature: Signature, body: bytes, desk: Desk, now_ms: int) -> Heard:
    server = signer(signature, body, desk.ring())
    items = own_items(body)
    if wait_s := desk.per_key.take(f"server {server.name}", len(items), now_ms / 1_000, server.rate):
        return Heard(answers.limited(wait_s))
    records, errors = [], []
    for place, item in enumerate(items):
        try:
            records.append(own_record(item, desk.keys))
        except Refused as refused:
            errors.append((place, refused.refusal))
    fates = Counter({Fate.KEPT: len(records), Fate.UNREAD: len(errors)})
    return Heard(Intake(tuple(records), tuple(errors)), fates)


async def _of_esp(theirs: Theirs, call: HookCall, desk: Desk, now_ms: int) -> Heard:
    hook, world = theirs.hook, theirs.world
    if is_test(hook, call) or not await _says_something(hook, call, world, now_ms / 1_000):
        return Heard(_NOTHING)
    if world.reader is None:
        return Heard(answers.away())
    read = world.reader.read(hook.esp, call)
    count = min(len(read.events), int(hook.rate.burst))  # a batch beyond it would never be taken
    if wait_s := desk.per_key.take(f"webhook {hook.esp}", count, now_ms / 1_000, hook.rate):
        return Heard(answers.limited(wait_s))
    return await _taken(hook.esp, read, desk, now_ms)


async def _taken(esp: Esp, read: Read, desk: Desk, now_ms: int) -> Heard:
    records: list[Outgoing] = []
    errors = [(place, _UNREAD) for place in read.unread]
    fates = Counter({Fate.INBOUND: read.inbound, Fate.UNREAD: len(errors)})
    for number, (place, event) in enumerate(read.events, 1):
        if number % TURN == 0:
            await asyncio.sleep(0)  # others have their turn: SendGrid sends thousands at once
        try:
            told = told_of(esp, event, desk.keys, now_ms)
        except Refused as refused:
            errors.append((place, refused.refusal))
            fates[Fate.UNREAD] += 1
            continue
        fates[told.fate] += 1
        if told.record is not None:
            records.append(told.record)
    return Heard(Intake(tuple(records), tuple(sorted(errors, key=_place)[:MOST_TOLD])), fates)


async def _says_something(hook: Hook, call: HookCall, world: World, now_s: float) -> bool:
    """True for a proven call that tells events; what is to be done for another is done.

    Raises:
        Refused: nothing proves it.
        Unavailable: SNS cannot be asked.
    """
    if hook.esp is not Esp.AMAZON_SES:
        refuse_unsigned(hook, call, world.keys, now_s)
        return True
    notice = notice_of(call.body, hook.topics)
    certificate = await world.sns.certificate(notice.certificate_url)
    is_theirs = world.keys.has_signed_by_certificate(
        certificate, notice.signature, notice.signed, notice.hash_name, now_s
    )
    if not is_theirs:
        raise Refused(Reason.BAD_SIGNATURE, "expected a message that SNS has signed")
    if notice.confirm_url is not None:
        await world.sns.confirm(notice.confirm_url)
    return notice.kind == NOTIFICATION


def _place(error: tuple[int, Refusal]) -> int:
    return error[0]


def _theirs(word: str, hooks: Hooks) -> Theirs | None:
    hook = next((hook for esp, hook in hooks.book().items() if esp == word), None)
    return None if hook is None or hooks.world is None else Theirs(hook, hooks.world)


def _unproven(refusal: Refusal, theirs: Theirs | None) -> Answer:
    """The refusal; a 401 asks for the password where there is one: SNS sends it only once it was asked."""
    answer = answers.refused(refusal)
    asks = answer.status == UNPROVEN and theirs is not None and theirs.hook.basic
    return replace(answer, headers={"WWW-Authenticate": 'Basic realm="webhook"'}) if asks else answer
