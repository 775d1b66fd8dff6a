"""A story's steps as calls in Segment's shape: what a tracker in a browser, or a server, would send."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deploy.local.story import Lead, Step

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@dataclass(frozen=True, slots=True)
class Sent:
    """One call of one lead, as often as the story repeats it."""

    lead: Lead
    step: Step
    call: dict[str, Any]

    @property
    def is_conversion(self) -> bool:
        """True for what a server knows."""
        return self.step.do == "conversion"


def calls_of(lead: Lead, part: int, run: str, now: datetime, website: str) -> list[Sent]:
    """The lead's calls of one part in the order they are sent; late ones last."""
    numbered = [(number, step) for number, step in enumerate(lead.steps) if step.part == part]
    in_order = sorted(numbered, key=lambda pair: pair[1].late)
    return [
        Sent(lead, step, call_of(lead, step, f"{run}-{lead.name.lower()}-{number}", now, website))
        for number, step in in_order
        if step.do != "unsubscribe"
        for _ in range(step.repeat)
    ]


def call_of(lead: Lead, step: Step, message_id: str, now: datetime, website: str) -> dict[str, Any]:
    """One call; `message_id` is the same for a repeat."""
    call: dict[str, Any] = {
        "type": "track" if step.do == "conversion" else step.do,
        "messageId": message_id,
        "timestamp": (now - step.ago).isoformat().replace("+00:00", "Z"),
        "context": _context(step, website),
    }
    if step.do != "conversion":
        call["anonymousId"] = lead.anonymous_id
    if lead.user_id and not step.anonymous:
        call["userId"] = lead.user_id
    if step.do == "identify":
        return {**call, "traits": step.traits}
    properties = dict(step.properties)
    if step.do == "page":
        properties |= {"path": step.path, "url": website + (step.path or "/"), "title": step.title}
        return {**call, "name": step.title, "properties": properties}
    call |= {"event": step.event, "properties": properties}
    if step.traits:
        call["context"]["traits"] = step.traits
    return call


def _context(step: Step, website: str) -> dict[str, Any]:
    if step.do == "conversion":
        return {"library": {"name": "back-office", "version": "1"}}
    page = {"path": step.path, "url": website + (step.path or "/"), "title": step.title}
    library = {"name": "analytics.js", "version": "next-1.84.0"}
    return {"library": library, "userAgent": AGENT, **({"page": page} if step.path else {})}
