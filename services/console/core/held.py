"""What is held back, as the topics of pointers and of switches say."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from schemas.aside import Aside
from schemas.control import MAIL, Standing, SwitchSet, standing_after
from schemas.topics import Topic


@dataclass(slots=True)
class Held:
    """What is held back: since when each record waits that a stage has set aside, and all mail where it is paused."""

    since: dict[str, dict[str, datetime]] = field(default_factory=dict)
    mail: Standing = field(default_factory=Standing)

    def put(self, topic: Topic, pointer: Aside) -> None:
        """A record waits."""
        self.since.setdefault(topic.short, {})[pointer.key] = pointer.since

    def drop(self, topic: Topic, key: str) -> None:
        """It waits no longer."""
        self.since.get(topic.short, {}).pop(key, None)

    def switch(self, key: bytes | None, said: SwitchSet | str | None) -> None:
        """What a record of the operator's switches says, or why nobody can read it."""
        self.mail = standing_after(self.mail, MAIL, key, said)

    @property
    def paused(self) -> str:
        """By whom mail is paused and why, "" where it goes."""
        said = self.mail.said
        if not self.mail.is_paused:
            return ""
        if said is None:
            return "The operator's switch cannot be read, so mail is held: set it anew."
        return f"By {said.by}, since {said.at.astimezone(UTC):%H:%M UTC on %-d %B}{': ' if said.why else ''}{said.why}"
