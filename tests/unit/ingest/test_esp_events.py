"""What an ESP's event says beside Anymail's words: bounces, machines, ids, courses, and what must not be kept."""

from typing import Any
from uuid import UUID

import orjson
import pytest

from schemas.identity import message_id_of, person_tag
from services.ingest.core.esp_event import EspEvent, bounce_class, machine, record_id
from services.ingest.core.esp_feedback import told_of
from services.ingest.core.hook import Esp
from services.ingest.core.reasons import Refused
from services.ingest.core.source import Keys
from tests.esp_calls import NOW_MS, TAG

OURS = message_id_of("0d8c4f1e-6a0f-5a63-8a57-0f6c4d2f7f11")


def told(keys: Keys, esp: Esp = Esp.BREVO, **event: Any) -> dict[str, Any]:
    """The record of an event that bears our tag."""
    metadata = {"person_tag": TAG, **event.pop("metadata", {})}
    record = told_of(esp, EspEvent(**{"word": "clicked", "metadata": metadata, **event}), keys, NOW_MS).record
    assert record is not None
    found: dict[str, Any] = orjson.loads(record.value or b"")
    return found


BOUNCES = [
    (Esp.AMAZON_SES, {"bounce": {"bounceType": "Permanent"}}, "", "hard"),
    (Esp.AMAZON_SES, {"bounce": {"bounceType": "Transient"}}, "5.1.1", "soft"),
    (Esp.AMAZON_SES, {"bounce": {"bounceType": "Undetermined"}}, "", "soft"),
    (Esp.BREVO, {"event": "hard_bounce"}, "", "hard"),
    (Esp.BREVO, {"event": "invalid_email"}, "", "hard"),
    (Esp.BREVO, {"event": "soft_bounce"}, "550 5.1.1", "soft"),
    (Esp.MAILERSEND, {"data": {"type": "hard_bounced"}}, "", "hard"),
    (Esp.MAILERSEND, {"data": {"type": "soft_bounced"}}, "", "soft"),
    (Esp.MAILGUN, {"event-data": {"reason": "bounce"}}, "", "hard"),
    (Esp.MAILGUN, {"event-data": {"reason": "suppress-bounce"}}, "", "hard"),
    (Esp.MAILGUN, {"event-data": {"reason": "suppress-complaint"}}, "", "block"),
    (Esp.MAILGUN, {"event-data": {"reason": "suppress-unsubscribe"}}, "5.1.1", "block"),
    (Esp.MAILGUN, {"event-data": {"reason": "old"}}, "", "soft"),
    (Esp.MAILGUN, {"event-data": {"reason": "generic"}}, "550 5.1.2 no such domain", "hard"),
    (Esp.MAILGUN, {"event-data": {"reason": "bounce", "delivery-status": {"bounce-type": "soft"}}}, "", "soft"),
    (Esp.MAILGUN, {"event-data": {"reason": "generic", "delivery-status": {"bounce-type": "hard"}}}, "", "hard"),
    (Esp.MAILJET, {"hard_bounce": True, "error": "user unknown"}, "", "hard"),
    (Esp.MAILJET, {"hard_bounce": False, "error": "quota exceeded"}, "", "soft"),
    (Esp.MAILJET, {"hard_bounce": True, "error": "sender blocked"}, "", "block"),
    (Esp.MAILTRAP, {"bounce_category": "hard"}, "", "hard"),
    (Esp.MAILTRAP, {"bounce_category": "spam"}, "", "block"),
    (Esp.MAILTRAP, {}, "550 5.7.1 policy", "block"),
    (Esp.MANDRILL, {"event": "hard_bounce"}, "", "hard"),
    (Esp.MANDRILL, {"event": "soft_bounce"}, "", "soft"),
    (Esp.POSTAL, {}, "", "soft"),
    (Esp.POSTAL, {}, "550 5.1.10 null MX", "hard"),
    (Esp.POSTMARK, {"Type": "HardBounce"}, "", "hard"),
    (Esp.POSTMARK, {"Type": "SoftBounce"}, "5.1.1", "soft"),
    (Esp.POSTMARK, {"Type": "VirusNotification"}, "", "block"),
    (Esp.POSTMARK, {"SuppressionReason": "HardBounce"}, "", "hard"),
    (Esp.RESEND, {"data": {"bounce": {"type": "Permanent"}}}, "", "hard"),
    (Esp.RESEND, {"data": {"bounce": {"message": "a hard bounce"}}}, "", "soft"),
    (Esp.SENDGRID, {"type": "blocked"}, "5.1.1", "block"),
    (Esp.SENDGRID, {"type": "bounce"}, "", "hard"),
    (Esp.SENDGRID, {"type": "bounce", "bounce_classification": "Reputation"}, "5.1.1", "block"),
    (Esp.SENDGRID, {"type": "bounce", "bounce_classification": "Mailbox Unavailable"}, "", "soft"),
    (Esp.SENDGRID, {"type": "bounce", "bounce_classification": "Invalid Address"}, "", "hard"),
    (Esp.SENDGRID, {}, "550 5.1.1 gone", "hard"),
    (Esp.SENDGRID, {}, "550 4.1.1 gone", "soft"),
    (Esp.SENDGRID, {}, "550 1.5.1.1 gone", "soft"),
    (Esp.SPARKPOST, {"msys": {"message_event": {"bounce_class": "10"}}}, "", "hard"),
    (Esp.SPARKPOST, {"msys": {"message_event": {"bounce_class": "22"}}}, "5.1.1", "soft"),
    (Esp.SPARKPOST, {"msys": {"message_event": {"bounce_class": "51"}}}, "", "block"),
    (Esp.SPARKPOST, {"msys": 7}, "", "soft"),
    (Esp.UNISENDER_GO, {"delivery_info": {"delivery_status": "err_user_unknown"}}, "", "hard"),
    (Esp.UNISENDER_GO, {"delivery_info": {"delivery_status": "err_spam_rejected"}}, "", "block"),
    (Esp.UNISENDER_GO, {"delivery_info": {"delivery_status": "err_mailbox_full"}}, "552 5.2.2 full", "soft"),
]


