"""A mail server in memory: takes every letter, unless it was told how to answer a recipient."""

from collections.abc import Callable

from services.connector.core.values import Accepted, Answer, Away, Barred, Declined, Held, Letter, Lost
from services.connector.ports import MayBegin


class FakeMailer:
    """`answers` by recipient; `sent` holds what was taken, in order. `meanwhile` happens before a content begins."""

    def __init__(self, answers: dict[str, Answer] | None = None) -> None:
        self.answers = answers or {}
        self.sent: list[Letter] = []
        self.meanwhile: Callable[[], object] = lambda: None

    async def probe(self) -> Away | Barred | None:
        """It lets everybody in."""
        return None

    async def send(self, letter: Letter, may_begin: MayBegin) -> Answer:
        """The answer set for the recipient, or taken."""
        answer = self.answers.get(letter.recipient, Accepted())
        if not _has_content(answer):
            return answer
        self.meanwhile()
        if not await may_begin():
            return Held()
        if isinstance(answer, Accepted):
            self.sent.append(letter)
        return answer


def _has_content(answer: Answer) -> bool:
    """True of an answer that a server gives to the content."""
    return isinstance(answer, Accepted | Lost) or (isinstance(answer, Declined) and answer.stage == "content")
