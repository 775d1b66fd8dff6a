"""Whom or what somebody names, and which records may be about it."""

from typing import Any

import pytest

from schemas.identity import address_key, derived_key
from services.console.core.named import Named, is_of_decision, is_of_person, line_of, mentions, named_by
from services.console.core.rows import row_of
from services.console.explaining import persons_of
from services.runtime.outcome import Misconfigured
from services.runtime.settings import SecretIfAny

ID = "5f0c7d1e-7f0a-5c1b-9d2e-3a4b5c6d7e8f"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (ID, Named(decision_id=ID)),
        ("some-id", Named(decision_id="some-id")),
        ("u:", Named(decision_id="u:")),
        ("u:42", Named(person="u:42")),
        ("u:ana@example.com", Named(person="u:ana@example.com")),
        ("Ana@Example.com", Named(address="ana@example.com")),
    ],
)
def test_text_names_a_decision_a_person_or_an_address(text: str, named: Named) -> None:
    """A key is a key whatever stands in it; an address is normalised as everywhere."""
    assert named_by(text) == named


@pytest.mark.parametrize(
    ("key", "is_decision", "is_person"),
    [
        (f"u:1|{ID}".encode(), True, True),
        (f"u:1|2|{ID}".encode(), True, False),
        (b"u:1|other", False, True),
        (b"u:1", False, False),
        (b"", False, False),
        (None, False, False),
    ],
)
def test_key_tells_whose_decision_it_is(key: bytes | None, is_decision: bool, is_person: bool) -> None:  # noqa: FBT001
    """By its last part the decision, by all before it the person: a person's id may hold a bar."""
    assert (is_of_decision(key, ID), is_of_person(key, "u:1")) == (is_decision, is_person)


def test_bytes_mention_an_id_as_json_has_it() -> None:
    """What holds none of them is not decoded; an id of a quote is looked for as it is written."""
    assert mentions(b'{"decision_id":"7"}', None, "7")
    assert mentions(b'{"person":"u:\\"7"}', 'u:"7')
    assert not mentions(b'{"decision_id":"8"}', "7", None, "")
    assert not mentions(None, "7")


def test_line_of_a_decision_holds_no_person(decision: Any) -> None:
    """When, which, how it ended, and the course where there is one."""
    sent, waiting = (row_of(decision(name), None, None) for name in ("sent", "waiting"))
    assert line_of(sent) == f"2026-11-03 09:30:00Z  {ID}  sent (composed)  Email automation foundations"
    assert line_of(waiting) == f"2026-11-03 09:30:00Z  {ID}  waiting (cap_reached)"


def test_address_needs_the_secret_and_is_told_what_to_do_without() -> None:
    """Its person is the key that profile makes of it; a key or a decision needs none."""
    secret = "a secret of a test"
    key = address_key(derived_key(secret.encode(), "address"), "ana@example.com")
    settings = SecretIfAny.model_validate({"secret": secret})
    assert persons_of(Named(address="ana@example.com"), settings) == (f"e:{key}",)
    assert persons_of(Named(person="u:1"), None) == ("u:1",)
    assert persons_of(Named(decision_id=ID), None) == ()
    with pytest.raises(Misconfigured, match="set that, or KINDLING_SECRET_FILE, or name the person as u:<user id>"):
        persons_of(Named(address="ana@example.com"), SecretIfAny.model_validate({"secret": None}))
