"""Every topic, declared once: event, key, makers, readers, partitions, clean-up and retention."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from pydantic import TypeAdapter

from schemas.aside import Aside
from schemas.clean import Absorb, Pack, Rekey
from schemas.content import PublishedPiece
from schemas.control import SwitchSet
from schemas.control import key_of as switch_key
from schemas.course import Course
from schemas.decision import Decision
from schemas.email import Feedback, OutboundEmail, PrivacyRequest, Suppression
from schemas.ledger import KeptReply
from schemas.mailbox import Answer, Heard, Reserve, Tell, ToHome
from schemas.raw import Call
from schemas.recommendation import Recommendation, RecommendationRequest
from schemas.redriven import Redriven
from schemas.redriven import key_of as redriven_key
from schemas.standing import CourseSignal, StandingRow, row_key
from schemas.vector import CourseVector, vector_key

PREFIX = "kindling"
VERSION = "v1"
DAY_MS = 86_400_000

Partitions: TypeAlias = Literal["P", "any", "one"]


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic; `P` is the shared partition count, by murmur2 of the key; `event` None: bytes only makers read."""

    short: str
    event: Any
    key: Callable[[Any], str | None]
    key_is: str
    makers: tuple[str, ...]
    readers: tuple[str, ...]
    partitions: Partitions
    cleanup: Literal["delete", "compact", "compact,delete"]
    retention_ms: int | None
    what: str

    @property
    def name(self) -> str:
        """The name on the broker: `kindling.<short>.v1`."""
        return f"{PREFIX}.{self.short}.{VERSION}"


def _none(_: object) -> None:
    return None


def _person(event: Any) -> str:
    return str(event.person)


def _person_or_home(event: Any) -> str:
    return str(event.mailbox if isinstance(event, ToHome) else event.person)


def _refusal(event: Suppression) -> str:
    """Purposes are part of the key: else compaction would let a later, narrower refusal replace a wider one."""
    return f"{event.address_key}|{'+'.join(sorted(event.purposes))}"


OUTSIDE = ("outside",)

EVENTS_RAW = Topic(
    "events.raw", Call, _none, "any", ("trackers", "ingest"), ("ingest", "console"), "any", "delete", 7 * DAY_MS,
    "web events: Segment-shaped JSON as trackers write it",
)  # fmt: skip
CONVERSIONS_RAW = Topic(
    "conversions.raw", Call, _none, "any", ("back office", "ingest"), ("ingest", "console"), "any", "delete",
    30 * DAY_MS, "conversions known to servers, same shape, trusted by the topic's ACL",
)  # fmt: skip
EMAIL_FEEDBACK = Topic(
    "email.feedback", Feedback, lambda event: event.person_tag, "any",
    ("connector", "recommender", "composer", "ingest"), ("ingest", "console"), "any", "delete", 30 * DAY_MS,
    "what became of a mail, or that none was sent",
)  # fmt: skip
PRIVACY_REQUESTS = Topic(
    "privacy.requests", PrivacyRequest, _none, "any", ("back office", "ingest"), ("ingest", "console"), "any",
    "delete", 30 * DAY_MS, "erase, export, opt out, lift",
)  # fmt: skip
EVENTS_CLEAN = Topic(
    "events.clean", Pack, _none, "none; explicit partition = murmur2(person) mod P", ("ingest",),
    ("profile", "console"), "P", "delete", 3 * DAY_MS,
    "packs: up to 200 accepted events of persons of one partition, with coordinates",
)  # fmt: skip
PROFILE_SELF = Topic(
    "profile.self", Absorb | Rekey | Reserve | Tell | Answer | Heard, _person_or_home, "person, or m: and address key",
    ("profile",), ("profile", "console"), "P", "delete", 3 * DAY_MS,
    "states to absorb after a link, late events to re-key; between persons and the home of their mailbox",
)  # fmt: skip
PROFILE_CHANGELOG = Topic(
    "profile.changelog", None, _none, "person", ("profile",), ("profile", "console"), "P", "compact", None,
    "one value per person, and the checkpoint of each partition",
)  # fmt: skip
RECOMMENDATION_REQUESTS = Topic(
    "recommendation.requests", RecommendationRequest, _person, "person", ("profile",), ("recommender", "console"), "P",
    "delete", 3 * DAY_MS, "trigger, decision id, arm, profile snapshot, recipient",
)  # fmt: skip
RECOMMENDATIONS = Topic(
    "recommendations", Recommendation, lambda event: event.request.person, "person",
    ("recommender",), ("composer", "console"), "P", "delete", 3 * DAY_MS,
    "the request, chosen course, candidates, evidence, rungs",
)  # fmt: skip
EMAIL_OUTBOUND = Topic(
    "email.outbound", OutboundEmail, _person, "person", ("composer",), ("connector", "console"), "P", "delete",
    7 * DAY_MS, "one record = one finished email: the public contract",
)  # fmt: skip
EMAIL_SUPPRESSIONS = Topic(
    "email.suppressions", Suppression, _refusal, "HMAC(address), purposes", ("ingest", "profile"),
    ("composer", "connector", "console"), "P", "compact", None, "purposes refused, why, when",
)  # fmt: skip
CATALOG_COURSES = Topic(
    "catalog.courses", Course, lambda event: event.id, "course id", ("import command",), ("recommender",), "P",
    "compact", None, "the catalogue; a tombstone withdraws a course",
)  # fmt: skip
CATALOG_CONTENT = Topic(
    "catalog.content", PublishedPiece, lambda event: event.id, "content id", ("content import", "ingest"),
    ("profile",), "P", "compact", None, "what the business itself publishes; a tombstone withdraws a piece",
)  # fmt: skip
CATALOG_VECTORS = Topic(
    "catalog.vectors", CourseVector, vector_key, "course id, embedder", ("recommender",), ("recommender",), "P",
    "compact", None, "a course's text as a vector: embedded once, read by every replica",
)  # fmt: skip
COURSES_SIGNALS = Topic(
    "courses.signals", CourseSignal, lambda event: event.course_id, "course id", ("profile",), ("recommender",), "one",
    "delete", 30 * DAY_MS, "a course was taken, after which ones; or what became of a mail. No person is in it",
)  # fmt: skip
CATALOG_STANDING = Topic(
    "catalog.standing", StandingRow, row_key, "course id, or topic", ("recommender",), ("recommender",), "one",
    "compact", None, "what everybody's behaviour says of a course: popularity, partners, topic counts, outcomes",
)  # fmt: skip
LLM_REPLIES = Topic(
    "llm.replies", KeptReply, lambda event: event.key, "content hash; explicit partition of its request",
    ("recommender", "composer"), ("recommender", "composer", "console"), "P", "delete", 3 * DAY_MS,
    "an answer of a model is here, acked, before it is used: a redo pays nothing",
)  # fmt: skip
DECISIONS = Topic(
    "decisions", Decision, lambda event: f"{event.person}|{event.decision_id}", "person, decision",
    ("profile", "recommender", "composer", "operator"), ("console",), "P", "compact,delete", 90 * DAY_MS,
    "one record with everything that led to a mail, or to none",
)  # fmt: skip
CONTROL = Topic(
    "control", SwitchSet, switch_key, "the switch's name", ("operator",), ("composer", "connector", "console"), "one",
    "compact", None, "the operator's switches: mail is paused, or goes",
)  # fmt: skip
REDRIVEN = Topic(
    "redriven", Redriven, redriven_key, "stage, partition, offset of the dead letter", ("operator",), ("operator",),
    "one", "compact,delete", 60 * DAY_MS, "dead letters that were sent back: none is sent back twice",
)  # fmt: skip

