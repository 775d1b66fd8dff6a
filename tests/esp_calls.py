"""Calls of webhooks as each ESP makes them: signed by keys of the tests, with our marks where the ESP echoes them."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from schemas.identity import person_tag
from services.ingest.adapters.fake_sns import FakeSns
from services.ingest.core.hook import Esp, Hook
from services.ingest.core.rates import Rate

NOW_MS = 1_793_696_400_000  # 2026-11-03T09:00:00Z
TAG = person_tag("u:42")
SECRET, OLDER = b"the newer secret of a test", b"the older secret of a test"
BASIC = b"kindling:a password of a test"
TOPIC = "arn:aws:sns:us-east-1:1234567890:SES_Events"
CERTIFICATE_URL = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-abcdef0123456789.pem"
SVIX_SECRET = b"whsec_" + base64.b64encode(SECRET)
MANDRILL_URL = "https://collector.example.com/webhooks/mandrill"
MANY = Rate(10_000, 50_000)
BY_PASSWORD = (Esp.BREVO, Esp.MAILJET, Esp.POSTMARK, Esp.SPARKPOST)


@dataclass(frozen=True)
class Call:
    """A request: its headers and its body."""

    headers: Mapping[str, str]
    body: bytes


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    """The RSA key of the tests."""
    return rsa.generate_private_key(65537, 2048)


@cache
def curve_key() -> ec.EllipticCurvePrivateKey:
    """The key of a curve of the tests."""
    return ec.generate_private_key(ec.SECP256R1())


def public(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    """Its public half as an operator writes it."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return base64.b64encode(key.public_key().public_bytes(serialization.Encoding.DER, form))


