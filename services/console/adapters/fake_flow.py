"""A broker's word on the pipeline, for tests."""

from collections.abc import Iterable

from services.console.core.flow import Sample
from services.runtime.outcome import Unavailable


class FakeFlow:
    """Gives its samples one after the other, the last for ever; without any the broker is away."""

    def __init__(self, samples: Iterable[Sample] = ()) -> None:
        self.samples = list(samples)
        self.asked = 0
        self.is_stopped = False

    async def sample(self) -> Sample:
        """The next.

        Raises:
            Unavailable: there is none.
        """
        self.asked += 1
        if not self.samples:
            raise Unavailable("Kafka does not answer at nowhere:1")
        return self.samples.pop(0) if len(self.samples) > 1 else self.samples[0]

    async def stop(self) -> None:
        """Remember."""
        self.is_stopped = True
