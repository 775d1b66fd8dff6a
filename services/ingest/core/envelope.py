"""CloudEvents in structured mode: the call inside an envelope, by the same rule at the door and at the consumer.

Law: what comes out is a call alone; an envelope within an envelope is refused.
Source: CloudEvents 1.0.2, JSON event format, 3.1 and 4; HTTP and Kafka protocol bindings, 3.2.
"""

import binascii
from base64 import b64decode
from typing import Any

from services.ingest.core.call import loaded, without_nul
from services.ingest.core.reasons import Reason, Refused

MARK = "specversion"  # no call has such a field
ONE = "application/cloudevents+json"
SEVERAL = "application/cloudevents-batch+json"
_VERSION = "1."


def media_type(said: str) -> str:
    """A content type without its parameters."""
    return said.partition(";")[0].strip().lower()


def call_of(envelope: dict[str, Any]) -> dict[str, Any]:
    """The call in an envelope, with the envelope's id and time where it has none of its own.

    Raises:
        Refused: no envelope of version 1, or what it holds is no call.
    """
    version = envelope.get(MARK)
    if not (isinstance(version, str) and version.startswith(_VERSION)):
        raise Refused(Reason.BAD_ENVELOPE, "expected an envelope of CloudEvents with specversion 1.0")
    call = _data(envelope)
    if not isinstance(call, dict):
        raise Refused(Reason.BAD_ENVELOPE, f"expected data to hold one call as an object; {type(call).__name__} came")
    if MARK in call:
        raise Refused(Reason.BAD_ENVELOPE, "expected data to hold a call; another envelope came")
    call = dict(call)
    if not call.get("messageId"):  # also what is no id at all, as the door has it
        call["messageId"] = envelope.get("id") or None
    if call.get("timestamp") is None and call.get("originalTimestamp") is None and "time" in envelope:
        call["timestamp"] = envelope["time"]
    return call


def _data(envelope: dict[str, Any]) -> Any:
    said = envelope.get("datacontenttype")
    kind = media_type(said) if isinstance(said, str) else ""
    if kind and not (kind.endswith(("/json", "+json"))):
        raise Refused(Reason.BAD_ENVELOPE, "expected datacontenttype to be application/json, or none")
    if "data_base64" not in envelope:
        return envelope.get("data")
    encoded = envelope["data_base64"]
    try:
        raw = b64decode(encoded if isinstance(encoded, str) else "!", validate=True)
    except (binascii.Error, ValueError):  # the latter of letters beyond ASCII
        raise Refused(Reason.BAD_ENVELOPE, "expected data_base64 to be base64") from None
    return loaded(without_nul(raw))
