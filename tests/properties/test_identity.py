"""Addresses, person keys, tags, signatures and tokens keep their laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from schemas.identity import (
    address_key,
    derived_key,
    former_key,
    message_id_of,
    normalised_address,
    person_from_tag,
    person_named,
    person_of,
    person_tag,
)
from schemas.signing import is_signed, signature, token, token_fields

KEY = derived_key(b"a secret of a test", "address")


@given(st.text())
def test_normalising_is_idempotent(text: str) -> None:
    """What is normal stays as it is."""
    address = normalised_address(text)
    assert address is None or normalised_address(address) == address


@pytest.mark.parametrize(
    "text",
    ['"a b"@example.com', "a(comment)@example.com", "Eve <a@example.com>", "a@b@example.com ", "a@localhost",
     "a@example.com.", ".a@example.com", "a..b@example.com", "x" * 65 + "@example.com", "a@" + "x" * 64 + ".com",
     "a@" + "x." * 130 + "com", "a\n@example.com", ""],
)  # fmt: skip
def test_what_is_no_plain_address_is_none(text: str) -> None:
    """Quoting, comments, names, two at signs and dotless domains are refused."""
    assert normalised_address(text) is None


def test_case_space_and_international_domains_are_one_address() -> None:
    """The same mailbox gives the same key."""
    assert normalised_address(" Ana@BÜCHER.example ") == "ana@xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("text", "address", "former"),
    [
        ("ana@Straße.de", "ana@xn--strae-oqa.de", "ana@strasse.de"),
        ("ana@strasse.de", "ana@strasse.de", None),
        ("ana@βόλος.example", "ana@xn--nxasmm1c.example", "ana@xn--nxasmq6b.example"),
        ("ana@bücher。example", "ana@xn--bcher-kva.example", None),
        ("ana@例え.example", "ana@xn--r8jz45g.example", None),
        ("ana@xn--a.example", "ana@xn--a.example", None),
    ],
)
def test_a_domain_is_named_as_the_name_system_has_it(text: str, address: str, former: str | None) -> None:
    """By IDNA 2008: two spellings of the older standard are two domains, and the old key is known."""
    assert normalised_address(text) == address
    assert former_key(KEY, address) == (address_key(KEY, former) if former else None)


@pytest.mark.parametrize(
    "domain", ["a\u200db.example", "\u0301a.example", "a☀.example", "ü" * 70 + ".example", "a..example"]
)
def test_a_domain_that_no_name_may_be_is_none(domain: str) -> None:
    """Joiners, marks in front, signs, labels that are too long or empty."""
    assert normalised_address(f"ana@{domain}") is None


def test_each_use_has_its_own_key() -> None:
    """A key that leaks for one use opens no other."""
    assert derived_key(b"s", "address") != derived_key(b"s", "outbound")
    assert len(address_key(KEY, "a@example.com")) == 32


def test_a_person_is_known_by_the_strongest_id() -> None:
    """User id before address before browser; nobody where there is nothing."""
    assert person_of(user_id="7", email_key="k", anonymous_id="b") == "u:7"
    assert person_of(user_id=None, email_key="k", anonymous_id="b") == "e:k"
    assert person_of(user_id="", email_key=None, anonymous_id="b") == "a:b"
    assert person_of(user_id=None, email_key=None, anonymous_id=None) is None


@given(st.text(min_size=1).filter(lambda text: text.isprintable()))
def test_a_tag_gives_its_person_back(user_id: str) -> None:
    """Whatever the id holds, the tag is safe and whole."""
    tag = person_tag(f"u:{user_id}")
    assert person_from_tag(tag) == f"u:{user_id}"
    assert tag.isascii()
    assert tag.replace("-", "").replace("_", "").isalnum()


@given(st.text())
def test_any_text_is_a_tag_or_none(text: str) -> None:
    """A forged tag is refused, never an exception."""
    person = person_from_tag(text)
    assert person is None or person[:2] in {"u:", "e:", "a:"}


@given(st.dictionaries(st.text(), st.integers(-(2**53), 2**53)))
def test_a_signature_binds_its_value(value: dict[str, JsonValue]) -> None:
    """Key order does not matter; any other value does."""
    signed = signature(KEY, value)
    assert is_signed(KEY, dict(reversed(value.items())), signed)
    assert not is_signed(KEY, {**value, "one more": 1, "and": 2}, signed)


@given(st.lists(st.text().filter(lambda text: "\n" not in text), min_size=1).map(tuple))
def test_a_token_gives_its_fields_back(fields: tuple[str, ...]) -> None:
    """Fields survive; another key reads nothing."""
    made = token(KEY, fields)
    assert token_fields(KEY, made) == fields
    assert token_fields(b"another", made) is None


@given(st.text())
def test_any_text_is_a_token_or_none(text: str) -> None:
    """A forged token is refused, never an exception."""
    assert token_fields(KEY, text) is None


def test_a_decision_has_one_mail() -> None:
    """The message id follows from the decision id alone."""
    assert message_id_of("5f0c7d1e-7f0a-5c1b-9d2e-3a4b5c6d7e8f") == "d7f6a7ac-83a1-5015-9b4e-62f45522a38e"


@pytest.mark.parametrize(
    ("named", "person"),
    [
        ("u:42", "u:42"),
        ("a:b-1", "a:b-1"),
        ("e:9f86", "e:9f86"),
        (" Ana@Example.com ", f"e:{address_key(b'k', 'ana@example.com')}"),
        ("ana", None),
        ("", None),
    ],
)
def test_person_is_named_by_their_key_or_an_address(named: str, person: str | None) -> None:
    """What somebody types who looks for one; another word is nobody."""
    assert person_named(named, b"k") == person
