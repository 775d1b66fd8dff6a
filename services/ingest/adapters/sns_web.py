"""SNS over HTTPS: certificates, kept once they are had, and confirmations. Addresses were judged by `core.sns`."""

import asyncio
import logging
from collections.abc import Callable

import aiohttp

from services.ingest.core.rates import Buckets, Rate
from services.runtime.outcome import Unavailable

ASK_S = 5.0  # of one question; SNS itself waits 15 s for an answer
MAX_BYTES = 64 * 1024  # of an answer; a certificate has 2 KB
MOST_KEPT = 64  # certificates; each region has one at a time
ASKS = Rate(per_s=0.2, burst=10)  # a stranger who knows a topic's name can make us ask at most this often
DONE = 200

log = logging.getLogger(__name__)


class SnsWeb:
    """A `ports.Sns`; `now_s` is a clock that only grows. It follows no redirect."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._kept: dict[str, bytes] = {}
        self._asks = Buckets()
        self._one = asyncio.Lock()

    async def certificate(self, url: str) -> bytes:
        """The certificate at this address, asked for once."""
        if (kept := self._kept.get(url)) is not None:  # who has one waits for nobody who has none
            return kept
        async with self._one:
            if url not in self._kept:
                found = await self._asked(url)
                if len(self._kept) >= MOST_KEPT:
                    del self._kept[next(iter(self._kept))]
                self._kept[url] = found
            return self._kept[url]

    async def confirm(self, url: str) -> None:
        """Confirm a subscription."""
        await self._asked(url)
        log.info("subscription confirmed")

    async def _asked(self, url: str) -> bytes:
        if self._asks.take("sns", 1, self._now_s(), ASKS):
            raise Unavailable("SNS was asked too often a moment ago")
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ASK_S)) as web,
                web.get(url, allow_redirects=False) as response,
            ):
                if response.status != DONE:
                    raise Unavailable(f"SNS answered {response.status}")
                body = bytearray()
                async for chunk in response.content.iter_any():
                    body += chunk
                    if len(body) > MAX_BYTES:
                        raise Unavailable(f"SNS answered more than {MAX_BYTES} bytes")
                return bytes(body)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(f"SNS is not reached: {type(error).__name__}") from error
