"""The stages of the pipeline: the groups they read by, and where they set records aside."""

from dataclasses import dataclass

from schemas.groups import groups_of
from schemas.topics import ASIDE_COMPOSER, ASIDE_CONNECTOR, STAGES, Topic


@dataclass(frozen=True, slots=True)
class Part:
    """A stage: the groups it reads by, and what waits where it sets records aside."""

    name: str
    groups: tuple[tuple[str, tuple[Topic, ...]], ...]
    aside: Topic | None = None


ASIDE = {"composer": ASIDE_COMPOSER, "connector": ASIDE_CONNECTOR}
PARTS = tuple(
    Part(service, tuple((each.name, each.topics) for each in groups_of(service)), ASIDE.get(service))
    for service in STAGES
)
TOPICS = tuple(topic for part in PARTS for _, topics in part.groups for topic in topics)
ASIDES = tuple(ASIDE.values())
