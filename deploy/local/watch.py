"""What the demo sees on the topics: where each conversion stands, and with what it ended."""

import time
from dataclasses import dataclass, field
from typing import Any

from deploy.local.story import Lead
from schemas.topics import DECISIONS, EMAIL_FEEDBACK, EMAIL_OUTBOUND, RECOMMENDATION_REQUESTS, RECOMMENDATIONS
from services.runtime.outcome import Message

TOPICS = (RECOMMENDATION_REQUESTS, RECOMMENDATIONS, DECISIONS, EMAIL_OUTBOUND, EMAIL_FEEDBACK)
STAGES = {RECOMMENDATION_REQUESTS.short: "asked", RECOMMENDATIONS.short: "chosen", EMAIL_OUTBOUND.short: "composed"}


@dataclass(slots=True)
class Conversion:
    """One conversion of one lead, and how far it has come."""

    lead: Lead
    event_id: str
    expected: str
    stage: str = "sent"
    end: str | None = None
    began_s: float = field(default_factory=time.monotonic)
    ended_s: float | None = None
    decision: Any = None
    email: Any = None
    is_delivered: bool = False

    @property
    def is_surprise(self) -> bool:
        """True if it ended as the story does not say, or not at all; an email also by its topic."""
        is_lost = self.end == "email" and (self.email is None or not self.is_delivered)
        return self.end != self.expected or is_lost or self.is_off_topic

    @property
    def is_off_topic(self) -> bool:
        """True for an email about a course without the topic that the story says."""
        if self.end != "email" or self.lead.topic is None:
            return False
        course = None if self.decision is None else self.decision.course
        return course is None or self.lead.topic not in course.topics

    @property
    def is_waiting(self) -> bool:
        """True where a decision said no more than: later."""
        return self.decision is not None and self.decision.ending == "waiting"

    @property
    def is_over(self) -> bool:
        """True if nothing more is to come: an email has also reached the mailbox."""
        return self.end is not None and (self.end != "email" or self.is_delivered)

    @property
    def seconds(self) -> float:
        """How long it took, or has taken so far."""
        return (self.ended_s or time.monotonic()) - self.began_s


class Watch:
    """Fed by a view over the topics; order holds within a partition only: a delivery may be seen before its request."""

    def __init__(self) -> None:
        self.conversions: dict[str, Conversion] = {}
        self._by_decision: dict[str, Conversion] = {}
        self._emails: dict[str, Any] = {}
        self._delivered: set[str] = set()
        self.strangers: list[str] = []

    def expect(self, conversion: Conversion) -> None:
        """Wait for the end of a conversion from now on."""
        self.conversions[conversion.event_id] = conversion

    def apply(self, message: Message) -> None:
        """Take one record."""
        event = message.event
        if event is None:
            return
        match message.topic.short:
            case RECOMMENDATION_REQUESTS.short:
                self._step(message.topic.short, event.trigger.event_id, event.decision_id)
            case RECOMMENDATIONS.short:
                self._step(message.topic.short, event.request.trigger.event_id, event.request.decision_id)
            case DECISIONS.short:
                self._decided(event)
            case EMAIL_OUTBOUND.short:
                self._emails[event.decision_id] = event
                self._join(event.decision_id)
            case _:
                if event.word == "delivered":
                    self._delivered.add(str(event.decision_id))
                    self._join(str(event.decision_id))

    def _join(self, decision_id: str) -> None:
        if (conversion := self._by_decision.get(decision_id)) is not None:
            conversion.email = self._emails.get(decision_id, conversion.email)
            conversion.is_delivered = conversion.is_delivered or decision_id in self._delivered

    def _step(self, short: str, event_id: str, decision_id: str) -> None:
        conversion = self.conversions.get(event_id)
        if conversion is None:
            self.strangers.append(event_id)
            return
        self._by_decision[decision_id] = conversion
        self._join(decision_id)
        if conversion.end is None:
            conversion.stage = STAGES[short]

    def _decided(self, decision: Any) -> None:
        conversion = self.conversions.get(decision.trigger.event_id)
        if conversion is None:
            self.strangers.append(decision.trigger.event_id)
            return
        self._by_decision[decision.decision_id] = conversion
        self._join(decision.decision_id)
        conversion.end = "email" if decision.ending == "sent" else decision.reason
        conversion.stage = decision.ending
        conversion.decision = decision
        conversion.ended_s = time.monotonic()
