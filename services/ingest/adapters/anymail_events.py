"""Events of ESPs by Anymail, whose views take Django's requests: without a project, a server or a signature check.

Who calls has proven itself before. Nothing here says what came: Anymail's errors quote it, so they are not even read.
"""

import io
import json
import warnings
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from anymail.exceptions import AnymailConfigurationError
from anymail.webhooks.amazon_ses import AmazonSESTrackingWebhookView
from anymail.webhooks.brevo import BrevoTrackingWebhookView
from anymail.webhooks.mailersend import MailerSendTrackingWebhookView
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.mailjet import MailjetTrackingWebhookView
from anymail.webhooks.mailtrap import MailtrapTrackingWebhookView
from anymail.webhooks.mandrill import MandrillCombinedWebhookView
from anymail.webhooks.postal import PostalTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from anymail.webhooks.resend import ResendTrackingWebhookView
from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from anymail.webhooks.sparkpost import SparkPostTrackingWebhookView
from anymail.webhooks.unisender_go import UnisenderGoTrackingWebhookView
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest

from services.ingest.core.esp_event import EspEvent, Read
from services.ingest.core.form import MULTIPART, fields_of
from services.ingest.core.hook import MAX_EVENTS, MAX_HOOK_BYTES, Esp, HookCall
from services.ingest.core.reasons import Reason, Refused

UNISENDER_EVENT = "transactional_email_status"
_LISTED = {Esp.MAILTRAP: "events", Esp.UNISENDER_GO: "events_by_user"}
INBOUND = frozenset({"inbound", "inbound_failed"})
JSON = "application/json"
VALIDATED = "Successfully validated SNS topic for Amazon SES event publishing."
_UNUSED = "unused"  # Anymail wants secrets to check signatures with, which it is not asked to
_DJANGO: dict[str, Any] = {
    "USE_TZ": True,
    "DEFAULT_CHARSET": "utf-8",
    "DATA_UPLOAD_MAX_MEMORY_SIZE": MAX_HOOK_BYTES,
    "FILE_UPLOAD_MAX_MEMORY_SIZE": MAX_HOOK_BYTES,
    "FILE_UPLOAD_HANDLERS": ["django.core.files.uploadhandler.MemoryFileUploadHandler"],  # nothing goes to a disk
    "ANYMAIL": {"WEBHOOK_SECRET": "unused:unused"},
}


class AnymailReader:
    """Reads events by Anymail's tracking views, one event a time."""

    def __init__(self) -> None:
        if not settings.configured:
            settings.configure(**_DJANGO)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of SendGrid that its maker tests it no more: its payloads are tested here
            self._views: dict[Esp, Any] = {
                Esp.BREVO: BrevoTrackingWebhookView(),
                Esp.MAILERSEND: MailerSendTrackingWebhookView(signing_secret=_UNUSED),
                Esp.MAILGUN: MailgunTrackingWebhookView(webhook_signing_key=_UNUSED),
                Esp.MAILJET: MailjetTrackingWebhookView(),
                Esp.MAILTRAP: MailtrapTrackingWebhookView(),
                Esp.MANDRILL: MandrillCombinedWebhookView(webhook_key=_UNUSED),
                Esp.POSTAL: PostalTrackingWebhookView(webhook_key=_UNUSED),
                Esp.POSTMARK: PostmarkTrackingWebhookView(),
                Esp.RESEND: ResendTrackingWebhookView(),
                Esp.SENDGRID: SendGridTrackingWebhookView(),
                Esp.SPARKPOST: SparkPostTrackingWebhookView(),
                Esp.UNISENDER_GO: UnisenderGoTrackingWebhookView(api_key=_UNUSED),
            }

    def read(self, esp: Esp, call: HookCall) -> Read:
        """The events of a call, each alone.

        Raises:
            Refused: the body is not of the form that this ESP writes.
        """
        if esp is Esp.SENDGRID and call.content_type == MULTIPART:
            return Read(inbound=1)
        events: list[tuple[int, EspEvent]] = []
        inbound, unread = 0, []
        items = _items(esp, call)
        if len(items) > MAX_EVENTS:
            raise Refused(Reason.TOO_MANY_CALLS, f"expected at most {MAX_EVENTS} events; {len(items)} came")
        for place, item in enumerate(items):
            if esp in _INBOUND and isinstance(item, dict) and _INBOUND[esp](item):
                inbound += 1
                continue
            try:
                found = [each for each in self._events(esp, call, item) if each.event_type not in INBOUND]
                events += [(place, _event(each)) for each in found]
            except AnymailConfigurationError:  # what its tracking views say of a mail that came in
                inbound += 1
            except Exception:  # noqa: BLE001 Anymail reads garbage with whatever error it leads to; it is told as unread
                unread.append(place)
        return Read(tuple(events), inbound, tuple(unread))

    def _events(self, esp: Esp, call: HookCall, item: Any) -> list[Any]:
        """The events of an item: one, none of a ping, or of a notice of SNS one an address."""
        match esp:
            case Esp.AMAZON_SES:
                return _of_ses(item)
            case Esp.SENDGRID | Esp.MAILJET | Esp.MAILTRAP:
                return [self._views[esp].esp_to_anymail_event(item)]
            case Esp.MANDRILL:
                return [self._views[esp].mandrill_tracking_to_anymail_event(item)]
            case Esp.SPARKPOST:
                kind, event, whole = self._views[esp].unwrap_event(item)
                return [] if event is None else [self._views[esp].esp_to_anymail_event(kind, event, whole)]
            case Esp.UNISENDER_GO:
                is_ours = item["event_name"] == UNISENDER_EVENT
                return [self._views[esp].esp_to_anymail_event(item.get("event_data", item))] if is_ours else []
            case _:
                found: list[Any] = self._views[esp].parse_events(_request(call))
                return found


