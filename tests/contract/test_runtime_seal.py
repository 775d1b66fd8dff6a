"""What every seal promises: fields come back to who has the key, and nobody else reads or makes them."""

import base64
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.signing import Seal
from services.runtime.fake_seal import FakeSeal
from services.runtime.siv_seal import SivSeal

FIELDS = ("a1b2c3d4-0000-5000-8000-000000000001", "u:lead-1001", "9f86d081884c7d659a2feaa0c55ad015", "marketing", "es")
TEXTS = st.lists(st.text(st.characters(exclude_characters="\n", codec="utf-8")), min_size=1).map(tuple)
URL_SAFE = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
KINDS = ("siv", "fake")


@dataclass(frozen=True)
class Three:
    """A seal, the same one in another process, and one with another key."""

    ours: Seal
    again: Seal
    other: Seal


def _three(kind: str) -> Three:
    if kind == "siv":
        return Three(SivSeal(b"k" * 32), SivSeal(b"k" * 32), SivSeal(b"o" * 32))
    known: dict[str, tuple[str, ...]] = {}
    return Three(FakeSeal(known), FakeSeal(known), FakeSeal())


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None)
@given(fields=TEXTS)
def test_fields_come_back_to_the_key_alone(kind: str, fields: tuple[str, ...]) -> None:
    """Also in another process; another key opens nothing."""
    three = _three(kind)
    sealed = three.ours.seal(fields)
    assert three.again.open(sealed) == fields
    assert three.other.open(sealed) is None


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None)
@given(fields=TEXTS)
def test_same_fields_give_the_same_token(kind: str, fields: tuple[str, ...]) -> None:
    """A mail written again is the same mail byte for byte; the token needs no escaping in a URL."""
    three = _three(kind)
    assert three.ours.seal(fields) == three.again.seal(fields)
    assert set(three.ours.seal(fields)) <= URL_SAFE


@pytest.mark.parametrize("kind", KINDS)
def test_token_shows_no_field(kind: str) -> None:
    """Neither as it stands nor decoded: links pass through logs and scanners."""
    sealed = _three(kind).ours.seal(FIELDS)
    raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
    assert [each for each in FIELDS[:4] if each.encode() in raw or each in sealed] == []


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None)
@given(data=st.data())
def test_changed_token_opens_nothing(kind: str, data: st.DataObject) -> None:
    """Any one character changed, taken away or put on."""
    three = _three(kind)
    sealed = three.ours.seal(FIELDS)
    place = data.draw(st.integers(0, len(sealed) - 1))
    letter = data.draw(st.sampled_from(sorted(URL_SAFE - {sealed[place]})))
    for forged in (
        sealed[:place] + letter + sealed[place + 1 :],
        sealed[:place] + sealed[place + 1 :],
        sealed + letter,
    ):
        assert three.ours.open(forged) is None


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None)
@given(text=st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode().rstrip("=")))
def test_any_text_is_a_token_or_none(kind: str, text: str) -> None:
    """A forged token is refused, never an exception."""
    assert _three(kind).ours.open(text) is None
