"""The outbound record is whole, signed, and fits the contract or is refused."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from schemas.codec import decode, encode
from schemas.email import OutboundEmail
from schemas.identity import message_id_of
from schemas.program import Program, QuietHours
from schemas.recommendation import Recommendation
from schemas.signing import content_hash, is_signed
from schemas.topics import EMAIL_OUTBOUND
from services.composer.adapters.fake_renderer import FakeRenderer
from services.composer.core.letter import letter_of
from services.composer.core.record import Draft, email_of
from services.composer.core.template import template_copy
from services.composer.core.values import Brief, Composed, Finding, Rendered
from services.runtime.siv_seal import SivSeal

KEY = b"o" * 32
Make = Callable[..., OutboundEmail | Finding]


@pytest.fixture
def make(
    recommendation: Callable[..., Recommendation],
    program: Program,
    brief_about: Callable[[Recommendation], Brief],
    later: Callable[[float], object],
) -> Make:
    """The record of a recommendation with these changes, its letter with these slots, of a brand with `quiet_hours`."""

    def build(changes: dict[str, object] | None = None, **slots: Any) -> OutboundEmail | Finding:
        brand = program.brand.model_copy(update={"quiet_hours": slots.pop("quiet_hours", None)})
        given = recommendation(changes)
        brief = brief_about(given)
        copy = template_copy(brief)
        letter = replace(letter_of(copy, brief, given, brand, SivSeal(KEY)), **slots)
        rendered = FakeRenderer().render(letter)
        assert isinstance(rendered, Rendered)
        draft = Draft(given, Composed(copy, "template", (), ()), letter, rendered)
        return email_of(draft, brand, KEY, later(0))  # type: ignore[arg-type] # a datetime

    return build


def test_hash_and_signature_cover_all_other_fields(make: Make) -> None:
    """As a connector's author would check them, after a trip through the topic."""
    mail = decode(EMAIL_OUTBOUND, encode(EMAIL_OUTBOUND, make()))
    fields = mail.model_dump(mode="json", by_alias=True)
    claimed = fields.pop("signature")
    assert is_signed(KEY, fields, claimed)
    assert not is_signed(KEY, {**fields, "subject": "Another"}, claimed)
    hashed = fields.pop("content_hash")
    assert hashed == content_hash(fields)


def test_headers_are_those_that_bulk_rules_ask_for(make: Make) -> None:
    """RFC 8058, RFC 2919, RFC 3834, and a Message-ID of our own."""
    mail = make()
    assert isinstance(mail, OutboundEmail)
    unsubscribe = mail.headers["List-Unsubscribe"]
    assert mail.headers == {
        "Message-ID": f"<{mail.message_id}@next.academy.example.com>",
        "List-Unsubscribe": f"<{mail.unsubscribe.url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-ID": "<next.academy.example.com>",
        "Feedback-ID": "conversion-follow-up:treatment:nurture:next-50cdbd",
        "Auto-Submitted": "auto-generated",
    }
    assert unsubscribe.startswith("<https://")
    assert len(unsubscribe) <= 870


def test_the_message_id_follows_the_decision() -> None:
    """Another decision is another mail; the same one is the same."""
    first = message_id_of("5f0c7d1e-7f0a-5c1b-9d2e-3a4b5c6d7e8f")
    assert first == message_id_of("5f0c7d1e-7f0a-5c1b-9d2e-3a4b5c6d7e8f")
    assert first != message_id_of("5f0c7d1e-7f0a-5c1b-9d2e-3a4b5c6d7e8e")


@pytest.mark.parametrize("address", ["Ana@Example.com", "a b@example.com", "ana@localhost", '"x"@example.com'])
def test_an_address_that_is_not_plain_is_refused(make: Make, address: str) -> None:
    """Profile normalises; what is not normal came another way."""
    found = make({"request.recipient.address": address})
    assert isinstance(found, Finding)
    assert found.rule == "address"


def test_the_longest_plain_person_key_fits_the_header(make: Make) -> None:
    """300 characters of it."""
    mail = make({"request.person": "u:" + "x" * 298})
    assert isinstance(mail, OutboundEmail)
    assert len(mail.headers["List-Unsubscribe"]) <= 870


def test_a_link_that_would_be_too_long_is_refused(make: Make) -> None:
    """Of wide letters the same key is three times as long; the mail is refused, not sent without its link."""
    found = make({"request.person": "u:" + "李" * 298})
    assert found == Finding("unsubscribe", "expected a link of at most 868 characters; 1365 came: the id is too long")


def test_a_field_out_of_the_contract_is_named_without_its_value(make: Make) -> None:
    """A decision keeps the finding, and is to hold no name and no address."""
    found = make({"request.recipient.name": "Ana", "request.arm": "treatment"}, course_title="Ana\x07")
    assert isinstance(found, Finding)
    assert found.rule == "contract"
    assert found.detail.startswith("course.title: String should match pattern")
    assert "Ana" not in found.detail


def test_tags_survive_any_esp(make: Make) -> None:
    """Letters, digits, hyphen, underscore."""
    mail = make({"request.trigger.playbook": "a b/ü:c"})
    assert isinstance(mail, OutboundEmail)
    assert mail.tags == ("nurture", "a-b-c", "copy-template")
    assert mail.headers["Feedback-ID"].startswith("a-b-c:")


@pytest.mark.parametrize(
    ("zone", "time_zone"),
    [
        ({"name": "America/New_York", "source": "person"}, "America/New_York"),
        ({"name": None, "source": "unknown"}, "Europe/Madrid"),
        (None, "Europe/Madrid"),  # in a request of before
    ],
)
def test_quiet_hours_are_told_by_the_persons_clock(make: Make, zone: dict[str, str] | None, time_zone: str) -> None:
    """Else by the brand's: a connector that holds a mail back for them knows when they end."""
    quiet = QuietHours(time_zone="Europe/Madrid", start=21, end=8)
    mail = make({"request.snapshot.zone": zone}, quiet_hours=quiet)
    assert isinstance(mail, OutboundEmail)
    assert mail.quiet_hours == QuietHours(time_zone=time_zone, start=21, end=8)


def test_a_brand_without_quiet_hours_tells_of_none(make: Make) -> None:
    """Whatever is known of the person's clock."""
    mail = make({"request.snapshot.zone": {"name": "America/New_York", "source": "person"}})
    assert isinstance(mail, OutboundEmail)
    assert mail.quiet_hours is None
