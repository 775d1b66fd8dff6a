"""What comes under an id that was used before: a dead letter, but for what it refuses or withdraws."""

from typing import Any

import orjson
import pytest

from schemas import topics
from schemas.signing import token
from services.ingest.core.records import Batch
from services.ingest.core.source import Keys
from services.ingest.core.window import Windows

CALL = {"type": "track", "event": "E", "messageId": "m", "userId": "7"}
FEEDBACK = {"id": "esp-1", "message_id": "mail", "person_tag": "dTo3", "address_key": "k", "source": "esp",
            "occurred_at": "2026-11-03T09:00:00Z"}  # fmt: skip
REQUEST = {"id": "r1", "occurred_at": "2026-11-03T09:00:00Z", "requested_by": "desk"}
CRM = {"type": "identify", "messageId": "contact-1", "userId": "7"}


def packed(batch: Batch) -> list[dict[str, Any]]:
    """The events of every pack."""
    return [event for each in batch.packs for event in orjson.loads(each.value or b"")["events"]]


def heard(*batches: Batch) -> list[tuple[str, Any]]:
    """What the profile is told and each suppression, in order, an address by its reason."""
    events = [event for batch in batches for event in packed(batch)]
    others = [
        orjson.loads(each.value or b"")
        for batch in batches
        for each in batch.others
        if each.topic.short != "dlq.ingest"
    ]
    return [(each["kind"], each["name"]) for each in events] + [("suppression", each["reason"]) for each in others]


def withdrawn(batch: Batch) -> list[tuple[str, list[str]]]:
    """The kind of each event and the purposes it withdraws."""
    return [
        (each["kind"], [one["purpose"] for one in each.get("consent", ()) if not one["given"]])
        for each in packed(batch)
    ]


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_a_refusal_under_an_id_used_before_is_heard(made: Any, *, is_forgotten: bool) -> None:
    """An ESP that gives the mail's id to all that becomes of it: delivered, bounced softly, then marked as spam.

    A window that forgot the first changes nothing: what the profile keeps of an id is longer.
    """
    windows = [Windows(100), Windows(100)]
    soft = {**FEEDBACK, "word": "bounced", "bounce_class": "soft", "id": "esp-2"}
    first = made({**FEEDBACK, "word": "delivered"}, soft, topic=topics.EMAIL_FEEDBACK, window=windows[0])
    bad = ({**FEEDBACK, "word": "complained"}, {**soft, "bounce_class": "hard"})
    second = made(*bad, *bad, topic=topics.EMAIL_FEEDBACK, first=2, window=windows[is_forgotten])
    said = [("feedback", "complained"), ("feedback", "bounced")]
    refused = [("suppression", "complained"), ("suppression", "bounced")] * 2
    assert heard(first, second) == [("feedback", "delivered"), ("feedback", "bounced"), *said, *refused]
    ids = [event["id"] for batch in (first, second) for event in packed(batch)]
    assert ids[:2] == ["esp-1", "esp-2"]
    assert len(set(ids)) == len(ids)
    assert first.reasons == second.reasons == {}


def test_a_suppression_outlives_the_conflict_of_its_record(made: Any) -> None:
    """A complaint that says another course under the id of one heard before: a dead letter, and the address refuses."""
    said = {**FEEDBACK, "word": "complained", "course_id": "a"}
    batch = made(said, {**said, "course_id": "b", "address_key": "k2"}, topic=topics.EMAIL_FEEDBACK)
    assert batch.reasons == {"id_conflict": 1}
    assert heard(batch) == [("feedback", "complained"), *[("suppression", "complained")] * 2]
    assert [each.key for each in batch.others] == [b"k|*", None, b"k2|*"]


def test_a_request_under_an_id_used_before_is_taken(made: Any) -> None:
    """An export, then an erasure of the same ticket, then that again."""
    asked = {**REQUEST, "person": "u:7", "address": "ana@example.com"}
    erase = {**asked, "action": "erase"}
    batch = made({**asked, "action": "export"}, erase, erase, topic=topics.PRIVACY_REQUESTS)
    requests = [("privacy", "erase")] * 2 + [("privacy", "export")] * 2
    assert sorted(heard(batch)) == requests + [("suppression", "erased")] * 2
    assert batch.reasons == {}


def test_a_trackers_complaint_under_an_id_used_before_is_heard(made: Any) -> None:
    """An ESP that speaks as a tracker, with the mail's id for all its calls."""
    said = {"type": "track", "messageId": "esp-1", "userId": "7", "properties": {"message_id": "mail"}}
    calls = [{**said, "event": event} for event in ("Email Delivered", "Email Marked as Spam", "Email Marked as Spam")]
    batch = made(*calls, topic=topics.CONVERSIONS_RAW)
    assert heard(batch) == [("feedback", "Email Delivered"), ("feedback", "Email Marked as Spam")]
    assert batch.reasons == {}


