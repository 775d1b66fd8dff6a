"""Tokens for OAUTHBEARER: of a file that is read, or a command that is run, whenever a connection needs one."""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import KafkaConnectionError

from services.runtime.tasks import Worker

WITHIN_S = 10.0  # a file system or command that is slower counts as a broker that is away
MAX_BYTES = 65_536  # tokens have a few KB; a broker takes at most 512 KB (sasl.server.max.receive.size)


class TokenMissingError(KafkaConnectionError):  # type: ignore[misc]
    """No token was given: the connection cannot be made now, and is tried again as any other."""


class TokenProvider(AbstractTokenProvider):  # type: ignore[misc]
    """Gives each connection the token of now. It may be asked from any thread's loop: Faust has one of its own."""

    def __init__(self, read: Callable[[], Awaitable[bytes]], where: str, within_s: float = WITHIN_S) -> None:
        self._read, self._where, self._within_s = read, where, within_s

    async def token(self) -> str:
        """The token, without the white space around it.

        Raises:
            TokenMissingError: there is none, it took too long, or it is no token.
        """
        try:
            async with asyncio.timeout(self._within_s):
                raw = await self._read()
        except TimeoutError as error:
            raise TokenMissingError(f"{self._where} gave no token within {self._within_s:.0f} s") from error
        except OSError as error:
            raise TokenMissingError(f"{self._where} gave no token: {error.strerror}") from error
        words = raw[:MAX_BYTES].split()
        if len(raw) > MAX_BYTES or len(words) != 1 or not words[0].isascii() or not words[0].decode().isprintable():
            raise TokenMissingError(f"{self._where} gave no token: expected one printable word of at most 64 KB")
        return words[0].decode()


def token_of_file(path: Path) -> TokenProvider:
    """The provider that reads the file anew; in a thread, since a file system may hang."""
    worker = Worker("kafka token")

    def read() -> bytes:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)

    return TokenProvider(lambda: worker.do(read), str(path))


def token_of_command(words: tuple[str, ...]) -> TokenProvider:
    """The provider that runs the command anew; its words may be secret, so that none but the first is ever said."""

    async def read() -> bytes:
        process = await asyncio.create_subprocess_exec(*words, stdin=DEVNULL, stdout=PIPE)
        try:
            printed = await _at_most(MAX_BYTES + 1, process)
            if len(printed) <= MAX_BYTES and (status := await process.wait()) != 0:
                raise TokenMissingError(f"{words[0]} gave no token: it ended with status {status}")
            return printed
        finally:
            process._transport.close()  # type: ignore[attr-defined] # noqa: SLF001 kills it; whoever it started
            await process.wait()  # may hold the pipe for ever, so that its end is not waited for

    return TokenProvider(read, words[0])


async def _at_most(count: int, process: asyncio.subprocess.Process) -> bytes:
    if process.stdout is None:
        return b""
    try:
        return await process.stdout.readexactly(count)
    except asyncio.IncompleteReadError as end:
        return end.partial
