"""Laws of the connector's pure parts, for any mail."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import encode
from schemas.email import Mailbox, OutboundEmail
from schemas.signing import signature
from schemas.topics import EMAIL_OUTBOUND
from services.connector.core.admit import forgery, is_early, no_send
from services.connector.core.mime import letter
from services.connector.core.values import Letter, Refusal

EXAMPLE = Path(__file__).parents[2] / "schemas" / "examples" / "email.outbound" / "course.json"
MAIL = OutboundEmail.model_validate_json(EXAMPLE.read_bytes())
AT = datetime(2026, 11, 3, tzinfo=UTC)
KEY = b"k"
ENVELOPE = {"from", "to", "reply-to", "subject", "date", "message-id", "mime-version", "content-type"}


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    match value:
        case dict():
            for key, each in value.items():
                yield from _leaves(each, (*path, key))
        case list():
            for index, each in enumerate(value):
                yield from _leaves(each, (*path, index))
        case _:
            yield path


def _unsigned(mail: OutboundEmail) -> Any:
    return mail.model_dump(mode="json", by_alias=True, exclude={"signature"})


anything = st.text(st.characters(codec=None), max_size=60)
instants = st.datetimes(datetime(2026, 11, 1), datetime(2026, 11, 9), timezones=st.just(UTC))  # noqa: DTZ001 made aware
headers = st.dictionaries(
    st.text("XYab-: \r\n", max_size=6) | st.sampled_from(["List-ID", "Bcc"]), anything, max_size=3
)


@given(subject=anything, name=anything, address=anything, text=anything, given_headers=headers)
def test_any_mail_is_a_letter_to_one_recipient_or_refused(
    subject: str, name: str, address: str, text: str, given_headers: dict[str, str]
) -> None:
    """Nothing raises, and no field ever adds a header, a recipient or a part."""
    boxes = (Mailbox.model_construct(address=each, name=name) for each in ("ana@example.com", address))
    for box in boxes:
        changes = {"subject": subject, "to": box, "text": text, "headers": given_headers}
        built = letter(MAIL.model_copy(update=changes), AT)
        if isinstance(built, Refusal):
            continue
        read = message_from_bytes(built.content, policy=policy.default)
        assert {each.lower() for each in read} == ENVELOPE | {each.lower() for each in given_headers}
        assert [each.addr_spec for each in read["To"].addresses] == [built.recipient]
        assert len(list(read.iter_parts())) == 2


@given(
    text=st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1).filter(lambda text: text.strip())
)
def test_content_arrives_as_written(text: str) -> None:
    """Whatever the words are, the reader gets them back."""
    built = letter(MAIL.model_copy(update={"text": text, "html": text}), AT)
    assert isinstance(built, Letter)
    plain, html = message_from_bytes(built.content, policy=policy.default).iter_parts()
    assert plain.get_content() == html.get_content() == text + "\r\n"


@given(leaf=st.sampled_from([path for path in _leaves(orjson.loads(EXAMPLE.read_bytes())) if path != ("signature",)]))
def test_no_word_of_a_mail_can_be_changed_after_signing(leaf: tuple[str, ...]) -> None:
    """A mail is signed whole: one letter more anywhere, and it is forged."""
    signed = encode(EMAIL_OUTBOUND, MAIL.model_copy(update={"signature": signature(KEY, _unsigned(MAIL))}))
    changed = orjson.loads(signed)
    place = changed
    for step in leaf[:-1]:
        place = place[step]
    place[leaf[-1]] = f"{place[leaf[-1]] or ''}a"
    assert forgery(signed, KEY) is None
    assert forgery(signed, b"other") is not None
    assert forgery(orjson.dumps(changed), KEY) is not None


@given(raw=st.binary() | st.none() | st.sampled_from([b"[]", b"7", b'{"signature":7}', b'{"signature":"\xc3\xa9"}']))
def test_any_bytes_are_forged(raw: bytes | None) -> None:
    """Unless they are signed; none are an error."""
    assert forgery(raw, KEY) is not None


@given(now=instants, not_before=instants, expires_at=instants)
def test_a_mail_never_goes_before_its_time_or_after_its_end(
    now: datetime, not_before: datetime, expires_at: datetime
) -> None:
    """Once waited for, it goes within [not_before, expires_at) or not at all."""
    mail = MAIL.model_copy(update={"not_before": not_before, "expires_at": expires_at})
    goes_at = max(now, not_before) if is_early(mail, now) else now
    if no_send(mail, frozenset(), goes_at) is None:
        assert not_before <= goes_at < expires_at
