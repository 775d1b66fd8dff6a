"""What the laws of the profile are told of: a small business, events of every kind, packs of them."""

from collections.abc import Sequence
from typing import Any

import orjson
from hypothesis import strategies as st

from schemas.program import Program
from services.profile.core.person import Person
from services.profile.pipeline import Input, Read, advance, compiled, decode, encode

NOW = 1_795_500_000_000
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
KEY = "9f86d081884c7d659a2feaa0c55ad015"
ORDER_FREE = ("attribution", "consents", "engagement", "history", "interests", "signals", "traits")  # facets
CAPS = [(24, 1), (72, 2)]
PROGRAM = Program.model_validate({
    "brand": {
        "version": 1, "name": "A", "website": "https://a.example", "sender": {"address": "a@a.example", "name": "A"},
        "reply_to": "a@a.example", "postal_address": "Academy, 1 Street", "list_id": "a.example",
        "public_url": "https://e.a.example", "link_domains": ["a.example"], "languages": ["en"], "tone": "",
        "caps": [{"window_hours": hours, "most": most} for hours, most in CAPS],
    },
    "signals": {
        "version": 1,
        "topics": {"seo": {"title": {"en": "Search"}, "keywords": ["maps"]}, "crm": {"title": {"en": "CRM"}}},
        "rules": [
            {"name": "a", "path": "/blog/{topic}/*", "kind": "read", "weight": 0.5},
            {"name": "b", "event": "Took", "kind": "took", "weight": 2, "item_property": "c", "course": "taken"},
            {"name": "c", "event": "Done", "kind": "done", "weight": 2, "item_property": "c", "course": "completed"},
            {"name": "d", "event": "Bought", "kind": "bought", "weight": 3, "topics": ["crm"]},
            {"name": "e", "event": "Tried", "kind": "tried", "weight": 3, "topics": ["seo"]},
            {"name": "f", "event": "No", "kind": "no", "weight": -1, "topics": ["seo"]},
        ],
    },
    "playbooks": [
        {"version": 1, "name": name, "purpose": name, "entry": [entry], "purpose_days": days,
         "experiment": {"name": name, "holdout": 0.3}}
        for name, entry, days in (("buy", "Bought", 0), ("try", "Tried", 1), ("all", "Bought", 3))
    ],
})  # fmt: skip
RULES = compiled(PROGRAM)

said = st.sampled_from(["a", "b", "c d"])
consents = st.fixed_dictionaries(
    {"purpose": st.sampled_from(["marketing", "*", "news"]), "given": st.booleans(), "source": said},
    optional={"text_version": said, "address_key": st.sampled_from([KEY, "k"])},
)
feedback = st.fixed_dictionaries(
    {
        "kind": st.just("feedback"),
        "name": st.just("x"),
        "time_ms": st.integers(NOW - 100 * DAY, NOW),
        "trusted": st.booleans(),
        "feedback": st.fixed_dictionaries(
            {
                "word": st.sampled_from(["delivered", "bounced", "bounced", "opened", "clicked", "unsubscribed"]),
                "message_id": st.sampled_from(["m1", "m2", "m3", "m4"]),
            },
            optional={"bounce_class": st.sampled_from(["soft", "hard", "block"]), "reason": said},
        ),
    }
)
behaviour = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["track", "page", "identify"]),
        "name": st.sampled_from(["Took", "Done", "No", "x"]),
        "time_ms": st.integers(NOW - 1_000 * DAY, NOW + HOUR),
        "trusted": st.booleans(),
    },
    optional={
        "path": st.sampled_from(["/blog/seo/x", "/blog/crm", "/maps", "/"]),
        "title": st.sampled_from(["Maps", "CRM news", "\n"]),
        "language": st.sampled_from(["en", "es"]),
        "timezone": st.sampled_from(["Europe/Madrid", "Asia/Kolkata", "a/b\n", "x" * 65]),
        "country": st.sampled_from(["DE", "ES", "\n\t", "Spain"]),
        "properties": st.fixed_dictionaries({}, optional={"c": said, "role": said, "title": said}),
        "traits": st.fixed_dictionaries({}, optional={"company": said, "firstName": said, "goal": said}),
        "address": st.sampled_from(
            [{"value": "ana@example.com", "key": KEY}, {"value": "eve@example.com", "key": "k"}]
        ),
        "consent": st.lists(consents, max_size=2),
        "bot": st.booleans(),
    },
)
events = behaviour | feedback


def nobody(_person: str) -> None:
    """Nobody is known."""


def pack(events: list[dict[str, Any]], offset: int = 0) -> Input:
    """A pack of these events."""
    return Input("events.clean", 0, offset, NOW, None, orjson.dumps({"v": 1, "events": events}))


def numbered(events: list[dict[str, Any]], person: str = "u:ana") -> list[dict[str, Any]]:
    """The events with ids and coordinates in order."""
    return [
        {"person": person, "received_ms": NOW, **event, "id": f"m-{number}", "at": ["t", 0, number, 0]}
        for number, event in enumerate(events)
    ]


def replaced(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same events as another source partition would carry them."""
    return [{**event, "at": ["t", 1, number, 0]} for number, event in enumerate(events)]


def is_in_order(part: Sequence[Any], whole: Sequence[Any]) -> bool:
    """True if all of the part is in the whole, in its order; others may stand between."""
    rest = iter(whole)
    return all(each in rest for each in part)


def facts(person: Person) -> bytes:
    """What no order of events may change, encoded."""
    kept = {name: getattr(person, name) for name in ORDER_FREE}
    return encode(Person(events=person.events, newest_ms=person.newest_ms, **kept))


def folded(events: list[dict[str, Any]]) -> Person:
    """The person that the events give, by one pack."""
    step = advance([pack(events)] if events else [], {}, Read(nobody), RULES, NOW)
    assert step.rejects == ()
    return decode(step.values["u:ana"]) if step.values else Person()
