"""Every consumer group, declared once: whose it is and what it reads.

Committed offsets stand under a group's name, and transactional ids begin with it: who renames one begins anew.
"""

from dataclasses import dataclass

from schemas.topics import (
    CONVERSIONS_RAW,
    COURSES_SIGNALS,
    EMAIL_FEEDBACK,
    EMAIL_OUTBOUND,
    EVENTS_CLEAN,
    EVENTS_RAW,
    PRIVACY_REQUESTS,
    PROFILE_SELF,
    RECOMMENDATION_REQUESTS,
    RECOMMENDATIONS,
    Topic,
)


@dataclass(frozen=True, slots=True)
class ConsumerGroup:
    """One group by its name on the broker; `what` names it to people."""

    name: str
    service: str
    topics: tuple[Topic, ...]
    what: str


INGEST = ConsumerGroup("ingest", "ingest", (EVENTS_RAW, CONVERSIONS_RAW, EMAIL_FEEDBACK, PRIVACY_REQUESTS), "ingest")
PROFILE = ConsumerGroup("profile", "profile", (EVENTS_CLEAN, PROFILE_SELF), "profile")
RECOMMENDER = ConsumerGroup("kindling.recommender", "recommender", (RECOMMENDATION_REQUESTS,), "recommender")
STANDING = ConsumerGroup(
    "kindling.recommender.standing", "recommender", (COURSES_SIGNALS,), "the course statistics of recommender"
)
COMPOSER = ConsumerGroup("kindling.composer", "composer", (RECOMMENDATIONS,), "composer")
CONNECTOR = ConsumerGroup("kindling.connector", "connector", (EMAIL_OUTBOUND,), "connector")
ALL: tuple[ConsumerGroup, ...] = (INGEST, PROFILE, RECOMMENDER, STANDING, COMPOSER, CONNECTOR)


def groups_of(service: str) -> tuple[ConsumerGroup, ...]:
    """The groups that a service reads by, in the order of the table."""
    return tuple(each for each in ALL if each.service == service)
