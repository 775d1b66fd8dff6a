"""Who a person is: normalised addresses, keys derived from one secret, person keys, and tags an ESP can carry."""

import base64
import binascii
import hashlib
import hmac
import re
import unicodedata
import uuid

from schemas.domains import ascii_domain, former_domain

MAX_ID_BYTES = 255  # UTF-8, of a user or anonymous id: with it the unsubscribe link fits a header of 870 characters
MAX_ADDRESS_LENGTH = 254  # RFC 5321, 4.5.3.1.3, less the brackets
MAX_LOCAL_LENGTH = 64  # RFC 5321, 4.5.3.1.1
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+"
)


def derived_key(secret: bytes, use: str) -> bytes:
    """The key of one use, 32 bytes, so that no two uses share one. Source: HMAC as a PRF, RFC 5869, 2.3."""
    return hmac.new(secret, b"kindling\x00" + use.encode(), hashlib.sha256).digest()


def normalised_address(text: str) -> str | None:
    """The address in lower case with its domain by IDNA 2008, or None where it is no plain address.

    Quoted local parts, comments, display names and addresses without a dotted domain are None.
    """
    stripped = unicodedata.normalize("NFC", text).strip().lower()
    local, at, domain = stripped.rpartition("@")
    if not at or len(local) > MAX_LOCAL_LENGTH or local.startswith(".") or local.endswith(".") or ".." in local:
        return None
    address = f"{local}@{ascii_domain(domain)}"  # a domain that is none has no dot
    return address if len(address) <= MAX_ADDRESS_LENGTH and _ADDRESS.fullmatch(address) else None


def address_key(key: bytes, address: str) -> str:
    """The first 32 hex digits of HMAC-SHA256 of a *normalised* address: what suppressions are keyed by."""
    return hmac.new(key, address.encode(), hashlib.sha256).hexdigest()[:32]


def former_key(key: bytes, address: str) -> str | None:
    """The key of a normalised address as IDNA 2003 had it, so that what it refused then holds; None where the same."""
    local, _, domain = address.rpartition("@")
    former = former_domain(domain)
    return None if former is None else address_key(key, f"{local}@{former}")


def person_named(named: str, key: bytes) -> str | None:
    """The person key that somebody means who types one, or an address; None where it is neither."""
    if named[:2] in {"u:", "e:", "a:"}:
        return named
    address = normalised_address(named)
    return None if address is None else person_of(user_id=None, email_key=address_key(key, address), anonymous_id=None)


def is_bounded(identifier: str) -> bool:
    """True for an id of at most 255 bytes in UTF-8."""
    return len(identifier) <= MAX_ID_BYTES and (identifier.isascii() or len(identifier.encode()) <= MAX_ID_BYTES)


def person_of(*, user_id: str | None, email_key: str | None, anonymous_id: str | None) -> str | None:
    """The person key: `u:` before `e:` before `a:`; None where nothing identifies anybody."""
    if user_id:
        return f"u:{user_id}"
    if email_key:
        return f"e:{email_key}"
    return f"a:{anonymous_id}" if anonymous_id else None


def message_id_of(decision_id: str) -> str:
    """The id of the one mail of a decision: UUIDv5 in the decision's namespace."""
    return str(uuid.uuid5(uuid.UUID(decision_id), "email"))


def person_tag(person: str) -> str:
    """The person key in base64url without padding: survives an ESP that restricts tags to `[A-Za-z0-9_-]`."""
    return base64.urlsafe_b64encode(person.encode()).decode().rstrip("=")


def person_from_tag(tag: str) -> str | None:
    """The person of a tag, or None where it is not one."""
    try:
        person = base64.b64decode(tag + "=" * (-len(tag) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return person if person[:2] in {"u:", "e:", "a:"} and person[2:] else None
