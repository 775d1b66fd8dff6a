"""One bounded request to somebody else's site: no cookies, no proxies, no redirects, no address but a public one."""

import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any, Protocol

import aiohttp
from aiohttp.abc import AbstractResolver

from services.recommender.adapters.company.socket_guard import RefusedAddress, SocketGuard
from services.recommender.core.company.urls import Url
from services.recommender.core.company.values import NoPage, Why

AGENT = "KindlingReader"
PIECE_BYTES = 65_536
HTTP_HEADERS = {"Accept": "text/html,application/xhtml+xml;q=0.9", "Accept-Encoding": "gzip", "Accept-Language": "*"}


@dataclass(frozen=True, slots=True)
class Fetched:
    """A response; `body` is decompressed, and whole unless it was cut at the limit."""

    status: int
    location: str
    content_type: str
    charset: str
    robots_tag: str
    body: bytes
    is_whole: bool


class Fetching(Protocol):
    """One visit: requests that share nothing with another visit's."""

    async def get(self, url: Url, limit: int) -> Fetched | NoPage:
        """The response, with at most `limit` bytes of body."""
        ...


class SiteFetcher:
    """Opens visits. `contact` is where a site's owner reads who asks; the others are for tests."""

    def __init__(
        self,
        contact: str,
        guard: SocketGuard,
        resolver: AbstractResolver | None = None,
        tls: SSLContext | None = None,
    ) -> None:
        self.guard = guard
        self._headers = HTTP_HEADERS | {"User-Agent": f"{AGENT}/1.0 (+{contact})"}
        self._resolver, self._tls = resolver, tls

    @asynccontextmanager
    async def visit(self) -> AsyncIterator[Fetching]:
        """A session of its own, closed at the end: no cookie, connection or cached answer outlives it."""
        connector = aiohttp.TCPConnector(
            socket_factory=self.guard,
            use_dns_cache=False,
            resolver=self._resolver,
            force_close=True,
            ssl=True if self._tls is None else self._tls,
        )
        async with aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=self._headers,
            timeout=aiohttp.ClientTimeout(total=None),  # the reader's deadline is for the whole visit
            auto_decompress=False,
            trust_env=False,
        ) as session:
            yield _Visit(session)


@dataclass(frozen=True, slots=True)
class _Visit:
    session: aiohttp.ClientSession

    async def get(self, url: Url, limit: int) -> Fetched | NoPage:
        try:
            async with self.session.get(str(url), allow_redirects=False) as response:
                body, is_whole = await _body(response, limit)
                return Fetched(
                    status=response.status,
                    location=response.headers.get("Location", ""),
                    content_type=response.content_type,
                    charset=response.charset or "",
                    robots_tag=", ".join(response.headers.getall("X-Robots-Tag", [])),
                    body=body,
                    is_whole=is_whole,
                )
        except aiohttp.ClientConnectorDNSError as error:
            return NoPage(Why.DNS, str(error.os_error))
        except aiohttp.ClientSSLError as error:
            return NoPage(Why.TLS, type(error).__name__)
        except aiohttp.ClientConnectorError as error:
            why = Why.ADDRESS if isinstance(error.os_error, RefusedAddress) else Why.UNREACHABLE
            return NoPage(why, str(error.os_error))
        except (aiohttp.ClientError, zlib.error, ValueError, OSError) as error:
            return NoPage(Why.BROKEN, type(error).__name__)


async def _body(response: aiohttp.ClientResponse, limit: int) -> tuple[bytes, bool]:
    """The body, decompressed by no more than the limit at a time: a bomb never unfolds."""
    inflate = _inflater(response.headers.get("Content-Encoding", "identity").strip().lower())
    body, received = b"", 0
    async for piece in response.content.iter_chunked(PIECE_BYTES):
        received += len(piece)
        body += piece if inflate is None else inflate.decompress(piece, limit + 1 - len(body))
        if len(body) > limit or received > limit:
            return body[:limit], False
        if inflate is not None and inflate.eof:
            break
    return body, True


def _inflater(encoding: str) -> Any:
    """What undoes the encoding; None for a plain body. Raises `ValueError` for one that was not asked for."""
    if encoding in {"", "identity"}:
        return None
    if encoding in {"gzip", "x-gzip"}:
        return zlib.decompressobj(16 + zlib.MAX_WBITS)
    raise ValueError(f"encoding {encoding[:20]!r}")
