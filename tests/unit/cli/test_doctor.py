"""Every verdict of `kindling doctor`, and the command where nothing runs."""

import json
import os
import socket
import time
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace

import pytest
from pydantic import SecretStr

from schemas import groups
from schemas.llm import Fault, NoAnswer
from schemas.topics import ALL, EMAIL_OUTBOUND, EVENTS_CLEAN, EVENTS_RAW
from services.cli.app import run
from services.cli.doctor import checks
from services.cli.doctor.broker import AFTER, broker_findings
from services.cli.doctor.finding import Finding
from services.cli.doctor.machine import GB, PINNED, disk_findings, libraries_finding, python_finding
from services.cli.doctor.services import index_finding, mail_finding, model_finding, program_finding, senders_finding
from services.connector.settings import ConnectorSettings
from services.ingest.settings import IngestSettings
from services.recommender.settings import RecommenderSettings
from services.runtime.kafka_look import Look
from services.runtime.kafka_rights import UNTOLD, rights_of
from services.runtime.kafka_topics import configuration
from services.runtime.llm_settings import LlmSettings
from tests.llm_server import Serve, in_turn, says

ROOT = Path(__file__).parents[3]
SECRET = "a secret of the doctor's tests"
NOWHERE = "127.0.0.1:9"
NOW_MS = 1_800_000_000_000
RIGHTS = frozenset({"Read", "Write", "Describe", "DescribeConfigs"})
WELL = Look(
    brokers=3,
    cluster="c",
    counts={each.name: 1 if each.partitions == "one" else 12 for each in ALL},
    settings={each.name: configuration(each) for each in ALL},
    rights={each.name: RIGHTS for each in ALL},
    groups=frozenset(each.name for each in groups.ALL),
    newest_ms=NOW_MS - 60_000,
)


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine counts, and data lies in a folder of the test."""
    for name in [each for each in os.environ if each.startswith(("KINDLING_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KINDLING_KAFKA_BOOTSTRAP_SERVERS", NOWHERE)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """All that services need to be told, with nothing running where it says."""
    told = {
        "SECRET": SECRET, "PROGRAM": str(ROOT / "examples" / "academy"), "CONNECTOR_DATA": str(tmp_path / "ledger"),
        "CONNECTOR_SMTP_PORT": "9", "QDRANT_URL": f"http://{NOWHERE}", "INGEST_WRITE_KEYS": "key",
    }  # fmt: skip
    for name, value in told.items():
        monkeypatch.setenv(f"KINDLING_{name}", value)
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://{NOWHERE}/v1")


@pytest.fixture
def deaf() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def _looked(**other: object) -> Mapping[str, Finding]:
    found = broker_findings(replace(WELL, **other), "k:9092", NOW_MS)  # type: ignore[arg-type]
    return {each.check: each for each in found}


def test_a_broker_that_is_as_it_should_be_is_well() -> None:
    """Every check of it, in the order of the table."""
    found = broker_findings(WELL, "k:9092", NOW_MS)
    assert [each.check for each in found] == ["broker", *AFTER]
    assert {each.verdict for each in found} == {"ok"}


@pytest.mark.parametrize(
    ("other", "check", "verdict", "seen"),
    [
        ({"counts": {**WELL.counts, EVENTS_CLEAN.name: 5}}, "topics", "fail", "events.clean.v1 has 5 partitions"),
        (
            {"counts": {name: count for name, count in WELL.counts.items() if name != EVENTS_CLEAN.name}},
            "topics", "fail", "missing: events.clean",
        ),
        ({"settings": {**WELL.settings, EMAIL_OUTBOUND.name: {"cleanup.policy": "compact"}}}, "topics", "fail",
         "cleanup.policy=compact"),
        ({"settings": {**WELL.settings, EVENTS_RAW.name: {**configuration(EVENTS_RAW),
          "message.timestamp.type": "CreateTime"}}}, "topics", "warn", "events.raw"),
        ({"settings": {**WELL.settings, EMAIL_OUTBOUND.name: {**configuration(EMAIL_OUTBOUND),
          "retention.ms": "86400000"}}}, "retention", "warn", "email.outbound keeps 1 d, expected 7 d"),
        ({"settings": {**WELL.settings, EMAIL_OUTBOUND.name: {**configuration(EMAIL_OUTBOUND),
          "retention.ms": "-1"}}}, "retention", "warn", "keeps for ever"),
        ({"settings": {}}, "retention", "warn", "not checked"),
        ({"rights": None}, "rights", "warn", "not checked"),
        ({"rights": {}}, "rights", "warn", "not checked"),
        ({"rights": {EMAIL_OUTBOUND.name: frozenset({"Read", "DescribeConfigs"})}}, "rights", "warn",
         "composer: Write on email.outbound"),
        ({"groups": None}, "consumer groups", "warn", "not checked"),
        ({"groups": frozenset({"ingest"})}, "consumer groups", "warn", "profile"),
        ({"newest_ms": None}, "clock", "warn", "not checked"),
        ({"newest_ms": NOW_MS + 30_000}, "clock", "fail", "30.0 s in our future"),
        ({"newest_ms": NOW_MS + 1_000}, "clock", "ok", "not behind"),
    ],
)  # fmt: skip
def test_what_is_not_as_it_should_be_is_told(other: dict[str, object], check: str, verdict: str, seen: str) -> None:
    """By its own line, with what to do where there is something; the other lines stay."""
    found = _looked(**other)[check]
    assert (found.verdict, seen in found.seen) == (verdict, True), found
    assert bool(found.todo) == (verdict == "fail" or (verdict == "warn" and "not checked" not in found.seen))


@pytest.mark.parametrize(("found", "verdict"), [((3, 10), "fail"), ((3, 11), "ok"), ((3, 13), "ok"), ((3, 14), "fail")])
def test_python_is_one_that_is_tested(found: tuple[int, int], verdict: str) -> None:
    """As `requires-python` says."""
    assert python_finding(found).verdict == verdict


def test_libraries_are_the_pinned_ones() -> None:
    """Here they are; another version, or none, is told of. The pins are those of the project."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    pinned = dict(each.split("==") for each in groups["services"] if "==" in each)
    assert {name: pinned[name] for name in PINNED} == PINNED
    assert libraries_finding().verdict == "ok"
    assert libraries_finding(lambda _: "0").verdict == "fail"

    def none(name: str) -> str:
        raise PackageNotFoundError(name)

    assert "aiokafka is not installed" in libraries_finding(none).seen


