"""Loopback servers that misbehave, names that resolve to what a test says, and a reader that may dial those servers."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from services.recommender.adapters.company.bounded import Bounds
from services.recommender.adapters.company.site_fetcher import SiteFetcher
from services.recommender.adapters.company.site_reader import SiteReader
from services.recommender.adapters.company.socket_guard import SocketGuard
from services.runtime.public_suffixes import PublicSuffixes

Address: TypeAlias = tuple[str, int]
Talk: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Routes: TypeAlias = Mapping[str, bytes | Talk]
TEXT = "Acme Bakery bakes sourdough bread and wedding cakes for cafés and hotels in the whole of Galicia. " * 3
SUFFIXES = PublicSuffixes()  # read once: it takes a fifth of a second
MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class Names(AbstractResolver):
    """A resolver that knows what it was told; with several answers for a name, the next at each question."""

    def __init__(self, answers: Mapping[str, Sequence[Sequence[Address]]], anything: Sequence[Address] = ()) -> None:
        self._answers = {name: list(each) for name, each in answers.items()}
        self._anything = anything

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of the name; `OSError` where it has none."""
        del family
        answers = self._answers.get(host, [])
        found = (answers.pop(0) if len(answers) > 1 else answers[0]) if answers else self._anything
        if not found:
            raise OSError("no such name")
        return [
            ResolveResult(
                hostname=host, host=address, port=at or port, proto=0, flags=socket.AI_NUMERICHOST,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
            )
            for address, at in found
        ]  # fmt: skip

    async def close(self) -> None:
        """Nothing is held."""


@dataclass
class Server:
    """A server on loopback that answers each path by its route, in the bytes given; it keeps the requests it got."""

    routes: dict[str, bytes | Talk]
    requests: list[str] = field(default_factory=list)
    port: int = 0
    talks: set["asyncio.Task[Any]"] = field(default_factory=set)

    @property
    def address(self) -> Address:
        """Where it listens."""
        return ("127.0.0.1", self.port)

    @property
    def paths(self) -> list[str]:
        """The paths asked for, in order."""
        return [each.split()[1] for each in self.requests]

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        if (task := asyncio.current_task()) is not None:
            self.talks.add(task)
        try:
            await self._answer(reader, writer)
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            request = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.requests.append(request)
            path = request.split()[1].partition("?")[0]
            route = self.routes.get(path, self.routes.get("*", MISSING) if path != "/robots.txt" else MISSING)
            if isinstance(route, bytes):
                writer.write(route)
                await writer.drain()
            else:
                await route(reader, writer)


@dataclass
class Scene:
    """Servers, and readers that may dial them."""

    servers: list[asyncio.Server] = field(default_factory=list)
    made: list[Server] = field(default_factory=list)

    async def server(self, routes: Routes, tls: ssl.SSLContext | None = None) -> Server:
        """A server with these routes, robots.txt missing unless given."""
        made = Server(dict(routes))
        listening = await asyncio.start_server(made.talk, "127.0.0.1", 0, ssl=tls)
        made.port = listening.sockets[0].getsockname()[1]
        self.servers.append(listening)
        self.made.append(made)
        return made

    def reader(self, names: Names, *servers: Server, **changes: Any) -> SiteReader:
        """A reader whose guard lets through these servers and what is public."""
        guard = SocketGuard(frozenset(each.address for each in servers))
        fetcher = SiteFetcher("https://academy.example.com", guard, names, changes.pop("tls", None))
        return SiteReader(fetcher, SUFFIXES.registrable, **changes)

    async def at(self, routes: Routes, **changes: Any) -> tuple[SiteReader, Server]:
        """A reader for whom every name is one server with these routes."""
        server = await self.server(routes)
        return self.reader(Names({}, [server.address]), server, **changes), server


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """The loopback world of one test."""
    made = Scene()
    yield made
    for each in made.servers:
        each.close()
    talks = [task for server in made.made for task in server.talks]
    for task in talks:
        task.cancel()
    await asyncio.gather(*talks, return_exceptions=True)


@pytest.fixture
def names() -> type[Names]:
    """The resolver of these tests."""
    return Names


@pytest.fixture
def page() -> Callable[..., bytes]:
    """A response with this body."""

    def build(
        body: str | bytes = f"<title>Acme</title><p>{TEXT}", status: str = "200 OK", more: str = "", **changes: Any
    ) -> bytes:
        raw = body.encode() if isinstance(body, str) else body
        kind = changes.get("kind", "text/html; charset=utf-8")
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(raw)}\r\n{more}\r\n"
        return head.encode() + raw

    return build


@pytest.fixture
def redirect() -> Callable[[str], bytes]:
    """A redirect to this place."""
    return lambda to: f"HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()


@pytest.fixture
def small_bounds() -> Bounds:
    """A child that may not do much."""
    return Bounds(cpu_s=1, wall_s=1.5)
