"""Every client gets in by TLS and log-in, and a refusal is one sentence with status 78: one broker for all of them."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from deploy.local import kafka as local
from schemas import topics as table
from schemas.email import PrivacyRequest
from services.runtime.errors import Status
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_clients import Kafka, refuse_wrong_access
from services.runtime.kafka_loop import LoopPolicy, run_loop
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_topics import TopicsAdmin
from services.runtime.outcome import Emit, Message, Misconfigured, Outcome, Send
from services.runtime.settings import KafkaSettings
from tests.processes import new_process, run
from tests.secured_kafka import WAYS, Secured, secured

pytestmark = pytest.mark.kafka
ROOT = Path(__file__).parents[2]
SECRET = "a secret of the tests of access"
APPLY = ("services.runtime", "topics", "apply")

WRONG: dict[str, tuple[str, dict[str, str | None], str]] = {
    "password": ("SCRAM-SHA-512", {"PASSWORD": "another"}, "refuses the log-in"),
    "user": ("SCRAM-SHA-256", {"USERNAME": "another"}, "refuses the log-in"),
    "plain password": ("PLAIN", {"PASSWORD": "another"}, "refuses the log-in"),
    "token": ("OAUTHBEARER by file", {"TOKEN_FILE": "old-token"}, "refuses the log-in"),
    "authority": ("SCRAM-SHA-512", {"CA": "other-ca.pem"}, "is not trusted: unable to get local issuer"),
    "no authority": ("SCRAM-SHA-512", {"CA": None}, "is not trusted: unable to get local issuer"),
    "no certificate": (
        "certificate", {"CERTIFICATE": None, "KEY": None, "KEY_PASSWORD": None}, "or that there is none",
    ),
    "certificate": (
        "certificate", {"CERTIFICATE": "stranger.pem", "KEY": "stranger.key", "KEY_PASSWORD": None},
        "refuses this client's certificate",
    ),
}  # fmt: skip
FILES = {"CA", "CERTIFICATE", "KEY", "TOKEN_FILE"}


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """The broker, with every topic: made by the command, through TLS and log-in."""
    made = secured(tmp_path_factory.mktemp("secured"))
    process = local.spawn(made.node)
    try:
        local.wait_ready(process, made.node)
        _, status = _ended(APPLY, made.settings("SCRAM-SHA-512"))
        assert status == 0
        yield made
    finally:
        local.end(process)


def _environment(settings: Mapping[str, str], **others: str) -> dict[str, str]:
    own = {"KINDLING_SECRET": SECRET, "KINDLING_LLM": "none", "KINDLING_PROGRAM": str(ROOT / "examples" / "academy")}
    return {**os.environ, **own, **settings, **others}


def _ended(words: tuple[str, ...], settings: Mapping[str, str], **others: str) -> tuple[str, int]:
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, env=_environment(settings, **others), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return done.stderr, done.returncode


def _kafka(settings: Mapping[str, str]) -> Kafka:
    prefix = "KINDLING_"
    return kafka_of(KafkaSettings.model_validate({k.removeprefix(prefix).lower(): v for k, v in settings.items()}))


def _wrong(door: Secured, what: str) -> tuple[dict[str, str], str]:
    way, words, sentence = WRONG[what]
    placed = {k: str(door.folder / v) if v is not None and k in FILES else v for k, v in words.items()}
    return door.settings(way, **placed), sentence


async def _until_ready(port: int, process: "asyncio.subprocess.Process") -> None:
    async with asyncio.timeout(60), aiohttp.ClientSession() as session:
        while process.returncode is None:
            try:
                async with session.get(f"http://127.0.0.1:{port}/ready") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                await asyncio.sleep(0)
    pytest.fail(f"the process ended with status {process.returncode}")


@asynccontextmanager
async def _running(
    words: tuple[str, ...], settings: Mapping[str, str], port: int, **others: str
) -> AsyncIterator[None]:
    """The process, ready; it is told to stop at the end, and has to end in order."""
    environment = _environment(settings, KINDLING_HEALTH_PORT=str(port), **others)
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", *words, cwd=ROOT, env=environment)
    try:
        await _until_ready(port, process)
        yield
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 40) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("way", WAYS)
async def test_every_way_in_lets_every_client_in(door: Secured, way: str) -> None:
    """Consumer, producer and admin client are built from one value."""
    kafka = _kafka(door.settings(way))
    await refuse_wrong_access(kafka)
    admin, consumer = TopicsAdmin(kafka), kafka.member(f"access-{way}")
    publisher = Publisher(kafka, "test")
    await admin.start()
    await publisher.start()
    await consumer.start()
    try:
        assert len(await admin.counts()) == len(table.ALL)
        await publisher.send_raw(table.CATALOG_COURSES, way.encode(), None)
        consumer.subscribe([table.CATALOG_COURSES.name])
        async with asyncio.timeout(30):
            while way.encode() not in {
                each.key for records in (await consumer.getmany(timeout_ms=200)).values() for each in records
            }:
                pass
    finally:
        await asyncio.gather(consumer.stop(), return_exceptions=True)
        await publisher.stop()
        await admin.stop()


@pytest.mark.parametrize("what", WRONG)
async def test_whatever_is_refused_is_one_sentence(door: Secured, what: str) -> None:
    """At start by a question of its own, and by every client that cannot start: never "unable to bootstrap"."""
    settings, sentence = _wrong(door, what)
    kafka = _kafka(settings)
    with pytest.raises(Misconfigured, match=sentence) as refused:
        await refuse_wrong_access(kafka)
    assert "another" not in str(refused.value)
    with pytest.raises(Misconfigured, match=sentence):
        await TopicsAdmin(kafka).start()
    with pytest.raises(Misconfigured, match=sentence):
        await Publisher(kafka, "test").start()
    for _ in range(3):
        await asyncio.sleep(0)  # the socket of a handshake that failed is closed a turn later


async def test_a_port_that_speaks_otherwise_is_one_sentence(door: Secured) -> None:
    """Each port, asked in the words of the others: what it does speak is said."""
    ca, log_in, known = str(door.folder / "ca.pem"), door.settings("SCRAM-SHA-512"), door.settings("certificate")
    server = "KINDLING_KAFKA_BOOTSTRAP_SERVERS"
    tls = {server: log_in[server], "KINDLING_KAFKA_SECURITY_PROTOCOL": "SSL", "KINDLING_KAFKA_CA": ca}
    found = {
        "speaks TLS only": {server: log_in[server]},
        "wants a log-in": tls,
        "speaks no TLS": {**tls, server: door.node.address},
        "takes no log-in": {**known, **log_in, server: known[server]},
    }
    for sentence, settings in found.items():
        with pytest.raises(Misconfigured, match=sentence):
            await refuse_wrong_access(_kafka(settings))


async def test_a_broker_that_is_away_is_no_refusal(unused_tcp_port: int) -> None:
    """It is waited for; only who answers can refuse."""
    await refuse_wrong_access(Kafka(f"127.0.0.1:{unused_tcp_port}"))


async def test_the_loop_works_through_tls_and_log_in(door: Secured) -> None:
    """Its group, its transactions and its end; a record in, its output committed."""
    kafka, process = _kafka(door.settings("SCRAM-SHA-512")), new_process()
    request = PrivacyRequest(id="1", action="export", person="p", occurred_at=datetime.now(UTC), requested_by="test")
    publisher = Publisher(kafka, "test")
    await publisher.start()
    await publisher.send([Send(table.PRIVACY_REQUESTS, request)])
    await publisher.stop()
    handled: list[str] = []

    async def handle(message: Message) -> Outcome:
        handled.append(message.event.id)
        process.stop.set()
        return Emit(())

    policy = LoopPolicy("composer", "access-loop", (table.PRIVACY_REQUESTS,))
    await asyncio.wait_for(run(process, run_loop(policy, kafka, handle, process)), 60)
    assert handled == ["1"]


async def test_faust_gets_in_as_every_client_does(door: Secured, tmp_path: Path, unused_tcp_port: int) -> None:
    """Its own consumer and producer, in its own thread: the worker owns its partitions, and ends in order."""
    settings = door.settings("SCRAM-SHA-512")
    async with _running(("services.profile",), settings, unused_tcp_port, KINDLING_PROFILE_DATA=str(tmp_path)):
        pass


async def test_the_collector_keeps_a_call_by_its_certificate(
    door: Secured, tmp_path: Path, unused_tcp_port_factory: Callable[[], int]
) -> None:
    """The key's password comes from a file; a call is acked, so the broker has it."""
    health, port = (unused_tcp_port_factory() for _ in range(2))
    settings = door.settings("certificate")
    (tmp_path / "password").write_text(settings.pop("KINDLING_KAFKA_KEY_PASSWORD") + "\n")
    own = {"INGEST_PORT": str(port), "INGEST_WRITE_KEYS": "demo", "KAFKA_KEY_PASSWORD_FILE": str(tmp_path / "password")}
    others = {f"KINDLING_{name}": word for name, word in own.items()}
    call = {"type": "track", "event": "purchase", "userId": "7", "messageId": "m-1"}
    headers = {"Authorization": aiohttp.encode_basic_auth("demo", "")}
    async with (
        _running(("services.ingest", "collector"), settings, health, **others),
        aiohttp.ClientSession() as session,
        session.post(f"http://127.0.0.1:{port}/v1/track", json=call, headers=headers) as answer,
    ):
        assert answer.status == 200


@pytest.mark.parametrize(
    "words", [APPLY, ("services.profile",), ("services.ingest", "collector"), ("services.recommender", "import")]
)
def test_a_wrong_password_ends_a_process_with_78(door: Secured, words: tuple[str, ...]) -> None:
    """A command and a service alike: the last line is the sentence, and the supervisor leaves it at that."""
    settings, sentence = _wrong(door, "password")
    file = (str(ROOT / "examples" / "academy" / "catalogue.jsonl"),) if words[-1] == "import" else ()
    said, status = _ended((*words, *file), settings, KINDLING_INGEST_WRITE_KEYS="demo")
    assert (sentence in said.splitlines()[-1], status) == (True, Status.MISCONFIGURED)
    assert "another" not in said
