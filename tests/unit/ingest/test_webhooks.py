"""Events of ESPs through the collector: what is kept of them, and what an ESP is answered."""

import gzip
from typing import Any

import orjson
import pytest

from schemas.identity import address_key, person_tag
from schemas.topics import EMAIL_FEEDBACK
from services.ingest.adapters.key_checks import KeyChecks
from services.ingest.core.batch import batch_of
from services.ingest.core.hook import Esp
from services.ingest.core.window import Windows
from services.ingest.webhooks import Hooks, World
from tests.esp_calls import NOW_MS, TAG, call_of, hook_of, marked, sns
from tests.esp_collector import ADDRESS, BY_ESP, FOREIGN, PATIENT, ROWS, fate, sent, told


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["esp"])
async def test_an_event_of_each_esp_is_a_record(hooked: Any, row: dict[str, Any]) -> None:
    """With word, class, machine, link, reason and time as the ESP says them, echoed marks, and no plain address."""
    esp, marks = Esp(row["esp"]), {"message_id": "m-7", "decision_id": "d-7", "course_id": "sql"}
    has_marks = esp not in {Esp.MAILERSEND, Esp.POSTAL}  # they echo tags alone
    if "message_id" in row["expected"]:
        del marks["message_id"]
    assert await told(hooked, esp, marked(esp, row["payload"], **marks)) == (
        200,
        {"success": True, "accepted": 1, "errors": []},
    )
    [record] = hooked.calls("email.feedback")
    if has_marks:
        assert {name: record[name] for name in marks} == marks
    assert {name: record[name] for name in row["expected"]} == row["expected"]
    assert record["person_tag"] == TAG
    assert record["source"] == f"webhook:{esp}"
    assert record["address_key"] == address_key(hooked.keys.address, ADDRESS)
    assert ADDRESS.encode() not in hooked.log.of("email.feedback")[0].value
    assert hooked.log.of("email.feedback")[0].key == TAG.encode()


@pytest.mark.parametrize("esp", FOREIGN)
async def test_a_repeat_is_the_same_record(hooked: Any, esp: Esp, keys: Any, record: Any) -> None:
    """However often it is told, in whatever order: one event reaches the profile."""
    for _ in range(3):
        assert (await told(hooked, esp, marked(esp, BY_ESP[esp], decision_id="d-1")))[0] == 200
    records = [each.value for each in hooked.log.of("email.feedback")]
    assert len(records) == 3
    assert len(set(records)) == 1
    read = [record(value, EMAIL_FEEDBACK, offset=place) for place, value in enumerate(records)]
    assert batch_of(read, keys, Windows(100), lambda _: 0).tally["events"] == 1


async def test_the_order_in_which_events_come_changes_nothing(hooked: Any) -> None:
    """Nor how they are batched: the same records, each by its own id and time."""
    one = marked(Esp.SENDGRID, BY_ESP["sendgrid"])[0]
    words = ("delivered", "open", "click", "spamreport")
    events = [
        {**one, "event": word, "sg_event_id": word, "timestamp": 1_793_690_000 + at} for at, word in enumerate(words)
    ]
    assert (await told(hooked, Esp.SENDGRID, events))[0] == 200
    for each in reversed(events):
        assert (await told(hooked, Esp.SENDGRID, [each]))[0] == 200
    kept = [each.value for each in hooked.log.of("email.feedback")]
    assert sorted(kept[:4]) == sorted(kept[4:])
    assert len(set(kept)) == 4


async def test_what_is_not_ours_is_counted_and_answered(hooked: Any) -> None:
    """An ESP must not tell it for ever; a tag that only looks like one is none."""
    for marks in ({}, {"person_tag": "welcome"}, {"person_tag": person_tag("m:42")}, {"person_tag": ""}):
        before = fate(Esp.SENDGRID, "not_ours")
        payload = [{**BY_ESP["sendgrid"][0], **marks}]
        assert await told(hooked, Esp.SENDGRID, payload) == (200, {"success": True, "accepted": 0, "errors": []})
        assert fate(Esp.SENDGRID, "not_ours") == before + 1
    assert hooked.log.kept == []


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"event": "spamreport"}, "complained"),
        ({"event": "bounce", "type": "bounce", "reason": "550 5.1.1 gone"}, "bounced"),
        ({"event": "bounce", "type": "blocked", "reason": "550 5.7.1 listed"}, ""),
        ({"event": "bounce", "reason": "550 full"}, ""),
        ({"event": "unsubscribe"}, ""),
        ({"event": "click", "url": "https://academy.example.com"}, ""),
        ({"event": "spamreport", "email": "no address"}, ""),
    ],
)
async def test_a_refusal_about_an_address_alone_suppresses_it(hooked: Any, event: dict[str, Any], reason: str) -> None:
    """A complaint, or a bounce for good, of a mail that bears no person tag; nothing else, and by its key alone."""
    payload = [{"email": ADDRESS, "timestamp": 1_793_690_000, "sg_event_id": "s", **event}]
    for _ in range(2):
        assert (await told(hooked, Esp.SENDGRID, payload))[0] == 200
    assert hooked.calls("email.feedback") == []
    kept = hooked.log.of("email.suppressions")
    if not reason:
        assert kept == []
        return
    key = address_key(hooked.keys.address, ADDRESS)
    assert kept[0] == kept[1]
    assert kept[0].key == f"{key}|*".encode()
    said = orjson.loads(kept[0].value)
    assert (said["state"], said["reason"], said["address_key"]) == ("suppressed", reason, key)
    assert (said["since"], said["source"]) == ("2026-11-03T07:13:20Z", "webhook:sendgrid")


