"""What the console asks of its archive, and of what runs at Kafka."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, TypeVar

from schemas.decision import Decision
from schemas.email import Feedback, OutboundEmail
from schemas.replay import Case
from services.console.core.flow import Sample
from services.console.core.present import Present
from services.console.core.query import Query
from services.console.core.values import Act, Choice, Dossier, Found, Row

T = TypeVar("T")


class Stages(Protocol):
    """The stages of a decision, as they replay it."""

    async def replay(
        self, stages: Sequence[str], words: Sequence[str], cases: Iterable[Case], take: Callable[[Case], None]
    ) -> None:
        """Each case as the stages leave it one after another, in the same order, handed to `take` as soon as it is.

        Cases are asked for as they are needed. Raises `Misconfigured` or `Unavailable`, behind those that were taken.
        """
        ...


class Archive(Protocol):
    """All decisions, mails and feedback. Order-free: a record may come before what it belongs to, or twice."""

    def together(self) -> AbstractContextManager[None]:
        """What is put in the block is kept whole, or not at all."""
        ...

    def put_decision(self, decision: Decision) -> None:
        """Keep the decision; of one id the last stands."""
        ...

    def put_mail(self, mail: OutboundEmail) -> None:
        """Keep the mail, unless its decision was forgotten."""
        ...

    def put_feedback(self, feedback: Feedback) -> None:
        """Keep the feedback; of one id the first stands."""
        ...

    def forget(self, decision_id: str) -> None:
        """Drop the decision and all that belongs to it, also what comes after."""
        ...

    def find(self, query: Query) -> Found:
        """The page of the query, newest first."""
        ...

    def choices(self, kind: str, most: int) -> tuple[Choice, ...]:
        """The values of course, topic, rung, playbook, arm or ending that most decisions have, most first."""
        ...

    def acts(self, since: datetime) -> tuple[Act, ...]:
        """What happened since, in any order; up to five minutes before it may be among it."""
        ...

    def between(self, since: datetime, until: datetime, limit: int) -> tuple[str, ...]:
        """Ids of the newest decisions that ended from `since` to before `until`, newest first."""
        ...

    def of_person(self, person: str, limit: int) -> tuple[Row, ...]:
        """The newest decisions of exactly this person, newest first."""
        ...

    def dossier(self, decision_id: str) -> Dossier | None:
        """All of one decision."""
        ...


class Holdings(Protocol):
    """What is held of somebody, wherever it is."""

    async def present(self, person: str) -> Present | None:
        """What is stored of the person whom this key leads to by its links; None where nothing is.

        Raises `Unavailable` where it cannot be read.
        """
        ...

    def export(self, person: str) -> AsyncIterator[bytes]:
        """All that is held of them, line by line; the last line says that it is whole.

        Raises `Misconfigured` where the key is none, before the first line; `Unavailable` where it cannot be read.
        """
        ...


class Desk(Protocol):
    """Asks the archive where it lives: a call that takes its time holds up nobody else."""

    def ask(self, act: Callable[[Archive], T]) -> Awaitable[T]:
        """What the act gives, done with the archive."""
        ...


class Flow(Protocol):
    """What the broker says of the pipeline."""

    async def sample(self) -> Sample:
        """What is so now. Raises `Unavailable` where no broker answers in time."""
        ...

    async def stop(self) -> None:
        """Disconnect."""
        ...
