"""One event of an ESP in Anymail's words, and what of the ESP's own words Anymail leaves out."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from schemas.email import BounceClass, Machine
from services.ingest.core.hook import Esp

Said = Mapping[str, Any]
EMPTY: Said = {}
_ENHANCED = re.compile(r"(?<![\w.])5\.(\d{1,3})\.(\d{1,3})(?![\w.])")  # RFC 3463: subject and detail
_GONE = frozenset({"1.1", "1.2", "1.3", "1.6", "1.10"})  # RFC 3463, 3.2, and RFC 7505, 4.2: no such mailbox or domain
_POLICY = frozenset({"6", "7"})  # RFC 3463, 3.7 and 3.8: content, security


@dataclass(frozen=True, slots=True)
class EspEvent:
    """What became of a mail at one address, as an ESP says it; `said` is the event in its own words.

    `word` is Anymail's event type, `at` aware or None where the ESP gives no time.
    """

    word: str
    at: datetime | None = None
    event_id: str | None = None
    message_id: str | None = None
    recipient: str | None = field(default=None, repr=False)
    url: str | None = None
    reject_reason: str | None = None
    description: str | None = None
    response: str | None = None
    metadata: Said = field(default_factory=dict, repr=False)
    tags: tuple[str, ...] = ()
    said: Said = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Read:
    """The events of one call by their places, how many were mails that came in, and where nobody could read one."""

    events: tuple[tuple[int, EspEvent], ...] = ()
    inbound: int = 0
    unread: tuple[int, ...] = ()


def record_id(esp: Esp, event: EspEvent) -> str:
    """The id of the event's record, the same at each sending: of the ESP's own id and the address, or of all it says.

    One event of an ESP may be about several addresses. Mailgun signs a call anew, so what Anymail takes for the id of
    its event, the token, is none where the event names one.
    """
    data = part(event.said, "event-data")
    if esp is Esp.MAILGUN and data.get("id"):
        said: Any = [data["id"], data.get("timestamp")]
    else:
        said = event.event_id or event.said
    whole = json.dumps([said, event.word, event.recipient], sort_keys=True, default=str)
    return f"{esp}-{hashlib.sha256(whole.encode()).hexdigest()[:40]}"


def bounce_class(esp: Esp, event: EspEvent) -> BounceClass | None:
    """What a bounce says of the address: gone (hard), or what the ESP's own words make less of; None of other events.

    Where they leave it open, the server's enhanced code tells; without one the address may be there.
    """
    if event.word != "bounced":
        return None
    told = _BOUNCES[esp](event.said)
    return told or _by_code(f"{event.response or ''} {event.description or ''}")


def machine(esp: Esp, said: Said) -> Machine | None:
    """Whether a machine opened or clicked, where the ESP has a flag for it."""
    match esp:
        case Esp.SENDGRID:
            return _flag(said.get("sg_machine_open"))
        case Esp.MAILGUN:
            bot = part(part(said, "event-data"), "client-info").get("bot")
            return _flag(bool(bot)) if isinstance(bot, str) else None
        case Esp.BREVO:
            return "yes" if said.get("event") in {"proxy_open", "unique_proxy_open"} else None
        case Esp.SPARKPOST:
            agent = part(_sparkpost(said), "user_agent_parsed")
            if agent.get("is_prefetched") is True:
                return "yes"
            return "suspected" if agent.get("is_proxy") is True else None
        case _:
            return None


def echoed_ids(esp: Esp, event: EspEvent) -> tuple[str, ...]:
    """What may be the Message-ID header of the mail as it was sent, wherever this ESP tells it."""
    said = event.said
    found: list[Any] = [event.message_id]
    match esp:
        case Esp.SENDGRID:
            found.append(said.get("smtp-id"))
        case Esp.POSTAL:
            inner = part(said, "payload")
            found.append(part(inner, "message").get("message_id") or part(inner, "original_message").get("message_id"))
        case Esp.AMAZON_SES:
            headers = part(said, "mail").get("headers")
            named = (each for each in headers if isinstance(each, dict)) if isinstance(headers, list) else ()
            found += [each.get("value") for each in named if str(each.get("name")).lower() == "message-id"]
        case _:
            pass
    return tuple(each for each in found if isinstance(each, str))


def part(said: Said, name: str) -> Said:
    """The object under this name; an empty one where there is none."""
    found = said.get(name)
    return found if isinstance(found, dict) else EMPTY


def _flag(value: object) -> Machine | None:
    return None if not isinstance(value, bool) else "yes" if value else "no"


def _by_code(text: str) -> BounceClass:
    found = _ENHANCED.search(text)
    if found is None:
        return "soft"
    if f"{found[1]}.{found[2]}" in _GONE:
        return "hard"
    return "block" if found[1] in _POLICY else "soft"


def _of_table(table: Mapping[str, BounceClass], read: Callable[[Said], object]) -> Callable[[Said], BounceClass | None]:
    def told(said: Said) -> BounceClass | None:
        word = read(said)
        return table.get(word.lower()) if isinstance(word, str) else None

    return told


def _sparkpost(said: Said) -> Said:
    classes = part(said, "msys")
    return part(classes, next(iter(classes), ""))


def _mailjet(said: Said) -> BounceClass | None:
    if said.get("error") in _MAILJET_POLICY:
        return "block"
    return "hard" if said.get("hard_bounce") is True else "soft"


def _mailgun(said: Said) -> BounceClass | None:
    """A permanent failure; an address that is on Mailgun's own list of bounces is gone, on another list it is there."""
    data = part(said, "event-data")
    kind = part(data, "delivery-status").get("bounce-type")
    if kind in {"hard", "soft"}:
        return "hard" if kind == "hard" else "soft"
    reason = data.get("reason")
    return _MAILGUN.get(reason) if isinstance(reason, str) else None