@cache
def certificate(now_ms: int = NOW_MS) -> bytes:
    """A certificate of the RSA key, valid for a day around this time."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    now, half = datetime.fromtimestamp(now_ms / 1_000, UTC), timedelta(hours=12)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(rsa_key().public_key())
    made = made.serial_number(7).not_valid_before(now - half).not_valid_after(now + half)
    return made.sign(rsa_key(), hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def sns() -> FakeSns:
    """SNS with the certificate."""
    fake = FakeSns()
    fake.certificates[CERTIFICATE_URL] = certificate()
    return fake


def hook_of(esp: Esp) -> Hook:
    """The webhook as an operator configures it, with two secrets where the ESP has some."""
    if esp is Esp.AMAZON_SES:
        return Hook(esp, MANY, topics=frozenset({TOPIC}))
    if esp in BY_PASSWORD:
        return Hook(esp, MANY, basic=(b"kindling:another one", BASIC))
    secrets = {
        Esp.POSTAL: (public(rsa_key()),),
        Esp.SENDGRID: (public(curve_key()),),
        Esp.RESEND: (b"whsec_" + base64.b64encode(OLDER), SVIX_SECRET),
    }
    return Hook(esp, MANY, secrets.get(esp, (OLDER, SECRET)), url=MANDRILL_URL if esp is Esp.MANDRILL else "")


def call_of(esp: Esp, payload: Any, *, form: str = "") -> Call:
    """The call of this payload, proven as the ESP does it; `form` as `urlencoded` or `multipart` where it has a choice.

    Of Amazon's SES the payload is a message of SNS, or an event that one holds.
    """
    if esp is Esp.AMAZON_SES:
        return _sns(payload if "Type" in payload else {"Type": "Notification", "Message": json.dumps(payload)})
    if esp is Esp.MANDRILL:
        return _mandrill(payload)
    if esp is Esp.MAILGUN:
        return _mailgun(payload, form)
    body = json.dumps(payload).encode()
    json_type = {"Content-Type": "application/json"}
    if esp in BY_PASSWORD:
        return Call({**json_type, "Authorization": "Basic " + base64.b64encode(BASIC).decode()}, body)
    if esp is Esp.UNISENDER_GO:
        held = json.dumps({**payload, "auth": SECRET.decode()}).encode()
        auth = hashlib.md5(held).hexdigest()  # noqa: S324 theirs to choose
        return Call(json_type, held.replace(SECRET, auth.encode()))
    if form:
        json_type, body = _form(payload, form)
    return Call({**json_type, **_SIGNS[esp](body)}, body)


def marked(esp: Esp, payload: Any, **marks: str) -> Any:
    """The payload with our marks, the person tag among them, where this ESP echoes what the mail was given."""
    made = json.loads(json.dumps(payload))
    _MARKS[esp](made, {"person_tag": TAG, **marks})
    return made


def sns_signed(message: dict[str, Any], version: str = "1") -> dict[str, Any]:
    """A message of SNS with its signature."""
    whole = {
        "MessageId": "m-1",
        "TopicArn": TOPIC,
        "Timestamp": "2018-03-26T17:58:59.675Z",
        **message,
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE_URL,
    }
    notice = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
    other = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
    names = notice if whole.get("Type") == "Notification" else other
    said = "".join(f"{name}\n{whole[name]}\n" for name in names if name in whole).encode()
    digest = hashes.SHA1() if version == "1" else hashes.SHA256()  # noqa: S303 Amazon's choice
    signature = rsa_key().sign(said, padding.PKCS1v15(), digest)
    return {**whole, "Signature": base64.b64encode(signature).decode()}


def _sns(message: dict[str, Any]) -> Call:
    body = json.dumps(sns_signed({**message, "TopicArn": TOPIC})).encode()
    return Call({"Content-Type": "text/plain; charset=UTF-8", "x-amz-sns-message-type": message["Type"]}, body)


def _mandrill(payload: Any) -> Call:
    fields = {"mandrill_events": json.dumps(payload)}
    said = MANDRILL_URL + "".join(name + fields[name] for name in sorted(fields))
    signature = base64.b64encode(hmac.new(SECRET, said.encode(), hashlib.sha1).digest()).decode()
    kind = "application/x-www-form-urlencoded"
    return Call({"Content-Type": kind, "X-Mandrill-Signature": signature}, urlencode(fields).encode())


def _mailgun(payload: dict[str, Any], form: str) -> Call:
    if "event-data" in payload or not form:
        block = payload.get("signature")
        said = {"timestamp": "1461095250", "token": "a-token", **(block if isinstance(block, dict) else {})}
        body = json.dumps({**payload, "signature": {**said, "signature": _mailgun_signature(said)}}).encode()
        return Call({"Content-Type": "application/json"}, body)
    fields: dict[str, Any] = {"timestamp": "1461095250", "token": "a-token", **payload}
    if isinstance(fields.get("message-headers"), list):
        fields["message-headers"] = json.dumps(fields["message-headers"])
    fields["signature"] = _mailgun_signature(fields)
    return Call(*_form(fields, form))


def _form(fields: dict[str, Any], form: str) -> tuple[dict[str, str], bytes]:
    """Headers and body of a form, `urlencoded` or `multipart`."""
    pairs = [(name, one) for name, each in fields.items() for one in (each if isinstance(each, list) else [each])]
    if form == "urlencoded":
        return {"Content-Type": "application/x-www-form-urlencoded"}, urlencode(pairs).encode()
    parts = (f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{one}\r\n' for name, one in pairs)
    return {"Content-Type": "multipart/form-data; boundary=b"}, ("".join(parts) + "--b--\r\n").encode()


def _mailgun_signature(said: Mapping[str, Any]) -> str:
    time, token = (each[-1] if isinstance(each, list) else each for each in (said["timestamp"], said["token"]))
    return hmac.new(SECRET, f"{time}{token}".encode(), hashlib.sha256).hexdigest()


def _resend(body: bytes) -> dict[str, str]:
    said = f"msg_1.{NOW_MS // 1_000}.".encode() + body
    signature = base64.b64encode(hmac.new(SECRET, said, hashlib.sha256).digest()).decode()
    return {"svix-id": "msg_1", "svix-timestamp": str(NOW_MS // 1_000), "svix-signature": f"v1,bm8= v1,{signature}"}


def _sendgrid(body: bytes) -> dict[str, str]:
    signature = curve_key().sign(b"1461095250" + body, ec.ECDSA(hashes.SHA256()))
    name = "X-Twilio-Email-Event-Webhook"
    return {f"{name}-Signature": base64.b64encode(signature).decode(), f"{name}-Timestamp": "1461095250"}


def _postal(body: bytes) -> dict[str, str]:
    signature = rsa_key().sign(body, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 Postal's choice
    return {"X-Postal-Signature": base64.b64encode(signature).decode()}


def _hex(header: str) -> Callable[[bytes], dict[str, str]]:
    return lambda body: {header: hmac.new(SECRET, body, hashlib.sha256).hexdigest()}


_SIGNS: dict[Esp, Callable[[bytes], dict[str, str]]] = {
    Esp.MAILERSEND: _hex("Signature"),
    Esp.MAILTRAP: _hex("Mailtrap-Signature"),
    Esp.POSTAL: _postal,
    Esp.RESEND: _resend,
    Esp.SENDGRID: _sendgrid,
}


def _mark_ses(payload: Any, marks: dict[str, str]) -> None:
    headers = payload.setdefault("mail", {}).setdefault("headers", [])
    headers[:] = [each for each in headers if each["name"].lower() != "x-metadata"]
    headers.append({"name": "X-Metadata", "value": json.dumps(marks)})


def _mark_brevo(payload: Any, marks: dict[str, str]) -> None:
    payload["X-Mailin-custom"] = json.dumps(marks)


def _mark_mailersend(payload: Any, marks: dict[str, str]) -> None:
    payload["data"].setdefault("email", {})["tags"] = ["newsletter", marks["person_tag"]]


def _mark_mailgun(payload: Any, marks: dict[str, str]) -> None:
    if "event-data" in payload:
        payload["event-data"]["user-variables"] = marks
    else:
        headers = payload.get("message-headers", [])
        headers = json.loads(headers) if isinstance(headers, str) else headers
        kept = [each for each in headers if each[0] != "X-Mailgun-Variables"]
        payload["message-headers"] = json.dumps([*kept, ["X-Mailgun-Variables", json.dumps(marks)]])


def _mark_mailjet(payload: Any, marks: dict[str, str]) -> None:
    for each in payload if isinstance(payload, list) else [payload]:
        each["Payload"] = json.dumps(marks)


def _mark_mailtrap(payload: Any, marks: dict[str, str]) -> None:
    for each in payload["events"]:
        each["custom_variables"] = marks


def _mark_mandrill(payload: Any, marks: dict[str, str]) -> None:
    for each in payload:
        each.setdefault("msg", {})["metadata"] = marks


def _mark_postal(payload: Any, marks: dict[str, str]) -> None:
    inner = payload["payload"]
    (inner.get("message") or inner["original_message"])["tag"] = marks["person_tag"]


def _mark_postmark(payload: Any, marks: dict[str, str]) -> None:
    payload["Metadata"] = marks


def _mark_resend(payload: Any, marks: dict[str, str]) -> None:
    payload["data"]["headers"] = [{"name": "X-Metadata", "value": json.dumps(marks)}]


def _mark_sendgrid(payload: Any, marks: dict[str, str]) -> None:
    for each in payload:
        each.update(marks)


def _mark_sparkpost(payload: Any, marks: dict[str, str]) -> None:
    for each in payload:
        for event in each["msys"].values():
            event["rcpt_meta"] = marks


def _mark_unisender(payload: Any, marks: dict[str, str]) -> None:
    users = payload.get("events_by_user")
    events = [each["event_data"] for user in users for each in user["events"]] if users else [payload]
    for each in events:
        kept = {name: value for name, value in each.get("metadata", {}).items() if name == "anymail_id"}
        each["metadata"] = {**kept, **marks}


_MARKS: dict[Esp, Callable[[Any, dict[str, str]], None]] = {
    Esp.AMAZON_SES: _mark_ses,
    Esp.BREVO: _mark_brevo,
    Esp.MAILERSEND: _mark_mailersend,
    Esp.MAILGUN: _mark_mailgun,
    Esp.MAILJET: _mark_mailjet,
    Esp.MAILTRAP: _mark_mailtrap,
    Esp.MANDRILL: _mark_mandrill,
    Esp.POSTAL: _mark_postal,
    Esp.POSTMARK: _mark_postmark,
    Esp.RESEND: _mark_resend,
    Esp.SENDGRID: _mark_sendgrid,
    Esp.SPARKPOST: _mark_sparkpost,
    Esp.UNISENDER_GO: _mark_unisender,
}