SPARED: Mapping[str, tuple[Topic, ...]] = {"profile": (CATALOG_CONTENT,)}
"""By service, the topics of its card without which it works: it begins although they are missing, and says so."""

STAMPED = (EVENTS_RAW, CONVERSIONS_RAW, EMAIL_FEEDBACK, PRIVACY_REQUESTS)
"""What comes from outside is dated by the broker: when it was received is nobody else's to say."""


def dead_letters(stage: str) -> Topic:
    """The DLQ of a stage: original key and bytes untouched, the cause in headers."""
    return Topic(
        f"dlq.{stage}", None, _none, "original key", (stage,), ("operator", "console"), "any", "delete", 30 * DAY_MS,
        f"what {stage} could not take",
    )  # fmt: skip


def aside(stage: str, *others: str) -> Topic:
    """What a stage has set aside until a time; `others` read it too."""
    return Topic(
        f"aside.{stage}", Aside, lambda event: event.key,
        "topic, partition, offset of the record; explicit partition = its own", (stage,), (stage, *others), "P",
        "compact", None, "a pointer to a record that waits: due time, tries by reason; tombstoned at its end",
    )  # fmt: skip


def card_of(service: str) -> tuple[Topic, ...]:
    """The topics a service reads or writes, as its card names them, in the order of the table."""
    return tuple(topic for topic in ALL if service in {*topic.makers, *topic.readers})


STAGES = ("ingest", "profile", "recommender", "composer", "connector")
ASIDE_COMPOSER, ASIDE_CONNECTOR = aside("composer", "console"), aside("connector", "console")
ALL: tuple[Topic, ...] = (
    EVENTS_RAW,
    CONVERSIONS_RAW,
    EMAIL_FEEDBACK,
    PRIVACY_REQUESTS,
    EVENTS_CLEAN,
    PROFILE_SELF,
    PROFILE_CHANGELOG,
    RECOMMENDATION_REQUESTS,
    RECOMMENDATIONS,
    EMAIL_OUTBOUND,
    EMAIL_SUPPRESSIONS,
    CATALOG_COURSES,
    CATALOG_CONTENT,
    CATALOG_VECTORS,
    COURSES_SIGNALS,
    CATALOG_STANDING,
    LLM_REPLIES,
    DECISIONS,
    CONTROL,
    REDRIVEN,
    ASIDE_COMPOSER,
    ASIDE_CONNECTOR,
    *(dead_letters(stage) for stage in STAGES),
)
BY_SHORT: dict[str, Topic] = {topic.short: topic for topic in ALL}
BY_NAME: dict[str, Topic] = {topic.name: topic for topic in ALL}
ADAPTERS: dict[str, TypeAdapter[Any]] = {
    topic.short: TypeAdapter(topic.event) for topic in ALL if topic.event is not None
}