@pytest.mark.parametrize(("esp", "said", "response", "expected"), BOUNCES)
def test_a_bounce_has_the_class_that_its_esp_means(esp: Esp, said: Any, response: str, expected: str) -> None:
    """By the ESP's own word, else by the server's enhanced code; of what is no bounce there is none."""
    assert bounce_class(esp, EspEvent("bounced", said=said, response=response)) == expected
    assert bounce_class(esp, EspEvent("deferred", said=said, response=response)) is None


@pytest.mark.parametrize(
    ("esp", "said", "expected"),
    [
        (Esp.SENDGRID, {"sg_machine_open": True}, "yes"),
        (Esp.SENDGRID, {"sg_machine_open": False}, "no"),
        (Esp.SENDGRID, {"sg_machine_open": "true"}, None),
        (Esp.MAILGUN, {"event-data": {"client-info": {"bot": "apple"}}}, "yes"),
        (Esp.MAILGUN, {"event-data": {"client-info": {"bot": ""}}}, "no"),
        (Esp.MAILGUN, {"event-data": {"client-info": {}}}, None),
        (Esp.BREVO, {"event": "unique_proxy_open"}, "yes"),
        (Esp.BREVO, {"event": "opened"}, None),
        (Esp.SPARKPOST, {"msys": {"track_event": {"user_agent_parsed": {"is_prefetched": True}}}}, "yes"),
        (Esp.SPARKPOST, {"msys": {"track_event": {"user_agent_parsed": {"is_proxy": True}}}}, "suspected"),
        (Esp.SPARKPOST, {"msys": {"track_event": {}}}, None),
        (Esp.POSTMARK, {"UserAgent": "bot"}, None),
    ],
)
def test_a_machine_is_one_where_the_esp_has_a_flag_for_it(esp: Esp, said: Any, expected: str | None) -> None:
    """Of another ESP nothing is said: a rule of ours tells by other signs."""
    assert machine(esp, said) == expected


def test_the_id_of_a_record_is_of_the_esp_its_event_and_the_address() -> None:
    """One event about two addresses has two; Mailgun's is of its event, since each call has another token."""
    one = EspEvent("bounced", event_id="1", recipient="a@b.example", said={"a": 1})
    assert record_id(Esp.BREVO, one) == record_id(Esp.BREVO, EspEvent("bounced", event_id="1", recipient="a@b.example"))
    others = [
        EspEvent("bounced", event_id="2", recipient="a@b.example"),
        EspEvent("bounced", event_id="1", recipient="c@b.example"),
        EspEvent("delivered", event_id="1", recipient="a@b.example"),
        EspEvent("bounced", recipient="a@b.example", said={"a": 1}),
        EspEvent("bounced", recipient="a@b.example", said={"a": 2}),
    ]
    ids = {record_id(Esp.BREVO, each) for each in (one, *others)} | {record_id(Esp.POSTAL, one)}
    assert len(ids) == 7
    assert all(len(each) <= 100 for each in ids)
    said = {"event-data": {"id": "e", "timestamp": 1.5}}
    tokens = {record_id(Esp.MAILGUN, EspEvent("opened", event_id=token, said=said)) for token in ("t", "u")}
    assert len(tokens) == 1
    assert record_id(Esp.BREVO, EspEvent("opened", said={"a": 1, "b": 2})) == record_id(
        Esp.BREVO, EspEvent("opened", said={"b": 2, "a": 1})
    )


