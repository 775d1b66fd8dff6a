"""The door alone, without a server: what it refuses because the consumer would, and the bounds of what it looks at."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from schemas.identity import MAX_ID_BYTES
from services.ingest.core.access import MOST_NAMED, named_keys, refuse_unnamed
from services.ingest.core.body import MAX_BODY_BYTES, Calls
from services.ingest.core.breaker import AGAIN_S, FAILURES, Breaker
from services.ingest.core.intake import Sender, intake_of
from services.ingest.core.keyring import Keyring
from services.ingest.core.load import SHARE, Load, Shares
from services.ingest.core.pixel import body_of_fields
from services.ingest.core.reasons import Reason, Refused
from services.ingest.core.source import Keys


@pytest.mark.parametrize(
    ("call", "is_server", "reason"),
    [
        ({"type": "identify", "traits": {"email": "ana"}}, True, Reason.NOBODY),
        ({"type": "identify", "userId": "null", "traits": {"email": "ana"}}, True, Reason.NOBODY),
        ({"type": "alias", "userId": "7"}, False, Reason.NOTHING_TO_LINK),
        ({"type": "alias", "userId": "7", "previousId": "undefined"}, False, Reason.NOTHING_TO_LINK),
        ({"type": "alias", "anonymousId": "b"}, False, Reason.NOTHING_TO_LINK),
        ({"type": "track", "event": "Unsubscribed", "properties": {"unsubscribe_token": "x"}}, False, Reason.BAD_TOKEN),
        ({"type": "page", "properties": {"unsubscribe_token": "x"}}, False, Reason.NOBODY),
    ],
)
def test_what_the_consumer_would_refuse_is_not_taken(
    keys: Keys, call: dict[str, Any], *, is_server: bool, reason: Reason
) -> None:
    """It was answered 200 and became a dead letter."""
    intake = intake_of(Calls((call,), {}), Sender("demo", 7, is_server=is_server), keys)
    assert intake.records == ()
    assert [refusal.reason for _, refusal in intake.errors] == [reason]


@pytest.mark.parametrize(("email", "count"), [("ana@example.com", 1), ("ana", 0)])
def test_an_address_is_somebody_where_a_server_says_it(keys: Keys, email: str, count: int) -> None:
    """And where it is one."""
    call = {"type": "identify", "traits": {"email": email}}
    assert len(intake_of(Calls((call,), {}), Sender("crm", 7, is_server=True), keys).records) == count


async def test_a_name_of_nul_alone_is_none(collector: Any) -> None:
    """NUL is left out before anything is asked, as the consumer does it."""
    call = {"type": "track", "event": "\x00", "userId": "7", "messageId": "m-1"}
    status, answer = await collector.post("/v1/track", call)
    assert (status, answer["code"]) == (400, "no_name")
    assert (await collector.post("/v1/track", {**call, "event": "A\x00B", "userId": "7\x00"}))[0] == 200
    assert [(each["event"], each["userId"]) for each in collector.calls()] == [("AB", "7")]


def test_few_names_of_keys_are_looked_at(ring: Keyring) -> None:
    """Each once, in their order; text that is no JSON is passed over."""
    body = b"".join(b'"writeKey":"%d",' % number for number in range(100)) + b'"writeKey":"demo"'
    assert list(named_keys(body)) == [str(number) for number in range(MOST_NAMED)]
    with pytest.raises(Refused):
        refuse_unnamed(body, ring)
    assert list(named_keys(b'"writeKey":"\\x", "writeKey" :\n"d\\u0065mo"')) == ["demo"]
    refuse_unnamed(b'{"writeKey":"nobody"},{"writeKey":"demo"}', ring)


async def test_a_body_without_a_length_is_bounded_too(collector: Any) -> None:
    """413 as soon as it is too large."""

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY_BYTES // 10_000 + 1):
            yield b" " * 10_000

    assert (await asyncio.wait_for(_status(collector, chunks()), 5)) == 413


async def _status(collector: Any, data: Any) -> int:
    async with collector.http.post("/v1/track", data=data, headers={"X-Write-Key": "demo"}) as response:
        return int(response.status)


def test_fields_that_are_no_text_are_refused() -> None:
    """A lone surrogate, as a parser in Python may hand it on."""
    with pytest.raises(Refused, match="UTF-8"):
        body_of_fields([("event", "\ud800")])
    assert orjson.loads(body_of_fields([("a.b", "1"), ("a", "2"), ("a.b", "3"), ("data", "x")])) == {"a": {"b": "1"}}


def test_a_breaker_opens_after_failures_in_a_row() -> None:
    """One success between them keeps it closed."""
    breaker = Breaker()
    for _ in range(FAILURES - 1):
        breaker.failed(0.0)
    breaker.succeeded()
    for _ in range(FAILURES - 1):
        breaker.failed(0.0)
    assert [breaker.lets(0.0) for _ in range(3)] == [True] * 3
    breaker.failed(1.0)
    assert [breaker.lets(1.0 + AGAIN_S / 2) for _ in range(3)] == [False] * 3
    assert [breaker.lets(1.0 + AGAIN_S) for _ in range(3)] == [True, False, False]
    breaker.succeeded()
    assert [breaker.lets(1.0 + AGAIN_S) for _ in range(3)] == [True] * 3


def test_a_load_holds_what_it_may_and_no_more() -> None:
    """What does not fit changes nothing."""
    load = Load(10)
    assert [load.take(6), load.take(5), load.take(4), load.take(1)] == [True, False, True, False]
    load.give(6)
    assert (load.held, load.take(6)) == (4, True)


def test_a_client_holds_its_share_and_no_more() -> None:
    """Others find room beside it; what is given back is forgotten."""
    shares = Shares(Load(SHARE * 10))
    assert [shares.take("a", 10), shares.take("a", 1), shares.take("b", 10)] == [True, False, True]
    shares.give("a", 4)
    assert [shares.take("a", 5), shares.take("a", 4)] == [False, True]
    for client in "cdefgh":
        assert shares.take(client, 10)
    assert (shares.take("i", 1), shares.whole.held) == (False, SHARE * 10)
    for client in "abcdefgh":
        shares.give(client, 10)
    assert (shares.held, shares.whole.held) == ({}, 0)


@pytest.mark.parametrize(("letter", "count"), [("é", 100), ("\U0001f600", MAX_ID_BYTES // 4)])
def test_a_message_id_is_bounded_in_characters_and_bytes(keys: Keys, letter: str, count: int) -> None:
    """A hundred characters at most, and as many bytes as any id."""
    for more, taken in ((0, 1), (1, 0)):
        call = {"type": "page", "userId": "7", "messageId": letter * (count + more)}
        assert len(intake_of(Calls((call,), {}), Sender("demo", 7, is_server=False), keys).records) == taken
