"""Which settings a command asks for: what has no default that is right for everybody is named by the operator."""

import os

import pytest
from pydantic import SecretStr

from services.composer.settings import ComposerSettings
from services.connector.settings import ConnectorSettings
from services.console.settings import ConsoleSettings
from services.ingest.settings import IngestSettings
from services.profile.settings import ProfileSettings
from services.recommender.settings import RecommenderSettings
from services.runtime.llm_rungs import RUNGS_LEFT, say_rungs_left
from services.runtime.llm_settings import LlmSettings
from services.runtime.outcome import Misconfigured
from services.runtime.settings import KafkaSettings, ProgramSettings, load, misspelt

SECRET = "a secret of the settings"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the secret is set."""
    for name in ("KINDLING_PROGRAM", "KINDLING_CONNECTOR_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KINDLING_SECRET", SECRET)


@pytest.mark.parametrize("kind", [ProfileSettings, RecommenderSettings, ComposerSettings, ProgramSettings])
def test_who_speaks_as_the_business_does_is_told_which(kind: type[ProgramSettings]) -> None:
    """No mail of an example leaves because a variable was forgotten; the one sentence says what to set."""
    with pytest.raises(
        Misconfigured, match=r"^settings: KINDLING_PROGRAM: expected, and it is not set \(folder of the business"
    ):
        load(kind)


def test_business_is_the_one_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """By every service that has one."""
    monkeypatch.setenv("KINDLING_PROGRAM", "a/folder")
    kinds: tuple[type[ProgramSettings], ...] = (ProfileSettings, RecommenderSettings, ComposerSettings)
    assert {str(load(kind).program) for kind in kinds} == {"a/folder"}


@pytest.mark.parametrize("kind", [IngestSettings, ConsoleSettings, KafkaSettings])
def test_who_needs_no_business_asks_for_none(kind: type[KafkaSettings]) -> None:
    """Collector, consumer, page and the tools of Kafka run without."""
    assert load(kind).kafka_bootstrap_servers == "127.0.0.1:9092"
    program = kind.model_fields.get("program")  # of the collector, whose page can do without
    assert program is None or not program.is_required()


def test_ledger_of_sent_mails_is_where_the_operator_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of the place a process is started at would be a new ledger elsewhere, and a mail sent twice."""
    with pytest.raises(
        Misconfigured, match=r"KINDLING_CONNECTOR_DATA: expected, and it is not set \(folder of the ledger"
    ):
        load(ConnectorSettings)
    monkeypatch.setenv("KINDLING_CONNECTOR_DATA", "a/folder")
    assert str(load(ConnectorSettings).connector_data) == "a/folder"


def test_misspelt_variable_is_named_with_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of another service is known, and so is the file of a secret; what is near to nothing has no nearest."""
    for name in [each for each in os.environ if each.startswith("KINDLING_")]:
        monkeypatch.delenv(name)
    for name in ("KINDLING_SECRET_FILE", "KINDLING_COMPOSER_IN_FLIGHT", "KINDLING_BENCH_DATA", "OPENAI_API_KEYS"):
        monkeypatch.setenv(name, "x")
    assert misspelt() == ()
    monkeypatch.setenv("KINDLING_CONECTOR_DATA", "x")
    monkeypatch.setenv("KINDLING_SECRET_FIEL", "x")
    monkeypatch.setenv("KINDLING_ZZZZZZZZZZZZZZZZZZZZZZZZ", "x")
    assert misspelt() == (
        ("KINDLING_CONECTOR_DATA", "KINDLING_CONNECTOR_DATA"),
        ("KINDLING_SECRET_FIEL", "KINDLING_SECRET_FILE"),
        ("KINDLING_ZZZZZZZZZZZZZZZZZZZZZZZZ", None),
    )


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("KINDLING_HEALTH_PORT", "http", "KINDLING_HEALTH_PORT: expected a whole number; 'http' came. Set them"),
        ("KINDLING_HEALTH_PORT", "70000", "KINDLING_HEALTH_PORT: expected at most 65535; '70000' came. Set them"),
        ("KINDLING_ACCEPT_GAP", "perhaps", "KINDLING_ACCEPT_GAP: expected true or false; 'perhaps' came. Set them"),
        ("KINDLING_LOG_LEVEL", "LOUD", "expected 'DEBUG', 'INFO', 'WARNING' or 'ERROR'; 'LOUD' came. Set them"),
        ("KINDLING_KAFKA_BOOTSTRAP_SERVERS", "kafka", "expected host:port, several by comma. Set them"),
        ("KINDLING_SECRET", "hunter2", "KINDLING_SECRET: expected at least 16 characters, 7 came. Set them"),
        ("KINDLING_CONNECTOR_SMTP_CA", "ca.pem", "settings: KINDLING_CONNECTOR_SMTP_CA needs KINDLING_CONNECTOR"),
    ],
)
def test_wrong_setting_says_what_was_expected(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    """In our words; what came is shown of numbers and choices alone, where no secret stands."""
    monkeypatch.setenv("KINDLING_CONNECTOR_DATA", "a/folder")
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured) as error:
        load(ConnectorSettings)
    assert said in str(error.value)
    assert "hunter2" not in str(error.value)


def test_without_a_model_one_line_says_which_rungs_are_left(caplog: pytest.LogCaptureFixture) -> None:
    """And how to have one; where there is one nothing is said."""
    with caplog.at_level("INFO"):
        say_rungs_left(LlmSettings(openai_api_key=SecretStr("a key")), "composer")
        assert caplog.messages == []
        say_rungs_left(LlmSettings(openai_api_key=None, openai_base_url=None), "composer")
        say_rungs_left(LlmSettings(llm="none", openai_api_key=SecretStr("a key")), "recommender")
    assert caplog.messages == ["no model is set"] * 2
    told = [record.__dict__ for record in caplog.records]
    assert [each["rungs_left"] for each in told] == [{"copy": "template"}, RUNGS_LEFT["recommender"]]
    assert [each["todo"].partition(",")[0] for each in told] == ["set OPENAI_API_KEY", "unset KINDLING_LLM=none"]