def _items(esp: Esp, call: HookCall) -> list[Any]:
    """What the call holds, each event alone, so that what is wrong with one costs none beside it."""
    content_type = call.headers.get("content-type", "")
    if esp is Esp.MAILGUN and call.content_type != JSON:
        return [fields_of(call.body, content_type)]
    is_form = esp is Esp.MANDRILL
    said = _loaded(fields_of(call.body, content_type).get("mandrill_events", "") if is_form else call.body)
    if isinstance(said, list):
        return said
    listed = said.get(_LISTED.get(esp, "")) if isinstance(said, dict) else None
    if not isinstance(listed, list):
        return [said]
    if esp is Esp.MAILTRAP:
        return listed
    users = [each["events"] for each in listed if isinstance(each, dict) and isinstance(each.get("events"), list)]
    return [each for events in users for each in events]


def _is_incoming(item: dict[str, Any]) -> bool:
    payload = item.get("payload")
    message = payload.get("message") if isinstance(payload, dict) else None
    return isinstance(message, dict) and message.get("direction") == "incoming"


# What is a mail that came in, where Anymail's tracking view does not know it for one.
_INBOUND: dict[Esp, Callable[[dict[str, Any]], bool]] = {
    Esp.MAILGUN: lambda item: not {"event", "event-data"} & item.keys(),
    Esp.MAILJET: lambda item: "event" not in item and bool({"Headers", "Parts"} & item.keys()),
    Esp.MANDRILL: lambda item: item.get("event") == "inbound",
    Esp.POSTAL: _is_incoming,
    Esp.RESEND: lambda item: item.get("type") == "email.received",
}


def _of_ses(notice: Mapping[str, Any]) -> list[Any]:
    """The events of a notice of SNS, one an address. The view is not made: its maker asks for a library of Amazon's."""
    if notice["Message"].strip() == VALIDATED:
        return []
    view = AmazonSESTrackingWebhookView.__new__(AmazonSESTrackingWebhookView)
    found: list[Any] = view.esp_to_anymail_events(json.loads(notice["Message"]), notice)
    return found


def _request(call: HookCall) -> WSGIRequest:
    named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in call.headers.items()}
    return WSGIRequest(
        {
            **named,
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": call.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(call.body)),
            "wsgi.input": io.BytesIO(call.body),
        }
    )


def _event(found: Any) -> EspEvent:
    """Anymail's event as ours. What comes may be of any type: Anymail hands on what it finds."""
    tags = found.tags if isinstance(found.tags, list) else [found.tags]
    said = found.esp_event
    return EspEvent(
        word=str(found.event_type),
        at=_aware(found.timestamp),
        event_id=_text(found.event_id),
        message_id=_text(found.message_id),
        recipient=_text(found.recipient),
        url=_text(found.click_url),
        reject_reason=_text(found.reject_reason),
        description=_text(found.description),
        response=_text(found.mta_response),
        metadata=found.metadata if isinstance(found.metadata, dict) else {},
        tags=tuple(each for each in tags if isinstance(each, str)),
        said=dict(said.items()) if isinstance(said, dict) else {},
    )


def _aware(found: Any) -> datetime | None:
    if not isinstance(found, datetime):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _text(found: Any) -> str | None:
    if isinstance(found, bool):
        return None
    return str(found) if isinstance(found, str | int) else None


def _loaded(body: str | bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(Reason.NOT_JSON, "expected JSON as this ESP writes it") from None
