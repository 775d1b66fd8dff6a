"""What the person's page asks: what is stored of one person now, and the file of all that is held of them."""

from collections.abc import AsyncIterator

from schemas.topics import PROFILE_CHANGELOG
from services.console.core.present import Present, present
from services.console.core.subject import stored_of
from services.console.holdings.finding import KafkaHoldings
from services.console.holdings.naming import subject_named
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_scan import Scanner
from services.runtime.outcome import Misconfigured


class ShownHoldings:
    """Over the topics. `secret` is the installation's."""

    def __init__(self, kafka: Kafka, secret: bytes) -> None:
        self._kafka, self._secret = kafka, secret

    async def present(self, person: str) -> Present | None:
        """What is stored of the person whom this key leads to by its links; the partitions of these alone are read.

        Raises:
            Unavailable: Kafka is away, or has no such topic.
        """
        found: Present | None = None
        seen, following = set[str](), person
        async with Scanner(self._kafka, _progress) as scanner:
            while following not in seen:
                seen.add(following)
                raw: bytes | None = None
                async for record in scanner.records(PROFILE_CHANGELOG, [following.encode()]):
                    if record.key == following.encode():
                        raw = record.value
                if raw is None:
                    break
                found, stored = present(person, following, raw), stored_of(raw)
                following = following if stored is None or stored.forward is None else stored.forward
        return found

    async def export(self, person: str) -> AsyncIterator[bytes]:
        """The lines of the person's export.

        Raises:
            Misconfigured: the key is none.
            Unavailable: Kafka is away, or has no such topic.
        """
        subject = subject_named(person, self._secret)
        if subject is None:
            raise Misconfigured("expected a person as u:, a: or e: and an id")
        async for line in KafkaHoldings(self._kafka, _progress).export(subject):
            yield line


def _progress(_: str) -> None:
    """A browser shows how much has come; a log is not for it."""
