"""One raw record to what follows from it: clean events and suppressions, or a refusal. Law: any bytes do one of these.

The same record gives the same answer at each attempt: nothing here knows the clock, or what came before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeAlias

from pydantic import JsonValue

from schemas import topics
from schemas.clean import AddressClaim, CleanEvent, EventKind
from services.ingest.core.call import EMPTY, Call, Values, checked, parsed, part, unsubscribe_token
from services.ingest.core.choices import CHOICES, from_choice
from services.ingest.core.content import content_news, is_about_content
from services.ingest.core.envelope import MARK, call_of
from services.ingest.core.facts import address_claim, consents, declared, language
from services.ingest.core.feedback import from_mail_event, from_record, from_token
from services.ingest.core.flat import flattened, text
from services.ingest.core.ga4 import put_in_our_words
from services.ingest.core.headers import read_headers
from services.ingest.core.identify import links, person, speaker, speaker_word
from services.ingest.core.names import canonical_name
from services.ingest.core.places import country, time_zone
from services.ingest.core.privacy import from_request
from services.ingest.core.reasons import Outcome, Reason, Refusal, Refused
from services.ingest.core.records import Record
from services.ingest.core.source import Effects, Keys, Source
from services.ingest.core.times import event_time_ms
from services.ingest.core.withdrawal import withdraw
from services.ingest.core.withheld import withhold

MAX_NAME = 200  # of an event; schemas/raw.py publishes it
MAX_URL = 2_000
MAX_TITLE = 300
YEAR_2100_MS = 4_102_444_800_000  # a record's timestamp beyond it is no time
_NOT_PROPERTIES = frozenset({"email", "consent", "unsubscribe_token"})
_NOT_OF_PAGES = _NOT_PROPERTIES | {"url", "path", "title"}
_KINDS: dict[str, EventKind] = {
    "track": "track",
    "page": "page",
    "screen": "page",
    "identify": "identify",
    "group": "identify",
    "alias": "alias",
}


@dataclass(slots=True)  # one a record: see Call
class Cleaned:
    """What one record leads to, in order; `unread` is why somebody has to look at it all the same.

    `counted`: what happened to it on the way, by words of `Outcome`. `visitor`: the anonymous id of a browser's
    call, unless it is known for a machine.
    """

    effects: Effects
    counted: tuple[Outcome, ...] = ()
    unread: Refusal | None = None
    visitor: str = ""


Reader: TypeAlias = Callable[[bytes, Source, Keys], Cleaned]


def clean(record: Record, keys: Keys) -> Cleaned | Refusal:
    """The events and suppressions of one raw record, or why it can have none."""
    if record.value is None:
        return Refusal(Reason.TOMBSTONE, "expected a value; a tombstone came")
    if not 0 <= record.timestamp <= YEAR_2100_MS:
        return Refusal(Reason.NO_RECEIVE_TIME, f"expected milliseconds since 1970; {record.timestamp} came")
    try:
        topic = topics.BY_NAME[record.topic]
        source, traces_left_out = _source(topic.short, record)
        cleaned = _READERS[topic.short](record.value, source, keys)
    except Refused as refused:
        return refused.refusal
    if traces_left_out:
        cleaned.counted = (*cleaned.counted, *[Outcome.TRACE] * traces_left_out)
    return cleaned


def _source(short: str, record: Record) -> tuple[Source, int]:
    trace, left_out, is_envelope = read_headers(record.headers)
    return Source(short, record.partition, record.offset, record.timestamp, trace, is_envelope), left_out


def _call(value: bytes, source: Source, keys: Keys) -> Cleaned:
    is_trusted = source.topic == topics.CONVERSIONS_RAW.short
    call = checked(_body(value, source), is_trusted=is_trusted)
    if is_about_content(call.kind, call.body):
        who = speaker("a:", is_trusted=is_trusted)
        return Cleaned([content_news(call.body, call.properties, who)], (Outcome.CONTENT,))
    time_ms, is_clamped = event_time_ms(call.body, source.received_ms, is_trusted=is_trusted)
    counted = [Outcome.CLAMPED] * is_clamped + [Outcome.PLACEHOLDER] * len(call.placeholders)
    name = _name(call)
    if said := _by_link(call, name, time_ms, source, keys):
        return Cleaned(said, tuple(counted))
    address = address_claim(call.address, keys.address)
    known = person(call, address, is_trusted=is_trusted)
    if known is None:
        raise Refused(Reason.NOBODY, "expected userId, anonymousId or, from a server, a plain address")
    event: CleanEvent = {
        "id": call.message,
        "person": known,
        "kind": "conversion" if is_trusted and call.kind == "track" else _KINDS[call.kind],
        "name": name,
        "time_ms": time_ms,
        "received_ms": source.received_ms,
        "at": source.at(0),
        "trusted": is_trusted,
        "speaker": speaker_word(known, is_trusted=is_trusted),
    }
    _put_what_it_says(event, call, address)
    _put_where(event, call, keys.policy.zones)
    if is_clamped:
        event["clamped"] = True
    if source.trace:
        event["trace"] = source.trace
    effects = _with_links(event, links(call, address, is_trusted=is_trusted))
    counted += withhold(call, event, effects, keys.policy)
    if "consent" in event:
        counted += withdraw(event, call, effects, speaker(known, is_trusted=is_trusted))
    return Cleaned(effects, tuple(counted), visitor="" if is_trusted or "bot" in event else call.anonymous)


def _by_link(call: Call, name: str, time_ms: int, source: Source, keys: Keys) -> Effects:
    """What the reader of a mail did on its page; nothing where the call has no token, or another name."""
    token = unsubscribe_token(call)
    if token is None:
        return []
    if name == "Unsubscribed":
        return from_token(token, call.message, time_ms, source, keys)
    return [from_choice(call, name, time_ms, source, keys)] if name in CHOICES else []


def _body(value: bytes, source: Source) -> dict[str, Any]:
    """The call with an id: one that nobody gave is of its place, so that reading it again repeats nothing."""
    body = parsed(value)
    if MARK in body or source.is_envelope:
        body = call_of(body)
    if body.get("messageId") in (None, ""):
        body["messageId"] = f"{source.topic}/{source.partition}/{source.offset}"
    return body


def _name(call: Call) -> str:
    if call.kind == "track":
        name = canonical_name(call.body["event"].strip()[:MAX_NAME])
        put_in_our_words(call, name)
        if call.kind == "track":
            return name
    beside = call.body.get("name")
    within = call.properties.get("name") if _KINDS[call.kind] == "page" else None  # as Jitsu's SDK has it
    return text(beside, MAX_NAME) or text(within, MAX_NAME) or call.kind


def _put_what_it_says(event: CleanEvent, call: Call, address: AddressClaim | None) -> None:
    is_page = event["kind"] == "page"
    page = part(call.context, "page")
    _put_page(event, call.properties if is_page else EMPTY, page, is_screen=call.kind == "screen")
    flat = flattened(call.properties, _NOT_OF_PAGES if is_page else _NOT_PROPERTIES) if call.properties else {}
    if around := _surroundings(call, page):
        flat = {**around, **flat}
    if flat:
        event["properties"] = flat
    if call.properties and call.kind == "track":
        from_mail_event(event, call.properties)
    traits = {"company": call.traits} if call.kind == "group" else call.traits
    if facts := declared(traits, EMPTY if is_page else call.properties):
        event["traits"] = facts
    if spoken := language(call):
        event["language"] = spoken
    if address:
        event["address"] = address
    if said := consents(call, address, event["name"], is_trusted=event["trusted"]):
        event["consent"] = said


def _put_where(event: CleanEvent, call: Call, zones: frozenset[str]) -> None:
    if zone := time_zone(call, zones):
        event["timezone"] = zone
    if code := country(call):
        event["country"] = code


def _put_page(event: CleanEvent, own: Values, page: Values, *, is_screen: bool) -> None:
    """Where it happened: a page's own properties before the context a browser adds to every call."""
    if url := text(own.get("url") or page.get("url"), MAX_URL):
        event["url"] = url
    if path := text(own.get("path") or page.get("path"), MAX_URL) or (path_of(url) if url else None):
        event["path"] = path
    if title := text(own.get("title") or page.get("title"), MAX_TITLE):
        event["title"] = title
    elif is_screen and event["name"] != "screen":
        event["title"] = event["name"]


