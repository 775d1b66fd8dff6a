"""What Amazon's SNS sends: what of it is signed, whose key signed it, and what confirms a subscription.

Source: Amazon SNS Developer Guide, "Verifying the signatures of Amazon SNS messages", and "HTTP/HTTPS notification
JSON format".
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from services.ingest.core.reasons import Reason, Refused

NOTIFICATION, CONFIRMATION, LEAVE = "Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"
HASHES = {"1": "sha1", "2": "sha256"}
_OF_NOTICE = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_OF_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_SIGNED = {NOTIFICATION: _OF_NOTICE, CONFIRMATION: _OF_CONFIRMATION, LEAVE: _OF_CONFIRMATION}
_ARN = re.compile(r"arn:aws[a-z-]*:sns:([a-z0-9-]{1,40}):[0-9]{1,20}:[A-Za-z0-9_.-]{1,260}")
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-f]{1,64}\.pem")


@dataclass(frozen=True, slots=True)
class Notice:
    """One message of SNS, of the shape that it must have, and not yet proven."""

    kind: str
    topic: str
    signed: bytes
    signature: bytes
    hash_name: str
    certificate_url: str
    confirm_url: str | None
    said: Mapping[str, Any]


def notice_of(body: bytes, topics: frozenset[str]) -> Notice:
    """The message, of a topic that is expected; its certificate's address is one of that topic's region.

    Raises:
        Refused: it is no such message, of no expected topic, or has addresses that are not those of SNS.
    """
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        said = None
    if not isinstance(said, dict):
        raise Refused(Reason.BAD_SIGNATURE, "expected a message of SNS")
    kind, topic = _text(said, "Type"), _text(said, "TopicArn")
    found = _ARN.fullmatch(topic)
    if kind not in _SIGNED or topic not in topics or found is None:
        raise Refused(Reason.BAD_SIGNATURE, "expected a message of an SNS topic that this webhook names")
    host = f"sns.{found[1]}.amazonaws.com"
    certificate_url = _text(said, "SigningCertURL")
    place = _of_host(certificate_url, host)
    hash_name = HASHES.get(_text(said, "SignatureVersion"))
    if place is None or not _CERTIFICATE.fullmatch(place[0]) or place[1] or hash_name is None:
        raise Refused(Reason.BAD_SIGNATURE, "expected a certificate of SNS in the topic's region, and version 1 or 2")
    try:
        signature = base64.b64decode(_text(said, "Signature"), validate=True)
    except (binascii.Error, ValueError):
        raise Refused(Reason.BAD_SIGNATURE, "expected a signature in base64") from None
    confirm_url = _confirmation(_text(said, "SubscribeURL"), host) if kind == CONFIRMATION else None
    return Notice(kind, topic, _signed(said, kind), signature, hash_name, certificate_url, confirm_url, said)


def _signed(said: Mapping[str, Any], kind: str) -> bytes:
    """The text under the signature: each field that is there by name and value, a line each."""
    lines = (f"{name}\n{_text(said, name)}\n" for name in _SIGNED[kind] if isinstance(said.get(name), str))
    return "".join(lines).encode()


def _confirmation(url: str, host: str) -> str:
    """The address that confirms, where it does that and nothing else.

    Raises:
        Refused: it leads elsewhere.
    """
    place = _of_host(url, host)
    if place is None or place[0] not in {"", "/"} or parse_qs(place[1]).get("Action") != ["ConfirmSubscription"]:
        raise Refused(Reason.BAD_SIGNATURE, "expected a SubscribeURL of SNS in the topic's region")
    return url


def _of_host(url: str, host: str) -> tuple[str, str] | None:
    """Path and query of an https address of exactly this host, without port or user; else None."""
    if not url.isascii() or any(each <= " " for each in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    is_theirs = parts.scheme == "https" and parts.netloc == host and not parts.fragment
    return (parts.path, parts.query) if is_theirs else None


def _text(said: Mapping[str, Any], name: str) -> str:
    found = said.get(name)
    return found if isinstance(found, str) else ""
