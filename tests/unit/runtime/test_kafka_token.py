"""The token is the one of now, or the connection is not made."""

import asyncio
import sys
import threading
from pathlib import Path

import pytest
from aiokafka.conn import OAuthAuthenticator
from aiokafka.errors import KafkaConnectionError, SaslAuthenticationFailed

from services.runtime import kafka_clients
from services.runtime.kafka_token import MAX_BYTES, TokenProvider, token_of_command, token_of_file


def _python(text: str) -> TokenProvider:
    return token_of_command((sys.executable, "-c", text))


async def test_a_file_is_read_anew(tmp_path: Path) -> None:
    """What rotates tokens replaces the file, and the next connection has the new one."""
    path = tmp_path / "token"
    provider = token_of_file(path)
    for token in ("first.token", "second.token"):
        path.write_text(f"{token}\n")
        assert await provider.token() == token


async def test_a_command_is_run_anew(tmp_path: Path) -> None:
    """Its words reach it as they are, without a shell."""
    path = tmp_path / "runs; $HOME"
    script = "import sys; open(sys.argv[1], 'a').write('x'); print(len(open(sys.argv[1]).read()))"
    provider = token_of_command((sys.executable, "-c", script, str(path)))
    assert [await provider.token(), await provider.token()] == ["1", "2"]


@pytest.mark.parametrize("content", [b"", b"\n", b"two words", b"bell\x07", b"\x01auth=x", "é".encode(), b"x" * 70_000])
async def test_what_is_no_token_is_not_sent(tmp_path: Path, content: bytes) -> None:
    """Controls and spaces have a meaning to the protocol."""
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(KafkaConnectionError, match="token gave no token: expected one printable word"):
        await token_of_file(tmp_path / "token").token()


async def test_no_token_counts_as_a_connection_not_made(tmp_path: Path) -> None:
    """The library tries again after such an error; its words hold none of the command's."""
    with pytest.raises(KafkaConnectionError, match="No such file"):
        await token_of_file(tmp_path / "gone").token()
    with pytest.raises(KafkaConnectionError, match=r"gone gave no token: No such file"):
        await token_of_command((str(tmp_path / "gone"),)).token()
    with pytest.raises(KafkaConnectionError, match="ended with status 3") as failed:
        await _python("import sys; print('a.token'); sys.exit(3)").token()
    assert "a.token" not in str(failed.value)


async def test_a_command_that_prints_for_ever_is_ended() -> None:
    """It is read so far and no further, and killed."""
    with pytest.raises(KafkaConnectionError, match="expected one printable word"):
        await _python(f"while True: print('x' * {MAX_BYTES})").token()


async def test_a_token_that_does_not_come_is_not_waited_for() -> None:
    """The time is bounded, whatever hangs."""

    async def hang() -> bytes:
        await asyncio.Event().wait()
        return b""

    with pytest.raises(KafkaConnectionError, match=r"a command gave no token within 0 s"):
        await TokenProvider(hang, "a command", within_s=0.01).token()


def test_the_loop_of_another_thread_may_ask(tmp_path: Path) -> None:
    """Faust's consumer has a thread and a loop of its own."""
    (tmp_path / "token").write_text("a.token")
    providers, found = (token_of_file(tmp_path / "token"), _python("print('b.token')")), set()

    async def ask() -> None:
        found.update([await each.token() for each in providers])

    for _ in range(2):
        thread = threading.Thread(target=lambda: asyncio.run(ask()))
        thread.start()
        thread.join(30)
    assert found == {"a.token", "b.token"}


async def test_a_refused_token_is_a_refused_log_in() -> None:
    """The broker answers a good token with nothing, a bad one with words, which the library takes for success."""
    kafka_clients.tell_refusals()
    good, bad = (OAuthAuthenticator(sasl_oauth_token_provider=_python("print('a.token')")) for _ in range(2))
    for each in (good, bad):
        assert await each.step(None) == (b"n,,\x01auth=Bearer a.token\x01\x01", True)
    assert await good.step(b"") is None
    with pytest.raises(SaslAuthenticationFailed, match="invalid_token"):
        await bad.step(b'{"status":"invalid_token"}')