def test_two_links_used_under_one_id_are_two_refusals(made: Any, keys: Keys) -> None:
    """The id is the sender's, the purpose is what our token says."""
    calls = [
        {**CALL, "event": "Unsubscribed", "properties": {"unsubscribe_token": token(keys.unsubscribe, said)}}
        for said in (("mail", "u:7", "k", "marketing"), ("mail", "u:7", "k", "news"))
    ]
    batch = made(*calls)
    assert batch.reasons == {}
    assert heard(batch) == [("feedback", "unsubscribed")] * 2 + [("suppression", "unsubscribed")] * 2


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_a_withdrawal_under_an_id_used_before_is_told(made: Any, *, is_forgotten: bool) -> None:
    """A CRM whose message id is the contact's: the rest of the call is a dead letter, its withdrawal goes on."""
    windows = [Windows(100), Windows(100)]
    says = [{**CRM, "traits": {"consent": {"news": given, "ads": True}}} for given in (True, False)]
    first = made(says[0], topic=topics.CONVERSIONS_RAW, window=windows[0])
    second = made(says[1], topic=topics.CONVERSIONS_RAW, first=1, window=windows[is_forgotten])
    third = made(says[1], topic=topics.CONVERSIONS_RAW, first=2, window=windows[is_forgotten])
    assert withdrawn(first) == [("identify", [])]
    [*rest, last] = packed(second)
    assert (last["name"], last["consent"]) == (
        "consent.withdrawn", [{"purpose": "news", "given": False, "source": "identify:identify"}],
    )  # fmt: skip
    assert last["id"] != CRM["messageId"]
    assert (len(rest), second.reasons) == ((1, {}) if is_forgotten else (0, {"id_conflict": 1}))
    assert withdrawn(third) == []


def test_a_withdrawal_at_another_time_is_another(made: Any) -> None:
    """Between the two a grant may have come by another id; a client that tries again says the same time."""
    said = {**CRM, "traits": {"consent": {"news": False}}, "timestamp": "2026-11-03T08:00:00Z"}
    twice = made(said, {**said, "sentAt": "2026-11-03T08:30:00Z"}, topic=topics.CONVERSIONS_RAW)
    assert withdrawn(twice) == [("identify", ["news"])] * 2
    later = made({**said, "timestamp": "2026-11-03T08:50:00Z"}, first=2, topic=topics.CONVERSIONS_RAW)
    assert (withdrawn(later), later.tally["repeats"]) == ([("identify", ["news"])], 1)


def test_a_withdrawal_needs_no_sound_time(made: Any) -> None:
    """A time that is nested deeper than JSON is written."""
    deep = b'{"type":"identify","messageId":"m","userId":"7","traits":{"consent":{"news":false}},"timestamp":%s}'
    nested = deep % (b"[" * 400 + b"]" * 400)
    assert withdrawn(made(nested, topic=topics.CONVERSIONS_RAW)) == [("identify", ["news"])] * 2


@pytest.mark.parametrize(
    "change",
    [
        {"traits": {"consent": {"news": True}}},
        {"traits": {"email": "ana@example.com"}},
        {"traits": {"language": "de"}},
        {"type": "group"},
    ],
)
def test_whatever_else_a_call_says_under_an_id_is_a_conflict(made: Any, change: dict[str, Any]) -> None:
    """Consent, address, language: none of it is dropped in silence."""
    batch = made(
        {**CRM, "traits": {"consent": {"news": True, "ads": True}}}, {**CRM, **change}, topic=topics.CONVERSIONS_RAW
    )
    assert batch.reasons == {"id_conflict": 1}


def test_another_page_under_the_same_id_is_a_conflict(made: Any) -> None:
    """Its URL is what a page call says."""
    page = {"type": "page", "messageId": "m", "userId": "7", "properties": {"url": "https://a.example/"}}
    other = {**page, "properties": {"url": "https://a.example/b", "title": "B"}}
    assert made(page, other).reasons == {"id_conflict": 1}


def test_what_a_machine_withdraws_is_no_event_of_its_own(made: Any) -> None:
    """No profile folds it."""
    agent = {"traits": {"consent": {"news": False}}, "context": {"userAgent": "Googlebot/2.1"}}
    assert withdrawn(made({**CRM, **agent}, topic=topics.CONVERSIONS_RAW)) == [("identify", ["news"])]
