"""The stages of the pipeline: the groups they read by, and where they set records aside."""

from dataclasses import dataclass

from schemas.topics import (
    ASIDE_COMPOSER,
    ASIDE_CONNECTOR,
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
class Part:
    """A stage: the groups it reads by, and what waits where it sets records aside."""

    name: str
    groups: tuple[tuple[str, tuple[Topic, ...]], ...]
    aside: Topic | None = None


PARTS = (
    Part("ingest", (("ingest", (EVENTS_RAW, CONVERSIONS_RAW, EMAIL_FEEDBACK, PRIVACY_REQUESTS)),)),
    Part("profile", (("profile", (EVENTS_CLEAN, PROFILE_SELF)),)),
    Part(
        "recommender",
        (
            ("kindling.recommender", (RECOMMENDATION_REQUESTS,)),
            ("kindling.recommender.standing", (COURSES_SIGNALS,)),
        ),
    ),
    Part("composer", (("kindling.composer", (RECOMMENDATIONS,)),), ASIDE_COMPOSER),
    Part("connector", (("kindling.connector", (EMAIL_OUTBOUND,)),), ASIDE_CONNECTOR),
)
TOPICS = tuple(topic for part in PARTS for _, topics in part.groups for topic in topics)
ASIDES = (ASIDE_COMPOSER, ASIDE_CONNECTOR)