def _surroundings(call: Call, page: Values) -> dict[str, JsonValue]:
    """What a call says beside its properties: its category, its group, and where its visitor came from."""
    category, group, referrer = call.body.get("category"), call.body.get("groupId"), page.get("referrer")
    campaign = call.context.get("campaign")
    if not (category or group or referrer or campaign):
        return {}
    named = {"category": text(category), "group_id": text(group), "referrer": text(referrer, MAX_URL)}
    said: dict[str, JsonValue] = {name: value for name, value in named.items() if value}
    sources = flattened(campaign, frozenset()) if isinstance(campaign, dict) else {}
    return said | {f"campaign.{name}": value for name, value in sources.items()}


def path_of(url: str) -> str:
    """The path of a URL, `/` where it has none."""
    rest = url.partition("://")[2] or url
    rest = rest.partition("?")[0].partition("#")[0]
    slash = rest.find("/")
    return rest[slash:] if slash >= 0 else "/"


def link_id(call: str, weaker: str, known: str) -> str:
    """The id of what a call links: the call has its own. The same link of the same call has one id; 37 characters."""
    said = f"{call}\n{weaker}\n{known}"  # no id holds a line break
    return f"link-{sha256(said.encode()).hexdigest()[:32]}"


def _with_links(event: CleanEvent, weaker: tuple[str, ...]) -> Effects:
    """The event, and for each weaker key an event of kind `linked` that leads to its person; of an alias no more."""
    if event["kind"] == "alias":
        if not weaker:
            raise Refused(Reason.NOTHING_TO_LINK, "expected an alias of a known person to an anonymous one")
        event = _bare(event)
    if weaker:
        event["links"] = list(weaker)
    effects: Effects = [event]
    topic, partition, offset, _ = event["at"]
    for key in weaker:
        linked: CleanEvent = {
            "id": link_id(event["id"], key, event["person"]),
            "person": key,
            "kind": "linked",
            "name": "identity.linked",
            "time_ms": event["time_ms"],
            "received_ms": event["received_ms"],
            "at": (topic, partition, offset, len(effects)),
            "trusted": event["trusted"],
            "speaker": event["speaker"],
            "link": event["person"],
        }
        effects.append(linked)
    return effects


def _bare(event: CleanEvent) -> CleanEvent:
    """The event without what it says of its person."""
    bare: CleanEvent = {
        "id": event["id"],
        "person": event["person"],
        "kind": event["kind"],
        "name": event["name"],
        "time_ms": event["time_ms"],
        "received_ms": event["received_ms"],
        "at": event["at"],
        "trusted": event["trusted"],
        "speaker": event["speaker"],
    }
    if "trace" in event:
        bare["trace"] = event["trace"]
    return bare


def _feedback(value: bytes, source: Source, keys: Keys) -> Cleaned:
    del keys
    return Cleaned(from_record(value, source))


def _privacy(value: bytes, source: Source, keys: Keys) -> Cleaned:
    effects, unread = from_request(value, source, keys)
    return Cleaned(effects, unread=unread)


_READERS: dict[str, Reader] = {
    topics.EVENTS_RAW.short: _call,
    topics.CONVERSIONS_RAW.short: _call,
    topics.EMAIL_FEEDBACK.short: _feedback,
    topics.PRIVACY_REQUESTS.short: _privacy,
}