@pytest.mark.parametrize(("room", "verdict"), [(GB // 2, "fail"), (2 * GB, "warn"), (50 * GB, "ok")])
def test_room_on_a_disk_is_told(room: int, verdict: str, tmp_path: Path) -> None:
    """Of a folder that is not there yet the disk is that of what holds it."""
    [found] = disk_findings({"profile": tmp_path / "deep" / "er"}, lambda _: room)
    assert (found.check, found.verdict) == ("disk of profile", verdict)


def test_a_folder_that_is_a_file_cannot_be_written(tmp_path: Path) -> None:
    """It says so."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    [found] = disk_findings({"ledger": tmp_path / "file" / "ledger"})
    assert (found.verdict, "cannot be written" in found.seen) == ("fail", True)


def test_a_program_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: None) -> None:
    """The academy's is well; one that is wrong leads to `kindling check`."""
    del settings
    assert program_finding().verdict == "ok"
    monkeypatch.setenv("KINDLING_PROGRAM", str(tmp_path))
    assert "kindling check" in program_finding().todo


def test_without_a_write_key_nobody_may_write(settings: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The collector would not start."""
    del settings
    assert senders_finding(IngestSettings()).verdict == "ok"
    monkeypatch.delenv("KINDLING_INGEST_WRITE_KEYS")
    assert senders_finding(IngestSettings()).verdict == "warn"


async def test_an_embedded_index_needs_its_folder(settings: None, tmp_path: Path) -> None:
    """One that can be made is well; one under a file is not. A server that is away fails."""
    del settings
    here = RecommenderSettings(qdrant_path=tmp_path / "index")
    assert (await index_finding(here.model_copy(update={"qdrant_url": None}))).verdict == "ok"
    (tmp_path / "file").write_text("", encoding="utf-8")
    under = here.model_copy(update={"qdrant_url": None, "qdrant_path": tmp_path / "file" / "index"})
    assert (await index_finding(under)).verdict == "fail"
    assert (await index_finding(here)).verdict == "fail"


async def test_a_model_is_looked_for(monkeypatch: pytest.MonkeyPatch, settings: None) -> None:
    """None set is a warning with the rungs left; one that is away, or is none of those listed, fails."""
    del settings
    away = LlmSettings()
    assert (await model_finding(away, is_asked=False)).verdict == "fail"
    off = LlmSettings(llm="none")
    found = await model_finding(off, is_asked=True)
    assert (found.verdict, "rungs left are" in found.seen) == ("warn", True)

    async def listed(_: object) -> frozenset[str] | NoAnswer:
        return models

    monkeypatch.setattr("services.runtime.llm_look.listed_models", listed)
    models: frozenset[str] | NoAnswer = frozenset({"gpt-5-mini", "other"})
    assert (await model_finding(away, is_asked=False)).verdict == "ok"
    models = frozenset({"other"})
    assert "none of the 1 models" in (await model_finding(away, is_asked=False)).seen
    models = frozenset()  # an endpoint that lists nothing
    assert (await model_finding(away, is_asked=False)).verdict == "ok"
    models = NoAnswer(Fault.UNREACHABLE, "nobody there")
    assert "nobody there" in (await model_finding(away, is_asked=False)).seen


async def test_a_mail_server_that_is_away_fails(settings: None) -> None:
    """No mail is sent to find out."""
    del settings
    assert (await mail_finding(ConnectorSettings())).verdict == "fail"


@pytest.mark.usefixtures("settings")
def test_where_nothing_runs_everything_is_told_in_time(capfd: pytest.CaptureFixture[str]) -> None:
    """Broker, Qdrant, model and mail server fail in our words, what hangs on them is not checked; status 1."""
    began = time.monotonic()
    assert run(["doctor", "--json"]) == 1
    assert time.monotonic() - began < 15
    said = capfd.readouterr()
    assert said.err == ""
    *rows, total = map(json.loads, said.out.splitlines())
    by_check = {each["check"]: each for each in rows}
    assert {name for name, each in by_check.items() if each["verdict"] == "fail"} == {
        "broker", "qdrant", "model", "mail server",
    }  # fmt: skip
    assert all(each["todo"] for each in rows if each["verdict"] == "fail")
    assert all("not checked" in by_check[each]["seen"] for each in AFTER)
    assert total["sum"]["fail"] == 4


def test_without_settings_each_service_says_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The variables by name, and a misspelt one with the one that may be meant."""
    monkeypatch.setenv("KINDLING_SECRT", SECRET)
    assert run(["doctor"]) == 1
    shown = capsys.readouterr().out
    lines = [each.split("\t") for each in shown.splitlines()]
    assert [each[1] for each in lines if each[0] == "settings of connector"] == ["fail"]
    assert "KINDLING_CONNECTOR_DATA" in shown
    assert ["settings", "warn"] in [each[:2] for each in lines]
    assert "KINDLING_SECRET may be meant" in shown


@pytest.mark.usefixtures("settings")
async def test_who_takes_the_call_and_says_nothing_is_given_up(deaf: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that hangs is told of, and holds nobody up."""
    monkeypatch.setattr(checks, "WITHIN_S", 0.3)
    monkeypatch.setenv("KINDLING_KAFKA_BOOTSTRAP_SERVERS", f"127.0.0.1:{deaf}")
    monkeypatch.setenv("KINDLING_CONNECTOR_SMTP_PORT", str(deaf))
    monkeypatch.setenv("KINDLING_QDRANT_URL", f"http://127.0.0.1:{deaf}")
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{deaf}/v1")
    began = time.monotonic()
    found = {each.check: each for each in await checks.examine(asks_model=False)}
    assert time.monotonic() - began < 10
    for check in ("broker", "qdrant", "model", "mail server"):
        assert (found[check].verdict, found[check].seen[:9]) == ("fail", "no answer")


def test_rights_are_read_from_their_bits() -> None:
    """By the protocol: Read is bit 3, Write 4; what is not told, or of a topic with an error, is left out."""
    topics: list[tuple[int, str, bool, list[int], int]] = [
        (0, "a", False, [], 1 << 3 | 1 << 8),
        (3, "b", False, [], 1 << 4),
        (0, "c", False, [], UNTOLD),
    ]
    assert rights_of(SimpleNamespace(topics=topics)) == {"a": {"Read", "Describe"}}


async def test_a_model_is_asked_where_that_is_wanted(serve: Serve) -> None:
    """One tiny question that is paid for; an endpoint that answers nonsense fails."""
    server = await serve(in_turn(says('{"is_there": true}'), says("no JSON")))
    settings = LlmSettings(openai_base_url=server.url, openai_api_key=SecretStr("key"), llm_model="answering")
    found = await model_finding(settings, is_asked=True)
    assert (found.verdict, "answered in" in found.seen, "for 360 tokens" in found.seen) == ("ok", True, True)
    assert len(server.bodies) == 1
    assert (await model_finding(settings, is_asked=True)).verdict == "fail"
