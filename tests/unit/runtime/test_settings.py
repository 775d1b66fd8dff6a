"""Which settings a command asks for: what has no default that is right for everybody is named by the operator."""

import pytest

from services.composer.settings import ComposerSettings
from services.connector.settings import ConnectorSettings
from services.console.settings import ConsoleSettings
from services.ingest.settings import IngestSettings
from services.profile.settings import ProfileSettings
from services.recommender.settings import RecommenderSettings
from services.runtime.outcome import Misconfigured
from services.runtime.settings import KafkaSettings, ProgramSettings, load

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