async def test_a_time_to_come_is_the_time_it_is_told(hooked: Any) -> None:
    """A refusal from the future would outlive a lift; an event without a time has that of its call."""
    ahead = {"email": ADDRESS, "timestamp": 4_000_000_000, "event": "spamreport", "sg_event_id": "s"}
    without = {"email": ADDRESS, "event": "open", "sg_event_id": "t", "person_tag": TAG}
    assert (await told(hooked, Esp.SENDGRID, [ahead, without]))[0] == 200
    [suppression], [record] = hooked.calls("email.suppressions"), hooked.calls("email.feedback")
    assert (suppression["since"], record["occurred_at"]) == ("2026-11-03T09:00:00Z", "2026-11-03T09:00:00Z")


async def test_one_event_that_nobody_can_read_costs_itself(hooked: Any) -> None:
    """It is named by its place, and counted; a call of nothing else is refused."""
    good = marked(Esp.SENDGRID, BY_ESP["sendgrid"])[0]
    other = {**good, "sg_event_id": "2"}
    before = fate(Esp.SENDGRID, "unread")
    status, answer = await told(hooked, Esp.SENDGRID, [good, 7, {}, {"event": []}, {**good, "url": "\ud800"}, other])
    assert (status, answer["accepted"]) == (200, 2)
    assert [(each["index"], each["reason"]) for each in answer["errors"]] == [
        (1, "bad_shape"), (2, "bad_shape"), (3, "bad_shape"), (4, "bad_shape"),
    ]  # fmt: skip
    assert fate(Esp.SENDGRID, "unread") == before + 4
    status, answer = await told(hooked, Esp.SENDGRID, [7])
    assert (status, answer["code"]) == (400, "bad_shape")


async def test_a_call_of_too_many_events_is_refused(hooked: Any) -> None:
    """10,000 are read; of what is wrong in them the first hundred places are told."""
    status, answer = await told(hooked, Esp.SENDGRID, [7] * 10_000)
    assert (status, [each["index"] for each in answer["errors"]]) == (400, list(range(100)))
    assert (await told(hooked, Esp.SENDGRID, [7] * 10_001))[0] == 413


async def test_a_kafka_that_is_away_is_told_so(hooked: Any) -> None:
    """503 with a time to come again, and nothing counted as kept; what holds nothing for us asks no broker."""
    hooked.log.is_away = True
    before = fate(Esp.POSTMARK, "kept")
    call = call_of(Esp.POSTMARK, marked(Esp.POSTMARK, BY_ESP["postmark"]))
    async with hooked.http.post("/webhooks/postmark", data=call.body, headers=call.headers) as response:
        assert (response.status, int(response.headers["Retry-After"]) > 0) == (503, True)
    assert fate(Esp.POSTMARK, "kept") == before
    assert (await told(hooked, Esp.POSTMARK, BY_ESP["postmark"]))[0] == 200
    hooked.log.is_away = False
    assert (await sent(hooked, "postmark", call.body, call.headers))[0] == 200
    assert fate(Esp.POSTMARK, "kept") == before + 1


async def test_where_anymail_is_not_installed_an_esp_comes_again(serve: Any) -> None:
    """503 to who has proven itself, 401 to who has not: nothing is lost until it is installed."""
    hooks = Hooks(lambda: {Esp.POSTMARK: hook_of(Esp.POSTMARK)}, World(None, KeyChecks(), sns()))
    collector = await serve(bounds=PATIENT, hooks=hooks, now_ms=lambda: NOW_MS)
    assert (await told(collector, Esp.POSTMARK, BY_ESP["postmark"]))[0] == 503
    assert (await sent(collector, "postmark", b"{}"))[0] == 401


async def test_a_batch_of_sendgrid_fits(hooked: Any) -> None:
    """It holds up to 768 KB, more than a batch of calls may; compressed or not. Beyond a megabyte it is refused."""
    event = marked(Esp.SENDGRID, BY_ESP["sendgrid"])[0]
    many = [{**event, "sg_event_id": str(place)} for place in range(3_600)]
    call = call_of(Esp.SENDGRID, many)
    assert 700_000 < len(call.body) < 1_000_000
    status, answer = await sent(hooked, "sendgrid", call.body, call.headers)
    assert (status, answer["accepted"]) == (200, 3_600)
    packed = {**call.headers, "Content-Encoding": "gzip"}
    assert (await sent(hooked, "sendgrid", gzip.compress(call.body, 1), packed))[0] == 200
    bomb = gzip.compress(b" " * 1_000_001)
    assert (await sent(hooked, "sendgrid", bomb, packed))[0] == 413


@pytest.mark.parametrize("form", ["urlencoded", "multipart"])
async def test_mailgun_writes_forms_too(hooked: Any, form: str) -> None:
    """Its older webhooks do, and its signature is among the fields."""
    payload = marked(Esp.MAILGUN, {"event": "bounced", "recipient": ADDRESS, "code": "550", "error": "5.1.1 gone"})
    assert (await told(hooked, Esp.MAILGUN, payload, form=form))[0] == 200
    [record] = hooked.calls("email.feedback")
    assert (record["word"], record["bounce_class"]) == ("bounced", "hard")


async def test_an_empty_batch_and_a_ping_are_answered(hooked: Any) -> None:
    """SparkPost pings with an event of nothing; nothing is kept, and nobody comes again."""
    for esp, payload in (
        (Esp.SPARKPOST, [{"msys": {}}]),
        (Esp.SENDGRID, []),
        (Esp.MAILTRAP, {"events": []}),
        (Esp.MANDRILL, []),
    ):
        assert await told(hooked, esp, payload) == (200, {"success": True, "accepted": 0, "errors": []})
    assert hooked.log.kept == []
