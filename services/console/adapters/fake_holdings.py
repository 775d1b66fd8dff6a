"""What is held of persons, for tests."""

from collections.abc import AsyncIterator, Mapping

from services.console.core.present import Present, present
from services.runtime.outcome import Misconfigured, Unavailable


class FakeHoldings:
    """Values by person; an export is a line a person. Breaks off where it is told to."""

    def __init__(self, values: Mapping[str, bytes] | None = None) -> None:
        self.values = {} if values is None else {**values}
        self.is_away = False
        self.breaks_after: int | None = None

    async def present(self, person: str) -> Present | None:
        """As it was given.

        Raises:
            Unavailable: it is to be away.
        """
        if self.is_away:
            raise Unavailable("Kafka does not answer at nowhere:1")
        raw = self.values.get(person)
        return None if raw is None else present(person, person, raw)

    async def export(self, person: str) -> AsyncIterator[bytes]:
        """Two lines.

        Raises:
            Misconfigured: nobody is named.
            Unavailable: it is to be away, from the beginning or in the middle.
        """
        if not person[2:]:
            raise Misconfigured("expected a person")
        for number, line in enumerate((b'{"line":"export"}\n', b'{"line":"end"}\n')):
            if self.is_away or number == self.breaks_after:
                raise Unavailable("Kafka does not answer at nowhere:1")
            yield line
