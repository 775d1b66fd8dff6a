"""Whether an ESP's call is the ESP's: by the signature of each, as its documentation says it. Nothing of it is read."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Protocol

import orjson

from services.ingest.core.form import fields_of
from services.ingest.core.hook import Esp, Hook, HookCall, is_one_of
from services.ingest.core.reasons import Reason, Refused

SVIX_AGE_S = 300  # of Resend's calls; each try is signed anew (svix.com, "Verifying webhooks manually")
SVIX_PREFIX = b"whsec_"
LATEST_DIGITS = 12
MD5_DIGITS = 32
MAX_SIGNATURES = 10  # of one call of Resend's: one for each secret that is in use


class PublicKeys(Protocol):
    """Checks signatures by public keys, each the base64 of its DER, as PEM has it. What is no key signs nothing."""

    def has_signed_by_curve(self, key: bytes, signature: bytes, said: bytes) -> bool:
        """True if the owner of this key of a curve signed it: ECDSA over SHA-256."""
        ...

    def has_signed_by_rsa(self, key: bytes, signature: bytes, said: bytes, hash_name: str) -> bool:
        """True if the owner of this RSA key signed it: PKCS #1 version 1.5 over `sha1` or `sha256`."""
        ...

    def has_signed_by_certificate(
        self, certificate: bytes, signature: bytes, said: bytes, hash_name: str, now_s: float
    ) -> bool:
        """True if the owner of this certificate in PEM, valid now, signed it by RSA as above."""
        ...


def refuse_unsigned(hook: Hook, call: HookCall, keys: PublicKeys, now_s: float) -> None:
    """Let a call pass that one of the hook's secrets proves, or whose hook has none.

    Raises:
        Refused: none of them does.
    """
    try:
        is_proven = not hook.secrets or _PROOFS[hook.esp](hook, call, keys, now_s)
    except Refused:  # a body of another form than the one its proof stands in
        is_proven = False
    if not is_proven:
        raise Refused(Reason.BAD_SIGNATURE, f"expected a call that {hook.esp} signed with a secret of this webhook")


def svix_key(secret: bytes) -> bytes:
    """The key in a secret of Resend's, base64 behind `whsec_`; an empty one where it is no such text."""
    return _decoded(secret.removeprefix(SVIX_PREFIX))


def is_test(hook: Hook, call: HookCall) -> bool:
    """True for what says nothing: Mandrill's first call, which no key of ours signs.

    Source: Mandrill, "Why can't my webhook or inbound route URL be verified".
    """
    if hook.esp is not Esp.MANDRILL:
        return False
    try:
        return fields_of(call.body, call.headers.get("content-type", "")) in ({}, {"mandrill_events": "[]"})
    except Refused:
        return False


def _hex_of_body(header: str) -> Callable[[Hook, HookCall, PublicKeys, float], bool]:
    """The proof by the hex HMAC-SHA256 of the body in a header."""

    def proves(hook: Hook, call: HookCall, _: PublicKeys, __: float) -> bool:
        claimed = call.headers.get(header, "").encode("utf-8", "replace")
        made = (hmac.new(each, call.body, hashlib.sha256).hexdigest().encode() for each in hook.secrets)
        return is_one_of(claimed, made)

    return proves


def _mailgun(hook: Hook, call: HookCall, _: PublicKeys, __: float) -> bool:
    """Of its token and time alone; the body is under no signature."""
    if call.content_type == "application/json":
        body = _object(call.body)
        block = body.get("signature")
        said = block if isinstance(block, dict) else {}
    else:
        said = fields_of(call.body, call.headers.get("content-type", ""))
    time, token, claimed = (_utf8(said.get(name)) for name in ("timestamp", "token", "signature"))
    if not (time and token):
        return False
    made = (hmac.new(each, time + token, hashlib.sha256).hexdigest().encode() for each in hook.secrets)
    return is_one_of(claimed, made)


def _mandrill(hook: Hook, call: HookCall, _: PublicKeys, __: float) -> bool:
    fields = fields_of(call.body, call.headers.get("content-type", ""))
    said = hook.url.encode() + b"".join(_utf8(name) + _utf8(fields[name]) for name in sorted(fields))
    made = (base64.b64encode(hmac.new(each, said, hashlib.sha1).digest()) for each in hook.secrets)
    return is_one_of(_utf8(call.headers.get("x-mandrill-signature")), made)


def _postal(hook: Hook, call: HookCall, keys: PublicKeys, _: float) -> bool:
    """By SHA-256 where it says so, as Postal does since version 3; else by SHA-1."""
    newer = call.headers.get("x-postal-signature-256")
    signature = _decoded(newer or call.headers.get("x-postal-signature", ""))
    hash_name = "sha256" if newer else "sha1"
    return any(keys.has_signed_by_rsa(each, signature, call.body, hash_name) for each in hook.secrets)


def _resend(hook: Hook, call: HookCall, _: PublicKeys, now_s: float) -> bool:
    """Svix: HMAC-SHA256 of id, time and body; the secret is base64 behind `whsec_`."""
    headers = call.headers
    message, time = headers.get("svix-id", ""), headers.get("svix-timestamp", "")
    is_time = time.isascii() and time.isdigit() and len(time) <= LATEST_DIGITS
    if not message or not is_time or abs(now_s - int(time)) > SVIX_AGE_S:
        return False
    said = f"{message}.{time}.".encode("utf-8", "replace") + call.body
    keys = [key for key in map(svix_key, hook.secrets) if key]  # an empty key is everybody's
    made = [base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()) for key in keys]
    claimed = headers.get("svix-signature", "").split(" ")[:MAX_SIGNATURES]
    found = [is_one_of(_utf8(each[3:]), made) for each in claimed if each.startswith("v1,")]
    return any(found)


def _sendgrid(hook: Hook, call: HookCall, keys: PublicKeys, _: float) -> bool:
    signature = _decoded(call.headers.get("x-twilio-email-event-webhook-signature", ""))
    said = _utf8(call.headers.get("x-twilio-email-event-webhook-timestamp")) + call.body
    return any(keys.has_signed_by_curve(each, signature, said) for each in hook.secrets)


def _unisender_go(hook: Hook, call: HookCall, _: PublicKeys, __: float) -> bool:
    """MD5 of the body in which the key stands where its own `auth` does; MD5 is theirs to choose."""
    claimed = _utf8(_object(call.body).get("auth"))
    if len(claimed) != MD5_DIGITS or call.body.count(claimed) != 1:
        return False
    made = [hashlib.md5(call.body.replace(claimed, each)).hexdigest().encode() for each in hook.secrets]  # noqa: S324
    return is_one_of(claimed, made)


_PROOFS: Mapping[Esp, Callable[[Hook, HookCall, PublicKeys, float], bool]] = {
    Esp.MAILERSEND: _hex_of_body("signature"),
    Esp.MAILGUN: _mailgun,
    Esp.MAILTRAP: _hex_of_body("mailtrap-signature"),
    Esp.MANDRILL: _mandrill,
    Esp.POSTAL: _postal,
    Esp.RESEND: _resend,
    Esp.SENDGRID: _sendgrid,
    Esp.UNISENDER_GO: _unisender_go,
}


def _object(body: bytes) -> dict[str, object]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _utf8(value: object) -> bytes:
    return value.encode("utf-8", "replace") if isinstance(value, str) else b""


def _decoded(value: str | bytes) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return b""
