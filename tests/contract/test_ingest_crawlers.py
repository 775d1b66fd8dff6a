"""A list of crawlers knows crawlers, and no browser; the list of the library and the fake alike."""

import pytest

from services.ingest.adapters.crawler_list import CrawlerList
from services.ingest.adapters.fake_crawlers import KNOWN, FakeCrawlers
from services.ingest.core.bots import Listed


@pytest.fixture(params=[CrawlerList, FakeCrawlers])
def listed(request: pytest.FixtureRequest) -> Listed:
    """Each list in turn."""
    made: Listed = request.param()
    return made


@pytest.mark.parametrize("name", KNOWN)
def test_a_crawler_is_known_by_its_name(listed: Listed, name: str) -> None:
    """Wherever in the agent it stands."""
    assert listed(f"Mozilla/5.0 (compatible; {name}/1.0)") is True
    assert listed(f"{name}/8.1") is True


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0",
        "CUBOT_P30",
        "é\U0001f600",
        "x" * 500,
    ],
)
def test_what_names_no_crawler_is_none(listed: Listed, agent: str) -> None:
    """A browser, a phone, nothing, any text."""
    assert listed(agent) is False
