"""Who may send: write keys, the HMAC of a server, origins of browsers, and how much at once."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field

from services.ingest.core.reasons import Reason, Refused

SIGNATURE_AGE_S = 300  # how old or early a signed call may be
ANY_ORIGIN = "*"


@dataclass(frozen=True, slots=True)
class Rate:
    """How many calls one key may send: `per_s` for ever, `burst` at once."""

    per_s: float
    burst: float


@dataclass(slots=True)
class Buckets:
    """The token bucket of each known key: how much it holds, and as of when."""

    rate: Rate
    levels: dict[str, tuple[float, float]] = field(default_factory=dict)

    def take(self, key: str, calls: int, now_s: float) -> float:
        """Take the calls from the key's bucket; 0 where it held enough, else the seconds until it will."""
        level, since = self.levels.get(key, (self.rate.burst, now_s))
        level = min(self.rate.burst, level + max(0.0, now_s - since) * self.rate.per_s)
        if level < calls:
            self.levels[key] = (level, now_s)
            return (min(calls, self.rate.burst) - level) / self.rate.per_s
        self.levels[key] = (level - calls, now_s)
        return 0.0


def claimed_key(authorization: str, write_key_header: str) -> str:
    """The write key of the headers: the name of Basic, or Jitsu's `key:secret`; an empty text where there is none."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(credentials.strip(), validate=True).decode().partition(":")[0]
        except (binascii.Error, ValueError):
            return ""
    return write_key_header.partition(":")[0]


def is_known(key: str, keys: Iterable[str]) -> bool:
    """True if it is one of the keys; every one is compared, in constant time."""
    found = False
    for each in keys:
        found |= hmac.compare_digest(key.encode(), each.encode())
    return found and bool(key)


def refuse_foreign(origin: str | None, allowed: tuple[str, ...]) -> None:
    """Let a request pass that no browser sent, or one from a page of ours.

    Raises:
        Refused: another origin, or `null`.
    """
    if origin is not None and not is_ours(origin, allowed):
        raise Refused(Reason.FOREIGN_ORIGIN, "expected an origin of KINDLING_INGEST_ORIGINS")


def is_ours(origin: str, allowed: tuple[str, ...]) -> bool:
    """True for an origin that is listed; `null` never is."""
    return origin != "null" and (origin in allowed or ANY_ORIGIN in allowed)


def signed_at(header: str, body: bytes, key: bytes, now_s: float) -> int:
    """When a server signed the body: `t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>." and the body without gzip>`.

    A repeat within the 5 minutes is the same call with the same id: harmless.

    Raises:
        Refused: it is not signed so, or too long ago.
    """
    parts = dict(each.strip().partition("=")[::2] for each in header.split(","))
    time, claimed = parts.get("t", ""), parts.get("v1", "")
    if not (time.isascii() and time.isdigit() and len(time) <= 12 and claimed.isascii()):  # noqa: PLR2004 past year 9999
        raise Refused(Reason.BAD_SIGNATURE, "expected X-Kindling-Signature: t=<unix seconds>,v1=<hex>")
    expected = signature_of(body, int(time), key)
    if not hmac.compare_digest(expected, claimed) or abs(now_s - int(time)) > SIGNATURE_AGE_S:
        raise Refused(Reason.BAD_SIGNATURE, "expected the HMAC of this body, not older than 5 minutes")
    return int(time)


def signature_of(body: bytes, time_s: int, key: bytes) -> str:
    """The hex HMAC-SHA256 that a server writes as `v1`."""
    return hmac.new(key, f"{time_s}.".encode() + body, hashlib.sha256).hexdigest()
