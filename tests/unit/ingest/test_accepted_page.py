"""`docs/accepted.md` says of each route, reason, outcome and figure what the code says, and what it says is so."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from prometheus_client import Counter

from schemas import topics
from schemas.identity import MAX_ID_BYTES
from schemas.raw import MAX_CALL_BYTES
from services.ingest import metrics
from services.ingest.core import answers
from services.ingest.core.access import SIGNATURE_AGE_S
from services.ingest.core.batch import batch_of
from services.ingest.core.body import MAX_BODY_BYTES, MAX_CALLS
from services.ingest.core.call import MAX_MESSAGE_ID, MAX_PROPERTIES, TYPES
from services.ingest.core.envelope import ONE, SEVERAL
from services.ingest.core.ga4 import fields_of
from services.ingest.core.headers import TRACE_LENGTH
from services.ingest.core.names import PAGE, canonical_name
from services.ingest.core.pace import (
    HELD_MS,
    LATE_MS,
    MINUTE_MS,
    MOST_BYTES,
    MOST_EVENTS,
    MOST_MINUTES,
    MOST_PAGES,
    WINDOW_MS,
)
from services.ingest.core.reasons import Outcome, Reason
from services.ingest.core.refused import ANALYTICS
from services.ingest.core.routes import ROUTES
from services.ingest.core.source import Keys
from services.ingest.core.window import Windows

ROOT = Path(__file__).parents[3]
PAGE_TEXT = (ROOT / "docs" / "accepted.md").read_text(encoding="utf-8")
CALL = {"type": "track", "event": "E", "messageId": "m", "anonymousId": "b"}
ASKED = {"id": "p", "person": "u:7", "occurred_at": "2026-11-03T09:00:00Z", "requested_by": "x"}
FORGED = {"messageId": "m", "type": "track", "event": "Unsubscribed", "properties": {"unsubscribe_token": "forged"}}
FEEDBACK = {
    "id": "f", "word": "opened", "message_id": "m", "person_tag": "nobody", "occurred_at": "2026-11-03T09:00:00Z",
    "source": "esp",
}  # fmt: skip
RAW = topics.EVENTS_RAW
REFUSED: dict[str, tuple[topics.Topic, Any]] = {
    "bad_signature": (topics.PRIVACY_REQUESTS, {**ASKED, "action": "lift", "address": "ana@example.com"}),
    "not_json": (RAW, b"{"),
    "not_an_object": (RAW, []),
    "call_too_large": (RAW, {**CALL, "a": "x" * MAX_CALL_BYTES}),
    "bad_type": (RAW, {**CALL, "type": "import"}),
    "bad_id": (RAW, {**CALL, "messageId": "x" * 101}),
    "no_name": (RAW, {**CALL, "event": ""}),
    "nobody": (RAW, {**CALL, "anonymousId": ""}),
    "address_alone": (RAW, {**CALL, "anonymousId": "", "traits": {"email": "ana@example.com"}}),
    "too_many_properties": (RAW, {**CALL, "properties": {str(number): 1 for number in range(MAX_PROPERTIES + 1)}}),
    "nothing_to_link": (RAW, {**CALL, "type": "alias"}),
    "bad_token": (RAW, FORGED),
    "not_the_business": (RAW, {**CALL, "event": "Content Published", "properties": {"id": "a", "title": "A"}}),
    "bad_content": (topics.CONVERSIONS_RAW, {**CALL, "event": "Content Published", "properties": {"id": "a"}}),
    "bad_envelope": (RAW, {"specversion": "2.0", "data": CALL}),
    "unexpected_tombstone": (RAW, None),
    "bad_shape": (topics.EMAIL_FEEDBACK, {}),
    "unknown_person": (topics.EMAIL_FEEDBACK, FEEDBACK),
    "unknown_action": (topics.PRIVACY_REQUESTS, {**ASKED, "action": "forget_a_little"}),
}


def table(head: str) -> list[list[str]]:
    """The cells of the rows of the table whose first column has this head."""
    found = re.search(rf"^\| {head} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE_TEXT, re.MULTILINE)
    assert found is not None, head
    return [[cell.strip() for cell in line.strip("|\n").split("|")] for line in found[1].splitlines()]


def test_every_route_has_its_row() -> None:
    """In the order of the table of routes, with its method; and none that is not there."""
    assert [row[0] for row in table("method and path")] == [f"`{each.method} {each.path}`" for each in ROUTES]


def test_every_reason_has_its_row_with_its_status() -> None:
    """In their order: the status of a request, `call` of a call, none of what only a record can be."""
    rows = table("reason")
    assert [row[0] for row in rows] == [f"`{each.value}`" for each in Reason]
    assert [row for row in rows if not all(row)] == []
    statuses = {row[0].strip("`"): row[1] for row in rows}
    told = {Reason(word): int(status) for word, status in statuses.items() if status.isdigit()}
    assert told == {reason: answers.STATUS.get(reason, 400) for reason in told}
    assert {*answers.STATUS} - {*told} == {Reason.BAD_TOKEN}
    assert set(statuses.values()) - {str(each) for each in told.values()} == {"call", "none"}


@pytest.mark.parametrize("word", [each.value for each in Reason])
def test_the_page_says_what_is_a_dead_letter(word: str, record: Any, keys: Keys, made: Any) -> None:
    """A record for each word that can be one; of the others the consumer knows nothing."""
    if word == "id_conflict":
        found = made(CALL, {**CALL, "event": "F"}).reasons
    elif word == "no_receive_time":
        found = made(CALL, timestamp=-1).reasons
    else:
        topic, value = REFUSED.get(word, (RAW, CALL))
        found = batch_of([record(value, topic)], keys, Windows(9), lambda _: 0).reasons
    is_letter = next(row[2] for row in table("reason") if row[0] == f"`{word}`")
    assert (found, is_letter) == (({word: 1}, "yes") if is_letter == "yes" else ({}, "no"))


def test_every_outcome_has_its_row() -> None:
    """In their order."""
    assert [row[0] for row in table("outcome")] == [f"`{each.value}`" for each in Outcome]


def test_every_metric_of_the_page_is_counted() -> None:
    """By the name that Prometheus has."""
    named = set(re.findall(r"kindling_ingest_\w+", PAGE_TEXT))
    counters = {
        f"{next(iter(each.describe())).name}_total" for each in vars(metrics).values() if isinstance(each, Counter)
    }
    assert (len(named), named - counters) == (4, set())


def test_other_answers_have_their_row() -> None:
    """With their codes and statuses."""
    made = [answers.away(), answers.full(), answers.overloaded(), answers.failed()]
    expected = [[f"`{orjson.loads(each.body)['code']}`", str(each.status)] for each in made]
    assert [row[:2] for row in table("code")] == expected


def test_events_of_analytics_become_what_the_page_says() -> None:
    """Each name, and each of its parameters."""
    for name, becomes, parameters in table("event"):
        ours = canonical_name(name.strip("`"))
        assert becomes == ("a page call" if ours == PAGE else f"`{ours}`")
        assert dict(re.findall(r"`(\w+)` → `(\w+)`", parameters)) == fields_of(ours)


@pytest.mark.parametrize(
    "said",
    [
        f"at most {MAX_BODY_BYTES} bytes and {MAX_CALLS} calls a body, {MAX_CALL_BYTES} bytes a call",
        f"more than {MAX_BODY_BYTES} bytes, before or after decompression",
        f"more than {MAX_CALLS} calls",
        f"more than {MAX_CALL_BYTES} bytes",
        f"more than {MAX_PROPERTIES} properties or traits",
        f"a messageId of more than {MAX_MESSAGE_ID} characters",
        f"`{ONE}`, or many of them, `{SEVERAL}`",
        f"an id that is no text of at most {MAX_ID_BYTES} bytes",
        f"a signature that is wrong, older than {SIGNATURE_AGE_S // 60} minutes",
        f"a `traceparent` of {TRACE_LENGTH} characters",
        f"longer than {TRACE_LENGTH} characters",
        f"more than {MOST_EVENTS} events of one anonymous id within {WINDOW_MS // 1_000} seconds",
        f"more than {MOST_PAGES} pages a minute for {MOST_MINUTES} minutes in a row",
        f"until the id was quiet for {HELD_MS // MINUTE_MS} minutes",
        f"within {MOST_BYTES // 2**20} MB; what happened more than {LATE_MS // 1_000} seconds before its record",
        f"The categories that mean analytics are {', '.join(ANALYTICS)}, unless",
        "`KINDLING_INGEST_ANALYTICS_CATEGORIES`",
    ],
)
def test_figures_are_those_of_the_code(said: str) -> None:
    """Each limit, as it stands."""
    assert said in PAGE_TEXT


def test_types_are_named() -> None:
    """All that a call may be of."""
    row = next(row for row in table("reason") if row[0] == "`bad_type`")
    assert set(re.findall(r"\w+", row[3].partition("none of ")[2])) == TYPES
