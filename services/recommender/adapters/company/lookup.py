"""Knows companies by their sites: from the cache, else reads the page and asks the model what it says, once a site."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from schemas.company import Company
from services.recommender.core.company.extracting import company_question, concluded
from services.recommender.core.company.keeping import KEPT
from services.recommender.core.company.sites import refusal
from services.recommender.core.company.telling import nothing
from services.recommender.core.company.values import READ_S, CompanyRead, NoPage, Site, Why
from services.recommender.core.values import Prompt
from services.recommender.metrics import COMPANIES
from services.recommender.ports import Clock, CompanyCache, Model, PageReader
from services.runtime.metrics import CACHE
from services.runtime.outcome import Unavailable

SHORTEST_S = 1.0  # no site answers in less


@dataclass(slots=True)
class CompanyDesk:
    """Whoever asks for a site that is being read waits for that reading, as long as its own patience lasts."""

    reader: PageReader
    cache: CompanyCache
    model: Model
    clock: Clock
    prompt: Prompt
    registrable: Callable[[str], str | None]
    free_mail: frozenset[str]
    _reading: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def about(self, site: Site, *, within_s: float) -> CompanyRead:
        """What the site says of its business, or why nothing; every trouble is a reason, none is raised."""
        began = self.clock.seconds()
        if (why := refusal(site, self.registrable, self.free_mail)) is not None:
            return _counted(CompanyRead(nothing(site, why)), "request")
        if (known := await self._known(site)) is not None:
            return _counted(CompanyRead(known, (), self._spent(began)), "cache")
        lock = self._reading.setdefault(site.host, asyncio.Lock())
        try:
            async with asyncio.timeout(within_s):
                await lock.acquire()
        except TimeoutError:
            return _counted(CompanyRead(nothing(site, Why.TIMEOUT), (), self._spent(began)), "request")
        try:
            if (known := await self._known(site)) is not None:
                return _counted(CompanyRead(known, (), self._spent(began)), "cache")
            return _counted(await self._read(site, began, within_s), "site")
        finally:
            lock.release()

    async def _read(self, site: Site, began: float, within_s: float) -> CompanyRead:
        left_s = within_s - self._spent(began)
        if left_s < SHORTEST_S:
            return CompanyRead(nothing(site, Why.TIMEOUT), (), self._spent(began))
        page = await self.reader.read(site, within_s=left_s)
        if isinstance(page, NoPage):
            company = nothing(site, page.why)
            if page.why is not Why.TIMEOUT or left_s >= READ_S:  # a short patience says nothing of the site
                await self._keep(site, company, page.why)
            return CompanyRead(company, (), self._spent(began))
        waited_s = self._spent(began)
        ask = company_question(page, self.prompt)
        reply = await self.model.ask(ask, within_s=within_s - waited_s)
        company, asked = concluded(site, page, reply, self.prompt, self.clock.now())
        await self._keep(site, company, Why(company.reason))
        return CompanyRead(company, (asked,), waited_s + reply.duration_s)

    async def _known(self, site: Site) -> Company | None:
        try:
            return await self.cache.get(self._key(site), self.clock.now())
        except Unavailable:
            return None  # without a cache the site is read again

    async def _keep(self, site: Site, company: Company, why: Why) -> None:
        try:
            await self.cache.put(self._key(site), company, self.clock.now() + KEPT[why])
        except Unavailable:
            COMPANIES.labels(why, "not_kept").inc()

    def _key(self, site: Site) -> str:
        return f"{self.prompt.id}|{site.scheme}|{site.host}"

    def _spent(self, began: float) -> float:
        return self.clock.seconds() - began


def _counted(read: CompanyRead, source: str) -> CompanyRead:
    COMPANIES.labels(read.company.reason, source).inc()
    if source != "request":  # who has no site to read was not looked up
        CACHE.labels("company", "hit" if source == "cache" else "miss").inc()
    return read
