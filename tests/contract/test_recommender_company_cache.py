"""What a company cache does, the same for the fake and the SQLite file; and what the file survives."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from schemas.company import Company
from services.recommender.adapters.company.cache import SqliteCompanyCache
from services.recommender.adapters.company.fake_cache import FakeCompanyCache
from services.recommender.ports import CompanyCache
from services.runtime.outcome import Misconfigured, Unavailable

NOW = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
MOST = 5


def _company(reason: str) -> Company:
    return Company(rung="none", reason=reason, site="acme.com")


@pytest.fixture(params=["fake", "sqlite"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CompanyCache]:
    """Each cache, of five rows."""
    made: CompanyCache = FakeCompanyCache(MOST)
    if request.param == "sqlite":
        made = SqliteCompanyCache(tmp_path / "new folder" / "company.sqlite", MOST)
    yield made
    made.close()


async def test_row_is_known_until_its_time(cache: CompanyCache) -> None:
    """At the very instant it is no longer."""
    await cache.put("a", _company("dns"), NOW + HOUR)
    assert await cache.get("a", NOW) == _company("dns")
    assert await cache.get("a", NOW + HOUR) is None
    assert await cache.get("b", NOW) is None


async def test_newer_row_takes_the_place_of_the_older(cache: CompanyCache) -> None:
    """There is one for a key."""
    await cache.put("a", _company("dns"), NOW + HOUR)
    await cache.put("a", _company("parked"), NOW + 2 * HOUR)
    assert await cache.get("a", NOW + HOUR) == _company("parked")


async def test_rows_nearest_their_end_make_room(cache: CompanyCache) -> None:
    """However many sites there are, the cache stays as large as it was told."""
    for hours in range(1, 9):
        await cache.put(f"k{hours}", _company("dns"), NOW + hours * HOUR)
    kept = [hours for hours in range(1, 9) if await cache.get(f"k{hours}", NOW) is not None]
    assert kept == [4, 5, 6, 7, 8]


async def test_file_outlives_its_process_and_is_shared(tmp_path: Path) -> None:
    """What one has read, the other knows, and so does who starts later."""
    one, other = (SqliteCompanyCache(tmp_path / "c.sqlite") for _ in range(2))
    await one.put("a", _company("dns"), NOW + HOUR)
    assert await other.get("a", NOW) == _company("dns")
    one.close()
    other.close()
    later = SqliteCompanyCache(tmp_path / "c.sqlite")
    assert await later.get("a", NOW) == _company("dns")
    later.close()


async def test_broken_file_is_made_anew(tmp_path: Path) -> None:
    """It is a cache: what it held is read again."""
    path = tmp_path / "c.sqlite"
    path.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    cache = SqliteCompanyCache(path)
    await cache.put("a", _company("dns"), NOW + HOUR)
    assert await cache.get("a", NOW) == _company("dns")
    cache.close()


def test_place_that_cannot_be_written_is_the_operators_fault(tmp_path: Path) -> None:
    """The message names the setting."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="KINDLING_RECOMMENDER_COMPANY_CACHE"):
        SqliteCompanyCache(tmp_path / "file" / "c.sqlite")
    with pytest.raises(Misconfigured, match="KINDLING_RECOMMENDER_COMPANY_CACHE"):
        SqliteCompanyCache(tmp_path)


async def test_file_that_fails_is_unavailable(tmp_path: Path) -> None:
    """Whoever asks goes without; so it is with a row of another make."""
    cache = SqliteCompanyCache(tmp_path / "c.sqlite")
    cache._rows.execute("INSERT INTO company VALUES ('odd', ?, '{}')", ((NOW + HOUR).timestamp(),))
    with pytest.raises(Unavailable):
        await cache.get("odd", NOW)
    cache._rows.execute("DROP TABLE company")
    with pytest.raises(Unavailable):
        await cache.get("a", NOW)
    with pytest.raises(Unavailable):
        await cache.put("a", _company("dns"), NOW)
    cache.close()
