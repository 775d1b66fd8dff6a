"""A mail server in memory: takes every letter, unless it was told how to answer a recipient."""

from services.connector.core.values import Accepted, Answer, Away, Barred, Letter


class FakeMailer:
    """`answers` by recipient; `sent` holds what was taken, in order."""

    def __init__(self, answers: dict[str, Answer] | None = None) -> None:
        self.answers = answers or {}
        self.sent: list[Letter] = []

    async def probe(self) -> Away | Barred | None:
        """It lets everybody in."""
        return None

    async def send(self, letter: Letter) -> Answer:
        """The answer set for the recipient, or taken."""
        answer = self.answers.get(letter.recipient, Accepted())
        if isinstance(answer, Accepted):
            self.sent.append(letter)
        return answer
