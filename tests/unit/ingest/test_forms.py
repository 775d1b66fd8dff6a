"""Forms as webhooks write them, and signatures that stand in them."""

import base64
import hashlib
import hmac
from typing import Any

import pytest

from services.ingest.adapters.key_checks import KeyChecks, is_public_key
from services.ingest.core.form import fields_of
from services.ingest.core.hook import Esp, Hook, HookCall
from services.ingest.core.proof import is_test, refuse_unsigned
from services.ingest.core.reasons import Refused
from tests.esp_calls import MANY, NOW_MS, call_of, curve_key, hook_of, public, rsa_key

LINE = "application/x-www-form-urlencoded"
PARTS = 'multipart/form-data; boundary="b c"'


def part(name: str, value: str, more: str = "") -> str:
    """One part of a form."""
    return (
        f'--b c\r\nContent-Disposition: form-data; name="{name}"{more}\r\nContent-Type: text/plain\r\n\r\n{value}\r\n'
    )


@pytest.mark.parametrize(
    ("body", "kind", "fields"),
    [
        ("a=1&b=%C3%A9+x&a=2&c=", LINE, {"a": "2", "b": "é x", "c": ""}),
        ("", LINE, {}),
        (part("a", "1\r\n2") + part("é", "") + "--b c--\r\n", PARTS, {"a": "1\r\n2", "é": ""}),
        (part("a", "1", '; filename="x"') + part("b", "2", "; filename*=UTF-8''x"), PARTS, {}),
        ("no part at all", PARTS, {}),
        ("--b c\r\nContent-Disposition: attachment\r\n\r\nx", PARTS, {}),
        ("--b c\r\nContent-Disposition: form-data; name=\r\n\r\nx", PARTS, {}),
        ((part("a", "1") + "--b c--").replace("b c", "x"), "Multipart/Form-Data; Boundary=x", {"a": "1"}),
    ],
)
def test_a_form_is_its_fields(body: str, kind: str, fields: dict[str, str]) -> None:
    """The last of a name counts; files, and parts without a name, are left out."""
    assert fields_of(body.encode(), kind) == fields


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff", LINE),
        (b"a=%ff", LINE),
        (b"&".join(b"a=1" for _ in range(501)), LINE),
        (b"", "multipart/form-data"),
        (part("a", "1").encode() * 501, PARTS),
        (part("a", "x").encode().replace(b"x\r\n", b"\xff\r\n"), PARTS),
    ],
)
def test_a_form_that_is_none_is_refused(body: bytes, kind: str) -> None:
    """Too many fields, no text, or no boundary."""
    with pytest.raises(Refused, match="expected a form of at most 500 fields"):
        fields_of(body, kind)


def is_proven(hook: Hook, headers: dict[str, str], body: bytes, now_ms: int = NOW_MS) -> bool:
    """True if the call is one of the hook's ESP."""
    try:
        refuse_unsigned(
            hook, HookCall({name.lower(): each for name, each in headers.items()}, body), KeyChecks(), now_ms / 1e3
        )
    except Refused:
        return False
    return True


@pytest.mark.parametrize("esp", [each for each in Esp if each not in {Esp.KINDLING, Esp.AMAZON_SES}])
def test_a_call_of_each_esp_proves_itself(esp: Esp) -> None:
    """As it signs; a hook without secrets asks for none here, since it has a password."""
    payload: Any = [] if esp is Esp.MANDRILL else {}
    call = call_of(esp, payload)
    assert is_proven(hook_of(esp), dict(call.headers), call.body)


def test_a_call_of_resend_is_young_and_names_what_it_signs() -> None:
    """Five minutes on either side; of many signatures the first ten are looked at."""
    hook, call = hook_of(Esp.RESEND), call_of(Esp.RESEND, {})
    headers = dict(call.headers)
    for seconds, is_good in ((-301, False), (-300, True), (300, True), (301, False)):
        assert is_proven(hook, headers, call.body, NOW_MS + seconds * 1_000) is is_good
    signature = headers["svix-signature"].rpartition(" ")[2]
    for wrong in (
        {"svix-id": ""},
        {"svix-timestamp": "now"},
        {"svix-timestamp": "9" * 13},
        {"svix-timestamp": "²"},
        {"svix-signature": signature.replace("v1,", "v2,")},
        {"svix-signature": "v1,a " * 10 + signature},
        {"svix-signature": ""},
        {"svix-id": "msg_2"},
    ):
        assert not is_proven(hook, {**headers, **wrong}, call.body), wrong


def test_a_secret_of_resend_that_is_none_proves_nothing() -> None:
    """Its key would be an empty one, by which anybody can sign."""
    said = f"m.{NOW_MS // 1_000}.".encode() + b"{}"
    forged = base64.b64encode(hmac.new(b"", said, hashlib.sha256).digest()).decode()
    headers = {"svix-id": "m", "svix-timestamp": str(NOW_MS // 1_000), "svix-signature": f"v1,{forged}"}
    for secret in (b"whsec_", b"whsec_no base64", b""):
        assert not is_proven(Hook(Esp.RESEND, MANY, (secret,)), headers, b"{}")


def test_a_signature_of_a_body_needs_the_whole_body() -> None:
    """A byte more, and it is another's; a key that is none signs nothing."""
    for esp in (Esp.MAILERSEND, Esp.MAILTRAP, Esp.POSTAL, Esp.SENDGRID, Esp.RESEND, Esp.UNISENDER_GO):
        call = call_of(esp, {})
        assert not is_proven(hook_of(esp), dict(call.headers), call.body + b" ")
    sendgrid, postal = call_of(Esp.SENDGRID, {}), call_of(Esp.POSTAL, {})
    assert not is_proven(Hook(Esp.SENDGRID, MANY, (public(rsa_key()), b"!")), dict(sendgrid.headers), sendgrid.body)
    assert not is_proven(Hook(Esp.POSTAL, MANY, (public(curve_key()), b"AAAA")), dict(postal.headers), postal.body)
    assert [is_public_key(each) for each in (public(rsa_key()), public(curve_key()), b"AAAA", b"!")] == [
        True,
        True,
        False,
        False,
    ]


def test_an_auth_of_unisender_is_one_digest() -> None:
    """32 characters, once in the body: what repeats itself would make the body grow."""
    hook = hook_of(Esp.UNISENDER_GO)
    digest = "0" * 32
    for body in (b"{}", b"[]", b'{"auth": 7}', b'{"auth": "a"}', f'{{"auth": "{digest}", "a": "{digest}"}}'.encode()):
        assert not is_proven(hook, {}, body)


def test_mailgun_signs_token_and_time() -> None:
    """Both have to be there; in JSON or in a form."""
    hook = hook_of(Esp.MAILGUN)
    for kind, body in (
        ("application/json", b"{}"),
        ("application/json", b"["),
        ("application/json", b'{"signature": {"token": "", "timestamp": "", "signature": ""}}'),
        (LINE, b"token=a&timestamp=1"),
        (LINE, b"\xff"),
        (PARTS, b""),
    ):
        assert not is_proven(hook, {"Content-Type": kind}, body)


def test_only_mandrills_first_call_is_a_test() -> None:
    """It says nothing at all; anything more has to be signed."""
    hook = hook_of(Esp.MANDRILL)
    for body, is_one in (
        (b"", True),
        (b"mandrill_events=%5B%5D", True),
        (b"mandrill_events=%5B1%5D", False),
        (b"\xff", False),
    ):
        assert is_test(hook, HookCall({"content-type": LINE}, body)) is is_one
    assert not is_test(hook_of(Esp.SENDGRID), HookCall({}, b""))
