"""The image without an engine: what it is made of starts every service, each with its own rights and no others."""

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import orjson
import pytest
from aiokafka.errors import TopicAuthorizationFailedError

from deploy.kubernetes.access import OPERATOR, may_write, principals
from deploy.local import kafka as local
from deploy.local.ports import free_port
from deploy.local.processes import Processes
from schemas import topics
from schemas.identity import derived_key
from services.ingest.core.access import signature_of
from services.runtime.kafka_topics import TopicsAdmin
from tests.deploy.guarded_kafka import give_rights, guarded, kafka_as, settings_of
from tests.deploy.image import ROOT, Image, NotHereError, copied, installed, read_image

CONNECTOR = "connector"
SERVICES = {
    "collector": ("services.ingest", "collector"),
    "consumer": ("services.ingest", "consumer"),
    "profile": ("services.profile",),
    "recommender": ("services.recommender",),
    "composer": ("services.composer",),
    "console": ("services.console",),
    CONNECTOR: ("services.connector",),
}
"""What starts each process; it comes to the broker by its name."""
FIRST = "recommender"  # it imports most, and what it compiled the others need not
WITHIN_S = 120.0  # ten seconds on two idle cores
SECRET = "a secret of the image's test"
ADDRESS = "sam@leads.example"
pytestmark = pytest.mark.xdist_group("image")


@dataclass(frozen=True, slots=True)
class Made:
    """The image's folders on this machine: the interpreter of its environment, its `/app`, and a folder of data."""

    python: Path
    app: Path
    data: Path


@dataclass(frozen=True, slots=True)
class Started:
    """The services: their health ports, where they look for a broker, and what was seen before there was one."""

    ports: Mapping[str, int]
    log_in: int
    ready_alone: frozenset[int]
    is_untouched: bool


@pytest.fixture(scope="module")
def image() -> Image:
    """What the Containerfile says."""
    return read_image()


