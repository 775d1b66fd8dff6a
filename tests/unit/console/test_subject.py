"""Who somebody asks about: the ids that the profile joined, and by an address all who use it."""

import itertools
from typing import Any

import orjson
import pytest

from schemas.identity import address_key, derived_key, former_key
from services.console.core.subject import Stored, Subject, stored_of, subject_of

KEY = derived_key(b"a secret", "address")
ADDRESS = "home@example.com"
HOME = address_key(KEY, ADDRESS)


def _named(text: str) -> Subject:
    found = subject_of(text, KEY, {"token": ("mail", "u:ada", HOME, "news")}.get)
    assert found is not None
    return found


def _value(**facets: Any) -> bytes:
    return orjson.dumps({"v": 2, "interests": {"by_key": {"topic:x": {"1": 5}}}, **facets})


def _household() -> dict[str, Stored | None]:
    """Two who share a mailbox, the browser and the address of one, a third with another mailbox."""
    return {
        "u:ada": stored_of(_value(traits={"address": [2, 1, ADDRESS, HOME]}, identity={"past": ["a:tablet"]})),
        "u:ben": stored_of(_value(traits={"address": [2, 1, ADDRESS, HOME]})),
        "a:tablet": Stored(forward="u:ada"),
        f"e:{HOME}": Stored(forward="u:ada"),
        "a:phone": Stored(forward="u:ben"),
        "u:cy": stored_of(_value(traits={"address": [2, 1, "cy@example.com", "c" * 32]})),
        "u:dee": None,
    }


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_one_of_a_household_is_joined_by_links_alone(order: tuple[int, ...]) -> None:
    """In whatever order the values come: the browser, the address that was linked, and nothing of the other."""
    household = list(_household().items())
    rotated = dict(household[order[0] * 2 :] + household[: order[0] * 2])
    subject = _named("u:ada")
    theirs = subject.joined(rotated)
    assert {*theirs} == subject.persons == {"u:ada", "a:tablet", f"e:{HOME}"}
    assert (subject.addresses, subject.address_keys) == ({ADDRESS}, {HOME})


def test_a_mailbox_is_everybody_who_uses_it() -> None:
    """By the address however it is written, or by its key; a stranger's is not."""
    for text in ("Home@Example.com ", f"e:{HOME}"):
        subject = _named(text)
        subject.joined(_household())
        assert subject.persons == {"u:ada", "u:ben", "a:tablet", "a:phone", f"e:{HOME}"}
        assert subject.address_keys == {HOME}
        assert subject.addresses == {ADDRESS}


def test_an_erasure_of_a_person_reaches_who_uses_the_same_mailbox() -> None:
    """The address that the person has now; of one without there is nobody else. A mailbox is as wide as it is."""
    subject, household = _named("u:ada"), _household()
    theirs = subject.joined(household)
    wider = subject.widened({each: household[each] for each in theirs})
    wider.joined(household)
    assert {"u:ada", "u:ben", "a:phone"} < wider.persons
    assert "u:ben" not in subject.persons
    assert wider.widened(household) is wider
    assert _named("u:dee").widened({"u:dee": None, "u:1": Stored()}).is_mailbox is False


def test_somebody_else_s_address_of_a_mailbox_s_person_is_not_the_mailbox_s() -> None:
    """Who was linked from the mailbox and has another address now: theirs is joined, that address is not."""
    subject = _named(ADDRESS)
    subject.joined({"u:ada": Stored(address="new@example.com", address_key="n" * 32), f"e:{HOME}": Stored("u:ada")})
    assert ("u:ada" in subject.persons, subject.addresses) == (True, {ADDRESS})


def test_a_person_of_whom_nobody_can_read_the_value_is_known_by_the_key() -> None:
    """What a later version wrote is theirs all the same."""
    subject = _named("u:dee")
    assert subject.joined(_household()) == ("u:dee",)


def test_links_in_a_circle_end() -> None:
    """Each is joined once."""
    subject = _named("u:1")
    assert {*subject.joined({"u:1": Stored(forward="u:2"), "u:2": Stored(forward="u:1")})} == {"u:1", "u:2"}


@pytest.mark.parametrize("text", ["", "u:", "ada", "u:1\n2", "a:\u202e", "@example.com", "x" * 2_000])
def test_what_names_nobody_is_told_so(text: str) -> None:
    """No prefix, no id, a line break in it, no address."""
    assert subject_of(text, KEY, lambda _: None) is None


def test_an_address_of_another_script_is_looked_for_as_it_was_once_too() -> None:
    """A domain with letters that one standard keeps and the other wrote out has two keys."""
    subject = _named("ines@straße.example")
    assert subject.address_keys == {
        address_key(KEY, "ines@xn--strae-oqa.example"), former_key(KEY, "ines@xn--strae-oqa.example"),
    }  # fmt: skip
    assert len(subject.address_keys) == 2
    assert subject.is_address("INES@STRASSE.example")
    assert not subject.is_address("ines")
    assert not subject.is_address(7)
    assert not subject.is_address("a b@c")


def test_bytes_that_may_name_them_are_told_as_persons_come() -> None:
    """By ids as JSON has them; by the key of an address only where that is asked for."""
    subject = _named('u:"7"')
    assert subject.is_in(b'{"person":"u:\\"7\\""}')
    assert not subject.is_in(b'"a:tablet"')
    subject.persons.add("a:tablet")
    assert subject.is_in(b'"a:tablet"')
    assert _named(ADDRESS).is_in(HOME.encode())
    one = _named("u:ada")
    one.joined(_household())
    assert not one.is_in(HOME.upper().encode())


def test_a_token_of_a_mail_is_theirs_by_its_person() -> None:
    """Whatever else is no token of theirs."""
    assert _named("u:ada").is_token("token")
    assert not _named("u:ben").is_token("token")
    assert not _named("u:ada").is_token("another")
    assert not _named("u:ada").is_token(None)
    assert not Subject(KEY, lambda _: ("too", "short"), is_mailbox=False).is_token("x")


def test_a_stored_value_of_both_versions_says_who_it_is() -> None:
    """Links, the address, the addresses of consents, the erasure; what is no value says nothing."""
    now = _value(
        identity={"forward": "u:1", "past": ["a:1"], "erased": [5, "receipt", "a later part"]},
        traits={"address": [2, 1, ADDRESS, HOME]}, consents={"rows": {"news": {"": [1], HOME: [1]}}},
    )  # fmt: skip
    before = orjson.dumps({
        "v": 1, "fwd": "u:1", "past": ["a:1"], "gone": [5, "receipt"], "addr": [2, 1, ADDRESS, HOME],
        "cons": {"news": {"": [1], HOME: [1]}},
    })  # fmt: skip
    assert stored_of(now) == stored_of(before) == Stored("u:1", ("a:1",), ADDRESS, HOME, (HOME,), (5, "receipt"))
    assert stored_of(b"{}") == Stored()
    assert stored_of(b"\xff") is None
    assert stored_of(b"[]") is None
    assert stored_of(b'{"identity":{"past":7}}') is None
