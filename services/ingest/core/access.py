"""What a request claims of its sender: by its head before anything of its body is read, then by the body."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import orjson

from services.ingest.core.keyring import NAME, Keyring, ServerKey, WriteKey, is_ours
from services.ingest.core.reasons import Reason, Refused

SIGNATURE_AGE_S = 300  # how old or early a signed call may be
LATEST_DIGITS = 12  # of seconds since 1970: far beyond the year 9999
MOST_NAMED = 16  # different write keys in one body that are looked at; a tracker names one
MOST_NAMINGS = 1_000  # places in one body that are looked at; a tracker names its key in each of 500 calls at most
_NAMED = re.compile(rb'"writeKey"\s{0,8}:\s{0,8}("(?:[^"\\]|\\.){1,300}")')
_UNKNOWN = "expected a write key of this collector: as the name of Basic, in X-Write-Key, or as writeKey"


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as the header has it, in time but not yet proven; `name` says by which key, None by any."""

    time_s: int
    claimed: str
    name: str | None


def signature_in(header: str, ring: Keyring, now_s: float) -> Signature:
    """What a server's header says: `t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>." and the body without gzip>`.

    `key=<name>` may stand among them, so that only that key is tried. A repeat within the 5 minutes is the same call
    with the same id: harmless.

    Raises:
        Refused: it is no such header, too old or early, or names a key that is not there.
    """
    parts = dict(each.strip().partition("=")[::2] for each in header.split(","))
    time, claimed, name = parts.get("t", ""), parts.get("v1", ""), parts.get("key")
    is_time = time.isascii() and time.isdigit() and len(time) <= LATEST_DIGITS
    if not (is_time and claimed and claimed.isascii() and (name is None or NAME.fullmatch(name))):
        raise Refused(Reason.BAD_SIGNATURE, "expected X-Kindling-Signature: t=<unix seconds>,v1=<hex>")
    if abs(now_s - int(time)) > SIGNATURE_AGE_S or not ring.server_keys(name):
        raise Refused(Reason.BAD_SIGNATURE, "expected a signature not older than 5 minutes, by a key that is in use")
    return Signature(int(time), claimed, name)


def signer(signature: Signature, body: bytes, ring: Keyring) -> ServerKey:
    """The server key by which the body is signed.

    Raises:
        Refused: by none.
    """
    for each in ring.server_keys(signature.name):
        if hmac.compare_digest(signature_of(body, signature.time_s, each.secret), signature.claimed):
            return each
    raise Refused(Reason.BAD_SIGNATURE, "expected the HMAC of this body")


def signature_of(body: bytes, time_s: int, key: bytes) -> str:
    """The hex HMAC-SHA256 that a server writes as `v1`."""
    made = hmac.new(key, b"%d." % time_s, hashlib.sha256)
    made.update(body)
    return made.hexdigest()


def claimed_key(authorization: str, write_key_header: str, query: str) -> str:
    """The write key of a head: the name of Basic, Jitsu's `key:secret`, or `?writeKey=`; empty where there is none."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(credentials.strip(), validate=True).decode().partition(":")[0]
        except (binascii.Error, ValueError):
            return ""
    return write_key_header.partition(":")[0] or query


def named_keys(body: bytes) -> Iterable[str]:
    """The write keys that a body names, wherever in it, without parsing it; the same one is given once."""
    seen: dict[bytes, None] = {}
    for found in islice(_NAMED.finditer(body), MOST_NAMINGS):
        seen[found[1]] = None
        if len(seen) >= MOST_NAMED:
            break
    for each in seen:
        try:
            yield orjson.loads(each)
        except orjson.JSONDecodeError:
            continue


def known_key(claimed: str, origin: str | None, ring: Keyring) -> WriteKey:
    """The write key of this text, as a request from this page may use it.

    Raises:
        Refused: it is none of ours, or not for this page.
    """
    key = ring.write_key(claimed)
    if key is None:
        raise Refused(Reason.UNKNOWN_KEY, _UNKNOWN)
    refuse_foreign(origin, key.origins)
    return key


def refuse_unnamed(body: bytes, ring: Keyring) -> None:
    """Let a body pass that names a write key of ours somewhere: only then it is worth its parsing.

    Raises:
        Refused: it does not.
    """
    if not any(ring.write_key(each) for each in named_keys(body)):
        raise Refused(Reason.UNKNOWN_KEY, _UNKNOWN)


def refuse_foreign(origin: str | None, allowed: Iterable[str]) -> None:
    """Let a request pass that no browser sent, or one from a page of ours.

    Raises:
        Refused: another origin, or `null`.
    """
    if origin is not None and not is_ours(origin, allowed):
        raise Refused(Reason.FOREIGN_ORIGIN, "expected an origin that the write key may be used from")
