"""Settings: read from the environment once, at the composition root; printed masked at start."""

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, cast

from pydantic import Field, SecretStr, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from services.runtime.outcome import Misconfigured
from services.runtime.secret_files import SecretFiles, variable_of

PREFIX = "KINDLING_"
S = TypeVar("S", bound=BaseSettings)
Secret = Annotated[SecretStr, Field(min_length=16)]


class EnvironmentSettings(BaseSettings):
    """Settings of the environment; each secret also by the file that `<its name>_FILE` names."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", populate_by_name=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is passed by name, then the environment, then the files it names; the library's own files are unused."""
        named = SecretFiles(settings_cls, cast("EnvSettingsSource", env_settings))
        return init_settings, env_settings, named, dotenv_settings, file_secret_settings


class KafkaSettings(EnvironmentSettings):
    """Where Kafka is and how one gets in: all that a tool without a secret needs."""

    kafka_bootstrap_servers: Annotated[str, StringConstraints(pattern=r"^[^\s,]+:\d+(,[^\s,]+:\d+)*$")] = (
        "127.0.0.1:9092"
    )
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_ca: Path | None = Field(default=None, description="PEM file; unset: the authorities of the machine")
    kafka_certificate: Path | None = Field(default=None, description="PEM file of the client, its chain behind it")
    kafka_key: Path | None = Field(default=None, description="PEM file of the key of the certificate")
    kafka_key_password: SecretStr | None = None
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] | None = None
    kafka_username: str | None = None
    kafka_password: SecretStr | None = None
    kafka_token_file: Path | None = Field(default=None, description="read anew for each connection")
    kafka_token_command: SecretStr | None = Field(
        default=None, description="run for each connection, without a shell; what it prints is the token"
    )


class ProgramSettings(KafkaSettings):
    """Kafka, and the business: all that a tool needs which speaks as the business does."""

    program: Path = Field(description="folder of the business")


class ProgramIfAny(EnvironmentSettings):
    """The business, for a tool that can do without."""

    program: Path | None = Field(default=None, description="folder of the business")


class ServiceSettings(KafkaSettings):
    """What every service has, whether it has a business or not; a service's own fields begin with its name."""

    secret: Secret = Field(description="one for all services of an installation; every key is derived from it")
    health_host: str = "127.0.0.1"
    health_port: int = Field(default=0, ge=0, le=65535, description="0: any free port; the log says which")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    accept_gap: bool = Field(default=False, description="start once although records were lost, or a topic made anew")
    live_patience_s: float | None = Field(
        default=None, gt=0, le=86_400, description="how long records may be at work before the process counts as dead"
    )
    otlp_endpoint: Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$")] | None = Field(
        default=None, description="URL that takes spans by OTLP over HTTP; unset: none are made. Needs the extra `otel`"
    )
    restarts: int = Field(default=0, ge=0, description="the supervisor's word: it lets a process in that was in before")
    last_status: Annotated[str, StringConstraints(pattern=r"^\d{0,3}$")] = Field(default="", description="likewise")
    drain_s: float = Field(default=10.0, ge=0, le=120, description="how long SIGTERM waits for running work")


def load(kind: type[S]) -> S:
    """The settings as the environment gives them.

    Raises:
        Misconfigured: it names each variable, what was expected and what to do.
    """
    try:
        return kind()
    except ValidationError as error:
        problems = "; ".join(
            f"{_variable(kind, each['loc'])}: {each['msg']}{_meaning(kind, each['type'], each['loc'])}"
            for each in error.errors(include_url=False)
        )
        raise Misconfigured(f"settings: {problems}. Set them in the environment") from None


def masked(settings: BaseSettings) -> dict[str, Any]:
    """The settings as they may be logged: secrets are stars."""
    return settings.model_dump(mode="json")


def _variable(kind: type[BaseSettings], where: tuple[int | str, ...]) -> str:
    return variable_of(kind, str(where[0]) if where else "settings")


def _meaning(kind: type[BaseSettings], problem: str, where: tuple[int | str, ...]) -> str:
    """What a variable that is not set is for."""
    field = kind.model_fields.get(str(where[0])) if problem == "missing" else None
    return "" if field is None or field.description is None else f" ({field.description})"
