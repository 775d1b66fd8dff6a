"""SNS in memory: certificates by their addresses, and the addresses that were confirmed. Verified by the same suite."""

from services.runtime.outcome import Unavailable


class FakeSns:
    """Answers what a test gives it; `is_away` makes it refuse, as where Amazon is not reached."""

    def __init__(self) -> None:
        self.certificates: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.confirmed: list[str] = []
        self.is_away = False

    async def certificate(self, url: str) -> bytes:
        """The certificate at this address."""
        self.asked.append(url)
        if self.is_away or url not in self.certificates:
            raise Unavailable("SNS is not reached")
        return self.certificates[url]

    async def confirm(self, url: str) -> None:
        """Note that it was confirmed."""
        if self.is_away:
            raise Unavailable("SNS is not reached")
        self.confirmed.append(url)
