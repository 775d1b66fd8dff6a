"""Each secret setting may stand in a file that `<its name>_FILE` names."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from services.connector.settings import ConnectorSettings
from services.recommender.settings import RecommenderSettings
from services.runtime.llm_settings import LlmSettings
from services.runtime.outcome import Misconfigured
from services.runtime.settings import EnvironmentSettings, KafkaSettings, load, masked

SECRET = "a secret of a test of secrets"
EVERY: tuple[tuple[type[EnvironmentSettings], str, str], ...] = (
    (ConnectorSettings, "secret", "KINDLING_SECRET"),
    (ConnectorSettings, "connector_smtp_password", "KINDLING_CONNECTOR_SMTP_PASSWORD"),
    (RecommenderSettings, "qdrant_api_key", "KINDLING_QDRANT_API_KEY"),
    (RecommenderSettings, "recommender_embedding_api_key", "KINDLING_RECOMMENDER_EMBEDDING_API_KEY"),
    (LlmSettings, "openai_api_key", "OPENAI_API_KEY"),
    (KafkaSettings, "kafka_password", "KINDLING_KAFKA_PASSWORD"),
    (KafkaSettings, "kafka_key_password", "KINDLING_KAFKA_KEY_PASSWORD"),
    (KafkaSettings, "kafka_token_command", "KINDLING_KAFKA_TOKEN_COMMAND"),
)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a secret and a newline; the environment knows the one secret that every service needs."""
    for _, _, variable in EVERY:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("KINDLING_SECRET", SECRET)
    for folder in ("KINDLING_PROGRAM", "KINDLING_CONNECTOR_DATA"):
        monkeypatch.setenv(folder, str(tmp_path))
    path = tmp_path / "secret"
    path.write_text("a secret  of a file \r\n")
    return path


@pytest.mark.parametrize(("kind", "name", "variable"), EVERY)
def test_every_secret_may_stand_in_a_file(
    kind: type[EnvironmentSettings], name: str, variable: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newline at its end is off, the space before it is not; the settings line shows stars."""
    monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv(f"{variable}_FILE", str(file))
    settings = load(kind)
    assert getattr(settings, name) == SecretStr("a secret  of a file ")
    assert masked(settings)[name] == "**********"


@pytest.mark.parametrize(
    ("content", "said"), [(None, "cannot read .*: No such file"), (b"\n", "is empty"), (b"\xff\xfe", "not UTF-8")]
)
def test_a_file_that_holds_no_secret_is_refused(
    content: bytes | None, said: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence with the variable's name, never with the content."""
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("KINDLING_KAFKA_PASSWORD_FILE", str(file))
    with pytest.raises(Misconfigured, match=f"KINDLING_KAFKA_PASSWORD_FILE: .*{said}"):
        load(KafkaSettings)


def test_a_secret_stands_in_one_place(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of two would count is nobody's guess."""
    monkeypatch.setenv("KINDLING_SECRET_FILE", str(file))
    with pytest.raises(Misconfigured, match="KINDLING_SECRET and KINDLING_SECRET_FILE are both set"):
        load(ConnectorSettings)


def test_only_secrets_stand_in_files(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file named for a plain setting is passed over."""
    monkeypatch.setenv("KINDLING_KAFKA_USERNAME_FILE", str(file))
    assert load(KafkaSettings).kafka_username is None
