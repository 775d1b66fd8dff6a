"""Settings: read from the environment once, at the composition root; printed masked at start."""

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, cast

from pydantic import Field, SecretStr, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from schemas.problems import Problem, came, expected
from services.runtime.outcome import Misconfigured
from services.runtime.secret_files import SecretFiles, variable_of
from services.runtime.setting_names import NAMES

PREFIX = "KINDLING_"
TOOLS = (f"{PREFIX}BENCH_", f"{PREFIX}TEST_", f"{PREFIX}SHARED")  # of bench and tests, which start services
S = TypeVar("S", bound=BaseSettings)
SHOWN = frozenset({"literal_error", "bool_parsing", "int_parsing", "float_parsing", "greater_than", "less_than"}) | {
    "greater_than_equal",
    "less_than_equal",
}  # errors of settings that are numbers or one of some words: no secret is
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

    kafka_bootstrap_servers: Annotated[str, StringConstraints(pattern=r"^[^\s,]+:\d+(,[^\s,]+:\d+)*$")] = Field(
        default="127.0.0.1:9092", description="your Kafka: host:port of some brokers, by comma"
    )
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="what the listener speaks; SASL_PLAINTEXT on this machine alone"
    )
    kafka_ca: Path | None = Field(
        default=None, description="PEM file of the authorities that sign brokers; unset: those of the machine"
    )
    kafka_certificate: Path | None = Field(default=None, description="PEM file of the client, its chain behind it")
    kafka_key: Path | None = Field(default=None, description="PEM file of the key of the certificate")
    kafka_key_password: SecretStr | None = Field(
        default=None, description="of the key of the certificate, where it is encrypted"
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] | None = Field(
        default=None, description="how SASL asks who comes; with SASL_SSL and SASL_PLAINTEXT"
    )
    kafka_username: str | None = Field(default=None, description="of PLAIN and SCRAM")
    kafka_password: SecretStr | None = Field(default=None, description="of PLAIN and SCRAM")
    kafka_token_file: Path | None = Field(
        default=None, description="of OAUTHBEARER: file that holds the token, read anew for each connection"
    )
    kafka_token_command: SecretStr | None = Field(
        default=None,
        description="of OAUTHBEARER: run for each connection, without a shell; what it prints within 10 s is the token",
    )


class ProgramSettings(KafkaSettings):
    """Kafka, and the business: all that a tool needs which speaks as the business does."""

    program: Path = Field(description="folder of the business; ingest alone can do without")


class ProgramIfAny(EnvironmentSettings):
    """The business, for a tool that can do without."""

    program: Path | None = Field(default=None, description="folder of the business")


class SecretIfAny(KafkaSettings):
    """The installation's secret, for a tool that needs it only where somebody is named by an address."""

    secret: Secret | None = Field(default=None, description="every key is derived from it, that of an address too")


class ServiceSettings(KafkaSettings):
    """What every service has, whether it has a business or not; a service's own fields begin with its name."""

    secret: Secret = Field(description="one for all services of an installation; every key is derived from it")
    health_host: str = Field(
        default="127.0.0.1", description="where /live /ready /metrics /version of a process listen"
    )
    health_port: int = Field(default=0, ge=0, le=65535, description="0: any free port; the log says which")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="of our own lines; libraries are heard from WARNING up"
    )
    accept_gap: bool = Field(
        default=False,
        description="start once although records were deleted unread or a topic was made anew; status 76 says when",
    )
    instance_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,200}$")] | None = Field(
        default=None,
        description="a name that no other process of the service has and that stays over a restart, as a StatefulSet's "
        "pod has one: its partitions then wait for it instead of moving; unset: they move at once",
    )
    instance_session_s: float = Field(
        default=45.0,
        ge=6,
        le=300,
        description="with KINDLING_INSTANCE_ID: how long its partitions wait for a process that is away",
    )
    live_patience_s: float | None = Field(
        default=None,
        gt=0,
        le=86_400,
        description="how long records may be at work with none finished before /live fails; unset: the longest a "
        "service may take by its own settings",
    )
    restarts: int = Field(default=0, ge=0, description="set by the supervisor: how often it started the service anew")
    last_status: Annotated[str, StringConstraints(pattern=r"^\d{0,3}$")] = Field(
        default="", description="set by the supervisor: the status the service ended with before"
    )
    otlp_endpoint: Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$")] | None = Field(
        default=None, description="URL that takes spans by OTLP over HTTP; unset: none are made. Needs the extra `otel`"
    )
    drain_s: float = Field(default=10.0, ge=0, le=120, description="how long SIGTERM waits for running work")


def load(kind: type[S]) -> S:
    """The settings as the environment gives them.

    Raises:
        Misconfigured: it names each variable, what was expected and what to do.
    """
    try:
        return kind()
    except ValidationError as error:
        problems = "; ".join(_problem(kind, each) for each in error.errors(include_url=False))
        raise Misconfigured(f"settings: {problems}. Set them in the environment") from None


def misspelt() -> tuple[tuple[str, str | None], ...]:
    """The variables of the environment that begin with the prefix and that no setting has, each with the nearest."""
    here = (name.upper() for name in EnvSettingsSource(EnvironmentSettings).env_vars)
    unknown = sorted(
        name for name in here if name.startswith(PREFIX) and not name.startswith(TOOLS) and name not in NAMES
    )
    return tuple((name, next(iter(get_close_matches(name, NAMES, 1)), None)) for name in unknown)


def masked(settings: BaseSettings) -> dict[str, Any]:
    """The settings as they may be logged: secrets are stars."""
    return settings.model_dump(mode="json")


def _problem(kind: type[BaseSettings], problem: Problem) -> str:
    """The variable and what was expected; what came only where it is no secret, what it is for where nothing did."""
    if not problem["loc"]:
        return expected(problem)
    name = str(problem["loc"][0])
    variable, field = variable_of(kind, name), kind.model_fields.get(name)
    if problem["type"] == "missing":
        meaning = "" if field is None else f" ({field.description})"
        return f"{variable}: expected, and it is not set{meaning}"
    return f"{variable}: {expected(problem)}{came(problem) if problem['type'] in SHOWN else ''}"