@pytest.fixture(scope="module")
def made(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The services' lock alone, installed; what the image copies, copied."""
    folder = tmp_path_factory.mktemp("image")
    try:
        python = installed(folder / "venv", image.locks[:1])
    except NotHereError as error:
        pytest.skip(str(error))
    return Made(python, copied(image, folder / "app"), folder / "data")


@pytest.fixture(scope="module")
def processes(made: Made, image: Image) -> Iterator[Processes]:
    """Processes with the image's environment, and `/data` on this machine; bytecode is kept beside."""
    made.data.mkdir(exist_ok=True)
    own = {name: value.replace("/data", str(made.data)) for name, value in image.environment.items() if name != "PATH"}
    own |= {
        "KINDLING_HEALTH_HOST": "127.0.0.1",
        "KINDLING_SECRET": SECRET,
        "KINDLING_PROGRAM": str(ROOT / "examples" / "academy"),
        "KINDLING_LLM": "none",
        "KINDLING_INGEST_WRITE_KEYS": "a-write-key",
        "KINDLING_INGEST_PORT": str(free_port()),
        "KINDLING_PROFILE_QUIET_PERIOD_S": "0",
        "KINDLING_PROFILE_TICK_S": "0.1",
        "KINDLING_CONSOLE_PORT": "0",
        "KINDLING_CONNECTOR_SMTP_PORT": str(free_port()),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(made.data / "bytecode"),
        "PYTHONPATH": "",
    }
    running = Processes(made.data, own)
    yield running
    running.end()


@pytest.fixture(scope="module")
def started(made: Made, processes: Processes) -> Started:
    """Every service, each as the principal that it comes as; no broker is there."""
    log_in, before = free_port(), _tree(made.app)
    ports = {FIRST: _start(processes, made, FIRST, log_in)}
    _until(200, "live", processes, ports)
    sink = ("deploy.local.smtp_sink", "--folder", str(made.data / "mail"), "--port")
    processes.start_module("mail", *sink, processes.environment["KINDLING_CONNECTOR_SMTP_PORT"])
    ports |= {name: _start(processes, made, name, log_in) for name in SERVICES if name != FIRST}
    _until(200, "live", processes, ports)
    alone = frozenset(_answer(port, "ready") for port in ports.values())
    return Started(ports, log_in, alone, _tree(made.app) == before)


@pytest.fixture(scope="module")
def broker(started: Started, processes: Processes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The broker that every service waits for, with each principal's rights; the port by which they log in.

    It outlives the services: without it they would wait for as long as they may before they end.
    """
    at = guarded(tmp_path_factory.mktemp("guarded"), started.log_in)
    process = local.spawn(at)
    try:
        local.wait_ready(process, at)
        asyncio.run(_make_topics(at.address, started.log_in))
        yield started.log_in
        processes.end()
    finally:
        local.end(process)


async def _make_topics(inside: str, log_in: int) -> None:
    """The operator makes them, by the right that the operator has."""
    await give_rights(inside)
    admin = TopicsAdmin(kafka_as(OPERATOR, log_in))
    await admin.start()
    try:
        await admin.apply(await admin.plan(3), 1)
    finally:
        await admin.stop()


@pytest.mark.system
@pytest.mark.timeout(300)
def test_every_service_starts_from_the_image(started: Started) -> None:
    """Of the services' lock alone, in a folder that nothing is written to, each answers `/live` and waits for a broker.

    The SMTP connector needs the lock beside it, which the image has too.
    """
    assert started.ready_alone == {503}
    assert started.is_untouched


@pytest.mark.system
@pytest.mark.timeout(300)
def test_every_service_is_let_in_by_its_rights(started: Started, processes: Processes, broker: int) -> None:
    """With the rights made of the topic table and no others each joins, fences, reads its views and becomes ready."""
    assert broker == started.log_in
    _until(200, "ready", processes, started.ports)


@pytest.mark.system
@pytest.mark.timeout(300)
def test_mail_goes_all_the_way_by_those_rights(made: Made, processes: Processes, started: Started, broker: int) -> None:
    """A catalogue that the operator imports, a signed call, and the mail at the mail server: every topic between."""
    _until(200, "ready", processes, started.ports)
    _import(made, processes, broker)
    _convert(int(processes.environment["KINDLING_INGEST_PORT"]))
    mails = made.data / "mail"

    def is_there() -> bool:
        return any(ADDRESS.encode() in each.read_bytes() for each in mails.glob("*.eml"))

    asyncio.run(processes.wait_until(is_there, "the mail is to come", WITHIN_S))


@pytest.mark.kafka
@pytest.mark.timeout(300)
async def test_broker_takes_what_the_table_gives_and_nothing_else(broker: int) -> None:
    """Every principal tries to write to every topic: what was taken is the table."""
    taken = await asyncio.gather(*[_taken(who, broker) for who in principals()])
    assert dict(zip(principals(), taken, strict=True)) == {
        who: may_write(rights) for who, rights in principals().items()
    }


@pytest.mark.skipif(not (ROOT / "services" / "cli").exists(), reason="expected services/cli: the command `kindling`")
def test_command_starts_from_the_image(made: Made, processes: Processes) -> None:
    """`--help` of the command for people needs nothing that the services' lock does not bring."""
    done = subprocess.run(
        [made.python, "-m", "services.cli", "--help"], cwd=made.app, env={**os.environ, **processes.environment},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def _start(processes: Processes, made: Made, name: str, log_in: int) -> int:
    port = free_port()
    command = [
        "/bin/sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", str(made.app), str(made.python), "-m", *SERVICES[name]
    ]  # fmt: skip
    processes.start(name, command, KINDLING_HEALTH_PORT=str(port), **settings_of(name, log_in))
    return port


def _until(status: int, path: str, processes: Processes, ports: Mapping[str, int]) -> None:
    def is_so() -> bool:
        return all(_answer(port, path) == status for port in ports.values())

    what = f"/{path} of {', '.join(ports)} is to be {status}"
    asyncio.run(processes.wait_until(is_so, what, WITHIN_S))


def _import(made: Made, processes: Processes, log_in: int) -> None:
    """The first courses of the example, by the operator's command."""
    rows = (ROOT / "examples" / "academy" / "catalogue.jsonl").read_text(encoding="utf-8").splitlines()
    few = made.data / "few.jsonl"
    few.write_text("\n".join(rows[:3]), encoding="utf-8")
    done = subprocess.run(
        [made.python, "-m", "services.recommender", "import", few], cwd=made.app, stdin=subprocess.DEVNULL,
        env={**os.environ, **processes.environment, **settings_of(OPERATOR, log_in)}, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def _convert(port: int) -> None:
    """What a server says, signed: somebody with an address and a consent read a page and opened a trial."""
    traits = {"email": ADDRESS, "firstName": "Sam", "consent": {"marketing": True, "text_version": "2026-01"}}
    page = {"title": "What we learnt about email marketing", "path": "/blog/email-marketing/article-1"}
    started = {"topic": "email-marketing", "email": ADDRESS}
    calls = [
        {"type": "page", "messageId": "m-1", "properties": page},
        {"type": "track", "messageId": "m-2", "event": "Trial Started", "properties": started},
    ]
    context = {"userAgent": "Mozilla/5.0", "locale": "en-US", "traits": traits}
    body = orjson.dumps({"batch": [{**call, "userId": "lead-1", "context": context} for call in calls]})
    at_s = int(time.time())
    proof = signature_of(body, at_s, derived_key(SECRET.encode(), "server"))
    headers = {"Content-Type": "application/json", "X-Kindling-Signature": f"t={at_s},v1={proof}"}
    with urlopen(Request(f"http://127.0.0.1:{port}/v1/batch", body, headers), timeout=20) as answer:
        assert answer.status == 200


async def _taken(principal: str, log_in: int) -> frozenset[str]:
    """The topics that the principal could write to."""
    producer = kafka_as(principal, log_in).producer(request_timeout_ms=10_000)
    await producer.start()
    taken = set()
    try:
        for topic in topics.ALL:
            try:
                await producer.send_and_wait(topic.name, b"{}", key=b"k", partition=0)
            except TopicAuthorizationFailedError:
                continue
            taken.add(topic.name)
    finally:
        await producer.stop()
    return frozenset(taken)


def _answer(port: int, path: str) -> int:
    try:
        with urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5) as response:
            return int(response.status)
    except HTTPError as error:
        return error.code
    except (URLError, OSError):
        return 0


def _tree(folder: Path) -> dict[str, int]:
    return {each.relative_to(folder).as_posix(): each.stat().st_mtime_ns for each in folder.rglob("*")}
