"""What sites said, in memory: for tests."""

from datetime import datetime

from schemas.company import Company
from services.runtime.outcome import Unavailable


class FakeCompanyCache:
    """A verified fake of the cache; told to be away, it is."""

    def __init__(self, most: int = 100) -> None:
        self.is_away = False
        self._most, self._rows = most, dict[str, tuple[datetime, Company]]()

    async def get(self, key: str, now: datetime) -> Company | None:
        """What is known under the key, if its time is not up."""
        self._reach()
        until, company = self._rows.get(key, (now, None))
        return company if until > now else None

    async def put(self, key: str, company: Company, until: datetime) -> None:
        """Keep it until then, in place of what was there."""
        self._reach()
        self._rows[key] = (until, company)
        for each in sorted(self._rows, key=lambda each: self._rows[each][0])[: max(0, len(self._rows) - self._most)]:
            del self._rows[each]

    def close(self) -> None:
        """Nothing is held."""

    def _reach(self) -> None:
        if self.is_away:
            raise Unavailable("company cache: away")
