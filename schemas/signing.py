"""Canonical JSON, signatures over it, and tokens: sealed (the unsubscribe link), and signed (such links of before)."""

import base64
import binascii
import hashlib
import hmac
from typing import Protocol

import orjson
from pydantic import JsonValue

from schemas.codec import unframed

UNSUBSCRIBE_SEAL = "unsubscribe_seal"  # the use of the key that both ends of the link derive
TOKEN_MAC_BYTES = 16  # 128 bits: enough against forgery, short enough for an 870 character header value


class Seal(Protocol):
    """Makes and opens sealed tokens. Laws: equal fields, equal token; only the key reads or makes one."""

    def seal(self, fields: tuple[str, ...]) -> str:
        """The fields encrypted and authenticated, in base64url; no field may hold a line break."""
        ...

    def open(self, token: str) -> tuple[str, ...] | None:
        """The fields of a token, or None where it is not one of ours."""
        ...


def canonical(value: JsonValue) -> bytes:
    """The one JSON of a value: keys sorted, no spaces, UTF-8. Law: equal values have equal bytes."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def content_hash(value: JsonValue) -> str:
    """SHA-256 of the canonical JSON, 64 hex digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def signature(key: bytes, value: JsonValue) -> str:
    """HMAC-SHA256 of the canonical JSON, 64 hex digits."""
    return hmac.new(key, canonical(value), hashlib.sha256).hexdigest()


def is_signed(key: bytes, value: JsonValue, claimed: str) -> bool:
    """True if `claimed` is the signature of `value`; compared in constant time."""
    return hmac.compare_digest(signature(key, value).encode(), claimed.encode("utf-8", "replace"))


def is_signed_record(key: bytes, raw: bytes | None) -> bool:
    """True if the record is an object whose `signature` is this key's over all its other fields, just as they came.

    Over what was parsed of it a later version's record would never be signed, or its new fields would not count.
    """
    try:
        fields = orjson.loads(unframed(raw or b""))
    except orjson.JSONDecodeError:
        return False
    claimed = fields.pop("signature", None) if isinstance(fields, dict) else None
    return isinstance(claimed, str) and is_signed(key, fields, claimed)


def token(key: bytes, fields: tuple[str, ...]) -> str:
    """The fields and their MAC in base64url, readable by anybody; no field may hold a line break."""
    body = "\n".join(fields).encode()
    mac = hmac.new(key, body, hashlib.sha256).digest()[:TOKEN_MAC_BYTES]
    return base64.urlsafe_b64encode(mac + body).decode().rstrip("=")


def token_fields(key: bytes, text: str) -> tuple[str, ...] | None:
    """The fields of a token, or None where it is not one of ours."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    mac, body = raw[:TOKEN_MAC_BYTES], raw[TOKEN_MAC_BYTES:]
    if not hmac.compare_digest(hmac.new(key, body, hashlib.sha256).digest()[:TOKEN_MAC_BYTES], mac):
        return None
    return tuple(body.decode("utf-8", "replace").split("\n"))
