"""Payloads of thirteen ESPs, with the values that Anymail's own tests expect of them, through the collector's route."""

import hashlib
import json
import os
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from schemas.identity import address_key, normalised_address
from services.ingest.core.hook import Esp
from tests.esp_calls import call_of, marked

pytest.importorskip("anymail", reason="the library django-anymail of requirements/esp.txt is not installed")
SHARED = Path(os.environ.get("KINDLING_SHARED", Path(__file__).parents[4] / "shared"))
FILE = SHARED / "data" / "esp_webhooks_anymail" / "payloads.jsonl"
ROWS = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()] if FILE.exists() else []
NO_CALL = re.compile(
    "metadata_key_conflicts-metadata|raw_mime_url"  # a part of a payload
    "|test_inbound.*-raw_sns_message|test_incorrect_tracking"  # a message of SNS whose text that test computes, or cuts
)
COMES_IN = re.compile(r"misconfigured|incorrect_received|incoming")
BY_AN_OPTION = "test_initial_open_event_as_opened"  # of Anymail's that is off here: the open itself is told as well
ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")


def rows(kind: str) -> list[Any]:
    """The payloads of this kind."""
    found = [each for each in ROWS if each["kind"] == kind and not NO_CALL.search(f"{each['test']}-{each['var']}")]
    named = [pytest.param(each, id=f"{each['esp']}-{each['test'].partition('.')[2]}-{each['var']}") for each in found]
    return named or [pytest.param({}, marks=pytest.mark.skip(reason=f"the shared data are not there: {FILE}"))]


async def told(collector: Any, row: dict[str, Any], payload: Any) -> tuple[int, dict[str, Any]]:
    """Status and answer to the payload, as its ESP sends it."""
    form = "" if "raw_event" not in row["var"] or "event-data" in payload else "multipart"
    call = call_of(Esp(row["esp"]), payload, form=form if row["esp"] == "mailgun" else "")
    if row["esp"] == "sendgrid" and row["kind"] == "inbound":
        call = call_of(Esp.SENDGRID, payload, form="multipart")
    async with collector.http.post(f"/webhooks/{row['esp']}", data=call.body, headers=call.headers) as response:
        return response.status, await response.json()


def whole(row: dict[str, Any]) -> Any:
    """The payload of a row with our marks; of Amazon's the message of SNS that holds the event."""
    esp = Esp(row["esp"])
    if esp is not Esp.AMAZON_SES:
        return row["payload"] if COMES_IN.search(row["test"]) else marked(esp, row["payload"])
    pair = {each["var"]: each["payload"] for each in ROWS if each["test"] == row["test"]}
    message = dict(pair["raw_sns_message"])
    if "raw_ses_event" in pair:
        message["Message"] = json.dumps(marked(esp, pair["raw_ses_event"]))
    return message


@pytest.mark.parametrize("row", rows("webhooks"))
async def test_a_payload_is_what_anymail_expects_of_it(hooked: Any, row: dict[str, Any]) -> None:
    """Word, address, ids, time, link and reasons of the record are those that the data has."""
    status, answer = await told(hooked, row, whole(row))
    assert (status, answer["errors"]) == (200, [])
    records = hooked.calls("email.feedback")
    if COMES_IN.search(row["test"]):
        assert records == []
        return
    assert len(records) == answer["accepted"] > 0
    for place, record in enumerate(records):
        each = {name.removeprefix(f"events[{place}]."): value for name, value in row["expected"].items()}
        compare(
            record, {f"event.{name}": value for name, value in each.items() if name in {"event_type", "recipient"}}, row
        )
    expected = {name: value for name, value in row["expected"].items() if value is not None}
    key = key_of(hooked, expected.get("event.recipient"))
    compare(next(each for each in records if key in (None, each["address_key"])), expected, row, hooked)


def compare(record: dict[str, Any], expected: dict[str, Any], row: dict[str, Any], collector: Any = None) -> None:
    """Hold the record to what is expected of it."""
    if "event.event_type" in expected and BY_AN_OPTION not in row["test"]:
        assert record["word"] == expected["event.event_type"]
    if collector is not None and "event.recipient" in expected:
        assert record["address_key"] == key_of(collector, expected["event.recipient"])
    if "event.message_id" in expected:
        assert record["message_id"] == str(expected["event.message_id"])[:100]
    for name in ("event.timestamp", "event.timestamp.isoformat()"):
        if name in expected:
            assert datetime.fromisoformat(record["occurred_at"]) == moment(expected[name])
    if "event.click_url" in expected:
        assert record["url"] == expected["event.click_url"]
    for name in ("event.reject_reason", "event.description", "event.mta_response"):
        if said := expected.get(name, "").strip():
            assert ADDRESS.sub("[address]", said) in record["reason"]
    if event_id := expected.get("event.event_id"):
        assert record["id"] == record_id(row, event_id, expected["event.recipient"], record["word"])
    assert "@example.com" not in json.dumps({**record, "message_id": ""})


def record_id(row: dict[str, Any], event_id: str, recipient: str, word: str) -> str:
    """What the id of a record is made of: the ESP's own; Mailgun's is that of the event, its token changes."""
    data = row["payload"].get("event-data", {}) if isinstance(row["payload"], dict) else {}
    own = [data["id"], data["timestamp"]] if row["esp"] == "mailgun" and "id" in data else event_id
    if row["esp"] == "resend":
        own = "msg_1"  # as this test sends it
    return f"{row['esp']}-{hashlib.sha256(json.dumps([own, word, recipient]).encode()).hexdigest()[:40]}"


def key_of(collector: Any, recipient: str | None) -> str | None:
    """The key of an address as a suppression has it; None of what is no plain address."""
    address = normalised_address(recipient) if recipient else None
    return address_key(collector.keys.address, address) if address else None


def moment(said: str) -> datetime:
    """A time of the data: ISO 8601, or the expression that makes one."""
    if not said.startswith("<expr:"):
        return datetime.fromisoformat(said)
    if found := re.match(r"<expr:datetime.fromtimestamp\((\d+)", said):
        return datetime.fromtimestamp(int(found[1]), UTC)
    numbers, zone = said.partition("tzinfo=")[::2]
    year, month, day, hour, minute, second, *micro = map(int, re.findall(r"\d+", numbers))
    hours = re.search(r"-?\d+(?= \* 60)", zone)
    away = timezone(timedelta(hours=int(hours[0]) if hours else 0))
    return datetime(year, month, day, hour, minute, second, sum(micro), away)


@pytest.mark.parametrize("row", rows("inbound"))
async def test_a_mail_that_comes_in_is_no_feedback(hooked: Any, row: dict[str, Any]) -> None:
    """An ESP that sends it to this address is answered 200, and nothing is kept."""
    payload = row["payload"]
    match row["esp"]:
        case "mandrill":
            payload = [payload]
        case "sparkpost":
            payload = [payload if "msys" in payload else {"msys": {"relay_message": payload}}]
        case _:
            pass
    status, answer = await told(hooked, row, payload)
    assert (status, answer["accepted"], hooked.log.kept) == (200, 0, [])