@pytest.mark.parametrize(
    ("esp", "event", "expected"),
    [
        (Esp.BREVO, {"message_id": f"<{OURS}@academy.example.com>"}, OURS),
        (Esp.MAILGUN, {"message_id": f"<{OURS}@academy.example.com>"}, OURS),
        (Esp.SENDGRID, {"message_id": "sg", "said": {"smtp-id": f"<{OURS}@academy.example.com>"}}, OURS),
        (Esp.POSTAL, {"message_id": "7", "said": {"payload": {"message": {"message_id": f"{OURS}@a.example"}}}}, OURS),
        (Esp.POSTAL, {"said": {"payload": {"original_message": {"message_id": f"{OURS}@a.example"}}}}, OURS),
        (Esp.AMAZON_SES, {"said": {"mail": {"headers": [7, {"name": "Message-ID", "value": f"<{OURS}@a.b>"}]}}}, OURS),
        (Esp.AMAZON_SES, {"message_id": "ses", "said": {"mail": {"headers": 7}}}, "ses"),
        (Esp.BREVO, {"message_id": "<20261103@relay.example>"}, "<20261103@relay.example>"),
        (Esp.BREVO, {"message_id": f"<{UUID(OURS).hex}@a.example>"}, f"<{UUID(OURS).hex}@a.example>"),
        (
            Esp.BREVO,
            {"message_id": "<0d8c4f1e-6a0f-4a63-8a57-0f6c4d2f7f11@a.b>"},
            "<0d8c4f1e-6a0f-4a63-8a57-0f6c4d2f7f11@a.b>",
        ),
        (Esp.BREVO, {"message_id": "m" * 200}, "m" * 100),
        (Esp.BREVO, {}, "unknown"),
        (Esp.BREVO, {"message_id": "x", "metadata": {"message_id": "m-1"}}, "m-1"),
        (Esp.BREVO, {"message_id": "x", "metadata": {"message_id": 7}}, "x"),
    ],
)
def test_a_mail_is_named_by_our_id_wherever_it_is_told(keys: Keys, esp: Esp, event: Any, expected: str) -> None:
    """Echoed as metadata, or in the Message-ID that our mails bear, a UUID of version 5; else by the ESP's own."""
    assert told(keys, esp, **event)["message_id"] == expected


def test_what_the_mail_was_given_is_echoed(keys: Keys) -> None:
    """As text where an ESP echoes nothing else; what is none of it is left out, and never a reason to lose an event."""
    also = '[{"id": "r", "url": "https://a.example/r"}, 7, {"id": 7}]'
    found = told(keys, metadata={"decision_id": "d", "course": "sql", "address_key": "0" * 32, "also": also})
    assert (found["decision_id"], found["course_id"], found["address_key"]) == ("d", "sql", "0" * 32)
    assert found["also"] == [{"id": "r", "title": "", "url": "https://a.example/r"}]
    odds: tuple[Any, ...] = ("{", "7", 7, [[]])
    for odd in odds:
        assert "also" not in told(keys, metadata={"also": odd})
    echoed = told(
        keys, recipient="ana@academy.example", metadata={"address_key": "ana@academy.example", "course_id": 7}
    )
    assert (len(echoed["address_key"]), echoed["course_id"]) == (32, None)


def test_a_tag_may_be_the_person_tag(keys: Keys) -> None:
    """Where an ESP echoes only tags; one that is no person of ours is passed over."""
    event = EspEvent("opened", tags=("newsletter", "é", person_tag("m:1"), TAG), metadata={"person_tag": 7})
    record = told_of(Esp.MAILERSEND, event, keys, NOW_MS).record
    assert record is not None
    assert record.key == TAG.encode()


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("550 5.1.1 <ana@academy.example>: no such user", "550 5.1.1 <[address]>: no such user"),
        ("to ana@academy.example, bob+x@b.example", "to [address], [address]"),
        ("a" * 100 + "@b.example", "a" * 36 + "[address]"),
        (" ", None),
        ("x" * 3_000, "x" * 1_000),
    ],
)
def test_no_address_is_kept_in_what_a_server_answered(keys: Keys, said: str, kept: str | None) -> None:
    """Servers quote it; what is too long is cut."""
    assert told(keys, response=said)["reason"] == kept


def test_no_address_is_kept_in_a_link(keys: Keys) -> None:
    """In its query, plain or encoded; a link without one stays as it is."""
    for link in ("https://a.example/?e=ana%40academy.example&b=1", "https://a.example/?e=ana@academy.example&b=1"):
        assert told(keys, url=link)["url"] == "https://a.example/?e=[address]&b=1"
    assert told(keys, url="https://a.example/sql?m=1#x")["url"] == "https://a.example/sql?m=1#x"


def test_a_word_of_a_later_anymail_is_unknown(keys: Keys) -> None:
    """It is kept, and moves nothing."""
    assert told(keys, word="teleported")["word"] == "unknown"


def test_text_that_nothing_holds_is_refused(keys: Keys) -> None:
    """A lone surrogate, which JSON can write."""
    with pytest.raises(Refused, match="UTF-8"):
        told(keys, url="https://a.example/\ud800")
