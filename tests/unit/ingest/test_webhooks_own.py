"""Our own form of a webhook, and what a webhook's call leaves in the log."""

import logging
from typing import Any

import orjson
import pytest

from services.ingest.core.hook import Esp, Hook
from tests.esp_calls import MANY, SECRET, call_of, marked
from tests.esp_collector import ADDRESS, BY_ESP, PATIENT, RECORD, sent, told


@pytest.fixture
async def bare(serve: Any) -> Any:
    """A collector without a file of webhooks, and without Anymail."""
    return await serve(bounds=PATIENT)


async def test_our_own_form_is_one_record_or_a_list(bare: Any, sign: Any) -> None:
    """By a server's signature, without Anymail and without a file; of the fields that the schema has."""
    one = orjson.dumps({**RECORD, "email": ADDRESS})
    assert (await sent(bare, "kindling", one, sign(one)))[0] == 200
    many = orjson.dumps([RECORD, {**RECORD, "id": ""}, {**RECORD, "person_tag": "?"}, 7, {**RECORD, "id": "f-2"}])
    status, answer = await sent(bare, "kindling", many, sign(many))
    assert (status, answer["accepted"]) == (200, 2)
    assert [(each["index"], each["reason"]) for each in answer["errors"]] == [
        (1, "bad_shape"), (2, "unknown_person"), (3, "bad_shape"),
    ]  # fmt: skip
    assert [each["id"] for each in bare.calls("email.feedback")] == ["f-1", "f-1", "f-2"]
    assert ADDRESS.encode() not in bare.log.of("email.feedback")[0].value


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"7", 400, "not_an_object"),
        (b"{", 400, "not_json"),
        (orjson.dumps([RECORD] * 501), 413, "too_many_calls"),
        (orjson.dumps({**RECORD, "reason": 7}), 400, "bad_shape"),
        (b'{"id": "\\ud800"}', 400, "not_json"),
        (b"[]", 200, None),
    ],
)
async def test_our_own_form_is_checked(bare: Any, sign: Any, body: bytes, status: int, code: str | None) -> None:
    """With what is wrong; an empty list says nothing."""
    found, answer = await sent(bare, "kindling", body, sign(body))
    assert (found, answer.get("code")) == (status, code)
    assert bare.log.kept == []


async def test_our_own_form_needs_a_signature(serve: Any, sign: Any) -> None:
    """401 without one, with another's, or with one of another body; its server has a rate."""
    collector = await serve(bounds=PATIENT)
    body = orjson.dumps(RECORD)
    for headers in ({}, {"X-Kindling-Signature": "t=1,v1=00"}, sign(body, b"another key of a test"), sign(b"{}")):
        assert (await sent(collector, "kindling", body, headers))[0] == 401
    many = orjson.dumps([RECORD] * 500)
    assert (await sent(collector, "kindling", many, sign(many)))[0] == 200
    assert (await sent(collector, "kindling", body, sign(body)))[0] == 429


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The log with everything that is said."""
    caplog.set_level(logging.DEBUG)
    return caplog


async def test_a_call_is_one_line_without_what_it_holds(hooked: Any, lines: pytest.LogCaptureFixture) -> None:
    """Taken, refused or unread: an ESP, a status and counts, no address, no secret."""
    payload = marked(Esp.SENDGRID, BY_ESP["sendgrid"])
    await told(hooked, Esp.SENDGRID, [*payload, ADDRESS])
    await sent(hooked, "sendgrid", b"{}")
    await sent(hooked, "nobody", b"{}")
    await sent(hooked, "postmark", b" " * 1_000_001)
    said = [each for each in lines.records if each.name.startswith("services.ingest") and each.msg == "webhook"]
    assert [each.__dict__["status"] for each in said] == [200, 401, 404, 401]
    assert (said[0].__dict__["esp"], said[0].__dict__["kept"], said[0].__dict__["unread"]) == ("sendgrid", 1, 1)
    shown = " ".join(str(each.__dict__) for each in lines.records)
    assert ADDRESS not in shown
    assert SECRET.decode() not in shown


async def test_a_body_too_large_is_one_line_too(hooked: Any, lines: pytest.LogCaptureFixture) -> None:
    """413, and the rest of it is not waited for."""
    call = call_of(Esp.POSTMARK, {})
    assert (await sent(hooked, "postmark", b" " * 1_000_001, call.headers))[0] == 413
    [said] = [each for each in lines.records if each.msg == "webhook"]
    assert said.__dict__["status"] == 413


def test_secrets_are_not_shown() -> None:
    """Neither of a hook nor of an event."""
    hook = Hook(Esp.MAILGUN, MANY, (SECRET,), (b"user:password",))
    assert SECRET.decode() not in repr(hook)
    assert "password" not in repr(hook)
