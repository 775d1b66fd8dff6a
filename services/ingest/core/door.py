"""Who a request is from: judged by its head before its body is read, and by its body where only that can tell."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.ingest.core.access import (
    Signature,
    claimed_key,
    known_key,
    refuse_foreign,
    refuse_unnamed,
    signature_in,
    signer,
)
from services.ingest.core.body import Calls, calls_of, plain
from services.ingest.core.envelope import media_type
from services.ingest.core.intake import Sender
from services.ingest.core.keyring import Keyring, WriteKey
from services.ingest.core.rates import Rate

READ = (
    "authorization",
    "content-encoding",
    "content-type",
    "origin",
    "traceparent",
    "user-agent",
    "x-kindling-signature",
    "x-write-key",
)
READ_OF_PIXEL = ("authorization", "origin", "traceparent", "user-agent", "x-write-key")  # it has no body to sign


@dataclass(frozen=True, slots=True)
class Head:
    """A request before its body: its kind (a call's type or `batch`), its headers of `READ` in lower case.

    `query_key` is its `?writeKey=`, `client` the address it counts for.
    """

    kind: str
    headers: Mapping[str, str]
    query_key: str = ""
    client: str = ""
    is_pixel: bool = False


@dataclass(frozen=True, slots=True)
class Pass:
    """What the head has shown: a known write key, a signature in time, or neither, where the body has to name a key."""

    key: WriteKey | None = None
    signature: Signature | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """The calls of a request, who sent them, and how many they may send."""

    calls: Calls
    sender: Sender
    rate: Rate


def passed(head: Head, ring: Keyring, now_s: float) -> Pass:
    """What the head shows.

    Raises:
        Refused: an unknown key, a bad signature, or a page that may not send.
    """
    headers = head.headers
    origin = headers.get("origin")
    if (signature := headers.get("x-kindling-signature")) is not None:
        refuse_foreign(origin, ring.origins)
        return Pass(signature=signature_in(signature, ring, now_s))
    authorization, own = headers.get("authorization", ""), headers.get("x-write-key", "")
    claimed = claimed_key(authorization, own, head.query_key)
    if claimed or own or authorization.lower().startswith("basic "):
        return Pass(key=known_key(claimed, origin, ring))
    refuse_foreign(origin, ring.origins)
    return Pass()


def taken(head: Head, shown: Pass, body: bytes, ring: Keyring, now_ms: int) -> Taken:
    """The calls of the body and their sender. Nothing is parsed before a key of ours was seen.

    Raises:
        Refused: the body is not as it should be, or its sender is not who may send it.
    """
    headers = head.headers
    whole = plain(body, headers.get("content-encoding", ""))
    form = media_type(headers.get("content-type", ""))
    is_browser = head.is_pixel or "origin" in headers
    agent, trace = headers.get("user-agent", "") if is_browser else "", headers.get("traceparent", "")
    server = signer(shown.signature, whole, ring) if shown.signature else None
    if server is None and shown.key is None:
        refuse_unnamed(whole, ring)
    calls = calls_of(whole, head.kind, form)
    if server is not None and shown.signature is not None:
        name, time_s = f"server {server.name}", shown.signature.time_s
        return Taken(calls, Sender(name, time_s, is_server=True, browser_agent=agent, trace=trace), server.rate)
    key = shown.key or known_key(calls.write_key, headers.get("origin"), ring)
    sender = Sender(key.key, now_ms, is_server=False, sends=key.sends, browser_agent=agent, trace=trace)
    return Taken(calls, sender, key.rate)
