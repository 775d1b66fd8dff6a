"""Law: whatever an ESP that has proven itself sends, it is answered, never by a 5xx, and no word of it is logged."""

import asyncio
import json
import logging
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.ingest.adapters.fake_log import FakeLog
from services.ingest.adapters.key_checks import KeyChecks
from services.ingest.core.esp_feedback import Fate
from services.ingest.core.hook import Esp, HookCall
from services.ingest.core.keyring import ring_of
from services.ingest.core.rates import Rate
from services.ingest.core.records import Outgoing
from services.ingest.core.source import keys_of
from services.ingest.pipeline import Desk
from services.ingest.webhooks import Entered, Hooks, Knock, World, enter_hook, hear, keep_heard
from services.runtime.fake_seal import FakeSeal
from tests.esp_calls import NOW_MS, Call, call_of, hook_of, marked, sns
from tests.esp_collector import BY_ESP, FOREIGN
from tests.unit.ingest.page_world import BARE

pytest.importorskip("anymail", reason="the library django-anymail of requirements/esp.txt is not installed")
from services.ingest.adapters.anymail_events import AnymailReader

CANARY = "a-canary-of-a-test"
IN_THE_BODY = {Esp.MAILGUN, Esp.UNISENDER_GO}  # what proves them stands there, and may be what was changed
MANY = Rate(1e9, 1e9)
READER = AnymailReader()
HOOKS = Hooks(lambda: {each: hook_of(each) for each in FOREIGN}, World(READER, KeyChecks(), sns()))
TIMES = st.sampled_from([0, -1, 1e300, 2**63, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026", "é"])
TEXTS = st.text(max_size=8) | st.sampled_from([CANARY, f"{CANARY}@example.com", "\ud800", "\x00", "{", "[]", "dTo0Mg"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | TIMES
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=6
)


def paths(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The place of each value in a payload."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(each for name, inner in items for each in paths(inner, (*place, name)))]


def put(value: Any, place: tuple[Any, ...], other: Any) -> Any:
    """The payload with another value at the place."""
    if not place:
        return other
    found = value.copy()
    found[place[0]] = put(value[place[0]], place[1:], other)
    return found


@st.composite
def payloads(draw: st.DrawFn, esp: Esp) -> Any:
    """One that the ESP could send, with a value or two in it that it never would."""
    made = marked(esp, BY_ESP[esp])
    for _ in range(draw(st.integers(1, 2))):
        made = put(made, draw(st.sampled_from(paths(made))), draw(JSON))
    return made


def answered(esp: Esp, call: Call, caplog: pytest.LogCaptureFixture) -> tuple[int, list[Outgoing]]:
    """Status and records of a call, which leaves no word of it in the log."""
    log = FakeLog()
    desk = Desk(keys_of(b"a secret of a test", FakeSeal()), lambda: ring_of((), ()), MANY, log, BARE)
    headers = {name.lower(): value for name, value in call.headers.items()}
    entered = enter_hook(Knock(esp.value, headers, "c"), desk, HOOKS, NOW_MS)
    assert isinstance(entered, Entered)
    caplog.clear()
    heard = asyncio.run(hear(entered, call.body, desk, NOW_MS))
    answer = asyncio.run(keep_heard(heard, desk))
    assert CANARY not in " ".join(str(each.__dict__) for each in caplog.records)
    assert CANARY not in answer.body.decode()
    assert heard.fates[Fate.KEPT] + heard.fates[Fate.SUPPRESSED] == len(log.kept)
    return answer.status, log.kept


def beside_ids(record: Outgoing) -> dict[str, Any]:
    """The record without the ids of the mail, its course and its decision: an id may look like an address."""
    said: dict[str, Any] = json.loads(record.value or b"")
    return {name: each for name, each in said.items() if name not in {"message_id", "decision_id", "course_id", "also"}}


@pytest.mark.parametrize("esp", FOREIGN)
def test_a_hostile_payload_is_answered(esp: Esp, caplog: pytest.LogCaptureFixture) -> None:
    """Proven, so that its reader gets to see it: 200, or 400 where nothing of it can be read."""
    caplog.set_level(logging.DEBUG)

    @settings(max_examples=40, database=None)
    @given(payloads(esp) | JSON)
    def law(payload: Any) -> None:
        if esp is Esp.AMAZON_SES or not isinstance(payload, dict | list):
            payload = {"Type": "Notification", "Message": json.dumps(payload)} if esp is Esp.AMAZON_SES else [payload]
        if esp in {Esp.UNISENDER_GO, Esp.MAILGUN} and not isinstance(payload, dict):
            return
        status, kept = answered(esp, call_of(esp, payload), caplog)
        assert status in {200, 400, *([401] if esp in IN_THE_BODY else [])}
        assert f"{CANARY}@" not in json.dumps([beside_ids(each) for each in kept])

    law()


@settings(max_examples=100)
@given(st.dictionaries(TEXTS.filter(str.isascii), TEXTS.filter(lambda text: "\ud800" not in text), max_size=4))
@example({"event": "clicked", "timestamp": "²"})
def test_a_hostile_form_is_answered(fields: dict[str, str]) -> None:
    """As Mailgun and Mandrill write them."""
    for esp in (Esp.MAILGUN, Esp.MANDRILL):
        body = urlencode({**fields, "mandrill_events": fields.get("event", "[[]]")}).encode()
        call = HookCall({"content-type": "application/x-www-form-urlencoded"}, body)
        try:
            read = READER.read(esp, call)
        except ValueError:  # `Refused`, which is answered 400
            continue
        assert len(read.events) + read.inbound + len(read.unread) <= 1


@settings(max_examples=100)
@given(st.binary(max_size=60), st.sampled_from(FOREIGN))
@example(b"[" * 5_000, Esp.SENDGRID)
@example(b'{"a":' * 5_000, Esp.POSTMARK)
@example(b"1" * 5_000, Esp.BREVO)
def test_any_bytes_are_read_or_refused(body: bytes, esp: Esp) -> None:
    """By each reader, whatever the content type says."""
    for kind in ("application/json", "multipart/form-data; boundary=b", "application/x-www-form-urlencoded", "é"):
        try:
            READER.read(esp, HookCall({"content-type": kind, "svix-id": "é"}, body))
        except ValueError as error:  # `Refused`
            assert type(error).__name__ == "Refused"