def _sendgrid(said: Said) -> BounceClass | None:
    """`blocked` is a refusal that is not about the address; `bounce` puts it on SendGrid's list."""
    if said.get("type") == "blocked":
        return "block"
    named = said.get("bounce_classification")
    return _SENDGRID.get(named) if isinstance(named, str) else "hard" if said.get("type") == "bounce" else None


_MAILJET_POLICY = frozenset({"sender blocked", "content blocked", "policy issue", "blacklisted", "relay/access denied"})
_MAILGUN: Mapping[str, BounceClass] = {
    "bounce": "hard",
    "suppress-bounce": "hard",
    "suppress-complaint": "block",
    "suppress-unsubscribe": "block",
    "espblock": "block",
    "old": "soft",
}
_SENDGRID: Mapping[str, BounceClass] = {
    "Invalid Address": "hard",
    "Content": "block",
    "Reputation": "block",
    "Frequency or Volume Too High": "soft",
    "Mailbox Unavailable": "soft",
    "Technical Failure": "soft",
}
_SES: Mapping[str, BounceClass] = {"permanent": "hard", "transient": "soft", "undetermined": "soft"}
_SPARKPOST_CLASSES: Mapping[str, BounceClass] = {  # SparkPost, "Bounce Classification Codes"
    **dict.fromkeys(("10", "30"), "hard"),
    **dict.fromkeys(("25", "50", "51", "52", "53", "54"), "block"),
    **dict.fromkeys(("1", "20", "21", "22", "23", "24", "40", "70"), "soft"),
}
_UNISENDER: Mapping[str, BounceClass] = {
    **dict.fromkeys(("err_user_unknown", "err_user_inactive", "err_mailbox_discarded", "err_domain_inactive"), "hard"),
    **dict.fromkeys(("err_spam_rejected", "err_spam_skipped", "err_blacklisted", "err_unsubscribed"), "block"),
}
_BOUNCES: Mapping[Esp, Callable[[Said], BounceClass | None]] = {
    Esp.AMAZON_SES: _of_table(_SES, lambda said: part(said, "bounce").get("bounceType")),
    Esp.BREVO: _of_table(
        {"hard_bounce": "hard", "invalid_email": "hard", "soft_bounce": "soft"}, lambda said: said.get("event")
    ),
    Esp.MAILERSEND: _of_table(
        {"hard_bounced": "hard", "soft_bounced": "soft"}, lambda said: part(said, "data").get("type")
    ),
    Esp.MAILGUN: _mailgun,
    Esp.MAILJET: _mailjet,
    Esp.MAILTRAP: _of_table(
        {"hard": "hard", "spam": "block", "policy": "block"}, lambda said: said.get("bounce_category")
    ),
    Esp.MANDRILL: _of_table({"hard_bounce": "hard", "soft_bounce": "soft"}, lambda said: said.get("event")),
    Esp.POSTAL: lambda _: None,
    Esp.POSTMARK: _of_table(
        {"hardbounce": "hard", "softbounce": "soft", "virusnotification": "block"},
        lambda said: said.get("Type") or said.get("SuppressionReason"),
    ),
    Esp.RESEND: _of_table(_SES, lambda said: part(part(said, "data"), "bounce").get("type")),
    Esp.SENDGRID: _sendgrid,
    Esp.SPARKPOST: _of_table(_SPARKPOST_CLASSES, lambda said: _sparkpost(said).get("bounce_class")),
    Esp.UNISENDER_GO: _of_table(_UNISENDER, lambda said: part(said, "delivery_info").get("delivery_status")),
}
