"""Reads the front page of a site: rules for robots first, redirects within the domain, text out of a bounded child."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from services.recommender.adapters.company.bounded import BOUNDS, Bounds, run_bounded
from services.recommender.adapters.company.site_fetcher import AGENT, Fetched, Fetching, SiteFetcher
from services.recommender.core.company.pages import is_html, page_of
from services.recommender.core.company.sites import doors
from services.recommender.core.company.urls import Url, followed, robots_of
from services.recommender.core.company.values import READ_S, NoPage, Page, Site, Why

PAGE_BYTES = 2_000_000  # decompressed, and on the wire
ROBOTS_BYTES = 512_000  # RFC 9309, 2.5: at least 500 kibibytes are parsed; the rest is as if it were not there
MOST_REDIRECTS = 5
VISITS = 8  # at once, with as many children at most
REDIRECTS = frozenset({301, 302, 303, 307, 308})
NEXT_DOOR = frozenset({Why.DNS, Why.UNREACHABLE})
PAGE_CHILD = Path(__file__).with_name("page_child.py")
ROBOTS_CHILD = Path(__file__).with_name("robots_child.py")


@dataclass(slots=True)
class SiteReader:
    """Reads one page a visit; every trouble is a reason, none is raised."""

    fetcher: SiteFetcher
    registrable: Callable[[str], str | None]
    bounds: Bounds = BOUNDS
    _visits: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(VISITS))

    async def read(self, site: Site, *, within_s: float) -> Page | NoPage:
        """The text of the site's front page, or why there is none, within so many seconds and ten."""
        try:
            async with asyncio.timeout(min(within_s, READ_S)), self._visits, self.fetcher.visit() as visit:
                found: Page | NoPage = NoPage(Why.NO_SITE)
                for door in doors(site):
                    found = await self._walk(door, visit)
                    if isinstance(found, Page) or found.why not in NEXT_DOOR:
                        break
                return found
        except TimeoutError:
            return NoPage(Why.TIMEOUT, f"not within {min(within_s, READ_S):.1f} s")

    async def _walk(self, url: Url, visit: Fetching) -> Page | NoPage:
        """Follow the redirects of a page to its end, asking each origin's rules before each step."""
        rules: dict[str, bytes] = {}
        seen: set[Url] = set()
        while url not in seen and len(seen) <= MOST_REDIRECTS:
            seen.add(url)
            if (barred := await self._barred(url, rules, visit)) is not None:
                return barred
            fetched = await visit.get(url, PAGE_BYTES)
            if isinstance(fetched, NoPage):
                return fetched
            if fetched.status not in REDIRECTS:
                return await self._page(fetched)
            target = followed(url, fetched.location, self.registrable)
            if isinstance(target, Why):
                return NoPage(target, "a redirect")
            url = target
        return NoPage(Why.REDIRECTS, f"{len(seen)} of them")

    async def _page(self, fetched: Fetched) -> Page | NoPage:
        if fetched.status != HTTPStatus.OK:
            return NoPage(Why.STATUS, str(fetched.status))
        if not is_html(fetched.content_type, fetched.body):
            return NoPage(Why.NOT_HTML, fetched.content_type[:80])
        if not fetched.is_whole:
            return NoPage(Why.TOO_LARGE, f"over {PAGE_BYTES} bytes")
        extracted = await run_bounded(PAGE_CHILD, (fetched.charset[:40],), fetched.body, self.bounds)
        return page_of(extracted, fetched.robots_tag)

    async def _barred(self, url: Url, rules: dict[str, bytes], visit: Fetching) -> NoPage | None:
        """Why the URL is not to be fetched, by the rules of its origin; None where it may be."""
        if url.origin not in rules:
            found = await self._rules(url, visit)
            if isinstance(found, NoPage):
                return found
            rules[url.origin] = found
        if not rules[url.origin].strip():
            return None
        answer = await run_bounded(ROBOTS_CHILD, (AGENT, str(url)), rules[url.origin], self.bounds)
        if answer is None:
            return NoPage(Why.ROBOTS_UNREACHABLE, "its rules could not be read")
        return None if answer == b"1" else NoPage(Why.ROBOTS)

    async def _rules(self, url: Url, visit: Fetching) -> bytes | NoPage:
        """The rules of an origin: empty where it has none; a server in trouble forbids all (RFC 9309, 2.3.1)."""
        at = robots_of(url)
        for _ in range(MOST_REDIRECTS + 1):
            fetched = await visit.get(at, ROBOTS_BYTES)
            if isinstance(fetched, NoPage):
                return fetched
            if fetched.status not in REDIRECTS:
                return _rules_of(fetched)
            target = followed(at, fetched.location, self.registrable)
            if isinstance(target, Why):
                return NoPage(Why.ROBOTS_UNREACHABLE, f"redirect: {target}")
            at = target
        return NoPage(Why.ROBOTS_UNREACHABLE, "too many redirects")


def _rules_of(fetched: Fetched) -> bytes | NoPage:
    if fetched.status >= HTTPStatus.INTERNAL_SERVER_ERROR or fetched.status == HTTPStatus.TOO_MANY_REQUESTS:
        return NoPage(Why.ROBOTS_UNREACHABLE, f"status {fetched.status}")
    return fetched.body if fetched.status == HTTPStatus.OK else b""
