"""A request's bytes to its calls, within limits: whatever is sent, the cost is bounded and each call stands alone."""

import re
import zlib
from dataclasses import dataclass
from itertools import islice
from typing import Any

from services.ingest.core.call import loaded, without_nul
from services.ingest.core.envelope import MARK, ONE, SEVERAL, call_of
from services.ingest.core.reasons import Reason, Refusal, Refused

MAX_BODY_BYTES = 500 * 1024  # Segment's limit of a batch, before and after decompression
MAX_CALLS = 500
MAX_MEMBERS = 100  # of a gzip file; a client writes one
MAX_TOKENS = 150_000  # of a broken batch: 28 ms (measured November 2026); 500 KB of real calls have 100,000
_GZIP = b"\x1f\x8b"
_DEFLATE = frozenset({"deflate", "x-deflate"})
_PLAIN = frozenset({"", "identity", "gzip", "x-gzip"})
_ZLIB_METHOD, _ZLIB_CHECK = 8, 31  # RFC 1950, 2.2: what the first two bytes of a zlib stream say
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}:,"]', re.DOTALL)
_BATCH_DEPTH = 2  # inside the object and its array


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of one request, each parsed or refused, and what is said once for all of them."""

    items: tuple[Any | Refusal, ...]
    envelope: dict[str, Any]

    @property
    def write_key(self) -> str:
        """The write key in the body, where a beacon has to put it."""
        found = self.envelope.get("writeKey")
        return found if isinstance(found, str) else ""


def plain(body: bytes, encoding: str, most: int = MAX_BODY_BYTES) -> bytes:
    """The body without gzip, told by its first bytes (some SDKs label it as something else), or without deflate.

    `most`: bytes, before and after.

    Raises:
        Refused: too large before or after, broken, or encoded twice or otherwise.
    """
    named = encoding.strip().lower()
    if named not in _PLAIN | _DEFLATE:
        raise Refused(Reason.BAD_ENCODING, "expected Content-Encoding gzip, deflate or none")
    if len(body) > most:
        raise Refused(Reason.TOO_LARGE, f"expected at most {most} bytes")
    if body.startswith(_GZIP):
        return _inflated(body, most)
    return _undeflated(body, most) if named in _DEFLATE else body


def calls_of(body: bytes, kind: str, form: str = "") -> Calls:
    """The calls of a body: one of the path's kind, those of a batch, or those that envelopes hold.

    `form` is its media type: it tells envelopes, which may be many, and nothing else.

    Raises:
        Refused: not a JSON object, no batch where one is expected, or too many calls.
    """
    body = without_nul(body)
    are_envelopes = form in {ONE, SEVERAL}
    try:
        value = loaded(body)
    except Refused:
        if kind != "batch" or are_envelopes:
            raise
        return _apart(body)
    if are_envelopes:
        return _opened([value] if form == ONE else value, kind)
    envelope = _object(value)
    if kind != "batch":
        call = call_of(envelope) if MARK in envelope else envelope
        return Calls(({**call, "type": kind},), call)
    items = envelope.get("batch")
    if not isinstance(items, list):
        raise Refused(Reason.NOT_AN_OBJECT, "expected an object with batch, a list of calls")
    _refuse_too_many(len(items))
    return Calls(tuple(items), envelope)


def _opened(envelopes: Any, kind: str) -> Calls:
    """The calls in the envelopes, each parsed or refused; on a path of one type each is of it."""
    if not isinstance(envelopes, list):
        raise Refused(Reason.NOT_AN_OBJECT, "expected a list of envelopes")
    _refuse_too_many(len(envelopes))
    items = tuple(_open(each, kind) for each in envelopes)
    alone = items[0] if len(items) == 1 and isinstance(items[0], dict) else {}
    return Calls(items, alone)


def _open(envelope: Any, kind: str) -> dict[str, Any] | Refusal:
    try:
        call = call_of(_object(envelope))
    except Refused as refused:
        return refused.refusal
    return call if kind == "batch" else {**call, "type": kind}


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Refused(Reason.NOT_AN_OBJECT, f"expected a JSON object; {type(value).__name__} came")
    return value


def _refuse_too_many(count: int) -> None:
    if count > MAX_CALLS:
        raise Refused(Reason.TOO_MANY_CALLS, f"expected at most {MAX_CALLS} calls")


def _inflated(body: bytes, most: int) -> bytes:
    out = bytearray()
    for _ in range(MAX_MEMBERS):
        inflate = zlib.decompressobj(wbits=31)
        try:
            out += inflate.decompress(body, most + 1 - len(out))
        except zlib.error:
            break
        if len(out) > most:
            raise Refused(Reason.TOO_LARGE, f"expected at most {most} bytes after decompression")
        if not inflate.eof:
            break
        body = inflate.unused_data
        if not body:
            return bytes(out)
    raise Refused(Reason.BROKEN_GZIP, "expected whole gzip data")


def _undeflated(body: bytes, most: int) -> bytes:
    """What zlib's stream holds, or a bare one of deflate, which some clients write (RFC 9110, 8.4.1.2)."""
    is_zlib = len(body) > 1 and body[0] % 16 == _ZLIB_METHOD and (body[0] << 8 | body[1]) % _ZLIB_CHECK == 0
    inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)
    try:
        out = inflate.decompress(body, most + 1)
    except zlib.error:
        raise Refused(Reason.BROKEN_DEFLATE, "expected whole deflate data") from None
    if len(out) > most:
        raise Refused(Reason.TOO_LARGE, f"expected at most {most} bytes after decompression")
    if not inflate.eof or inflate.unused_data:
        raise Refused(Reason.BROKEN_DEFLATE, "expected whole deflate data")
    return out


def _apart(body: bytes) -> Calls:
    """The calls of a batch in which something is no JSON: each is parsed alone, so that one NaN costs one call."""
    spans = _spans(body)
    _refuse_too_many(len(spans))
    if not spans:
        raise Refused(Reason.NOT_JSON, "expected JSON")
    envelope = _object(loaded(body[: spans[0][0]] + body[spans[-1][1] :]))
    return Calls(tuple(_alone(body[start:end]) for start, end in spans), envelope)


def _alone(item: bytes) -> Any | Refusal:
    try:
        return loaded(item)
    except Refused as refused:
        return refused.refusal


def _spans(body: bytes) -> list[tuple[int, int]]:
    """Where each item of the outermost `batch` begins and ends; nothing where the brackets do not close in bounds."""
    depth = start = 0
    before = last = b""
    spans: list[tuple[int, int]] = []
    for found in islice(_TOKEN.finditer(body), MAX_TOKENS):
        token = found[0]
        if token == b'"':
            return []
        if token in {b"[", b"{"}:
            depth += 1
            if not start and depth == _BATCH_DEPTH and (before, last, token) == (b'"batch"', b":", b"["):
                start = found.end()
        elif token in {b"]", b"}"}:
            depth -= 1
        is_end = start and (depth == 1 or (depth == _BATCH_DEPTH and token == b","))
        if is_end:
            spans.append((start, found.start()))
            start = found.end()
        if is_end and (depth == 1 or len(spans) > MAX_CALLS):
            return spans
        before, last = last, token
    return []
