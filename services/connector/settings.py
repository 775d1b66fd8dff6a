"""What an operator may set for the connector, beside what every service has."""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator

from services.connector.core.values import Tls
from services.runtime.settings import KafkaSettings, ServiceSettings

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class LedgerSettings(KafkaSettings):
    """Where the ledger is: all that a look into it needs."""

    connector_data: Path = Field(
        description="folder of the ledger of what was sent, on a disk that stays; without it a mail could go twice"
    )


class ConnectorSettings(LedgerSettings, ServiceSettings):
    """`KINDLING_CONNECTOR_…`."""

    connector_smtp_host: str = Field(default="127.0.0.1", description="your mail server")
    connector_smtp_port: int = Field(default=2525, ge=1, le=65_535, description="of your mail server")
    connector_smtp_user: str | None = Field(default=None, description="unset: it is asked without a login")
    connector_smtp_password: SecretStr | None = Field(
        default=None, description="of the user; goes over a network only encrypted"
    )
    connector_smtp_tls: Tls | None = Field(default=None, description="how the connection is encrypted; unset: none")
    connector_smtp_starttls: bool = Field(default=False, description="the older way to say TLS=starttls")
    connector_smtp_ca: Path | None = Field(
        default=None, description="PEM file of the authorities to trust; unset: those of the machine"
    )
    connector_smtp_timeout_s: float = Field(default=30, gt=0, le=600, description="of each step of a send")
    connector_again_s: int = Field(
        default=1_800, ge=1, le=14_400, description="until a deferred recipient is tried again; each time longer"
    )
    connector_in_flight: int = Field(default=8, ge=1, le=1_000, description="mails, and so connections, at once")

    @property
    def smtp_tls(self) -> Tls:
        """How the connection is encrypted, whichever setting says it."""
        return self.connector_smtp_tls or ("starttls" if self.connector_smtp_starttls else "none")

    @model_validator(mode="after")
    def _say_one_thing(self) -> Self:
        if self.connector_smtp_starttls and self.smtp_tls != "starttls":
            raise ValueError(
                f"KINDLING_CONNECTOR_SMTP_TLS={self.smtp_tls} contradicts KINDLING_CONNECTOR_SMTP_STARTTLS=true: "
                "unset the latter"
            )
        if self.connector_smtp_ca is not None and self.smtp_tls == "none":
            raise ValueError("KINDLING_CONNECTOR_SMTP_CA needs KINDLING_CONNECTOR_SMTP_TLS=starttls or =implicit")
        return self

    @model_validator(mode="after")
    def _keep_the_password(self) -> Self:
        if self.connector_smtp_user and self.smtp_tls == "none" and self.connector_smtp_host not in LOOPBACK:
            raise ValueError(
                "a password goes over the network only encrypted: set KINDLING_CONNECTOR_SMTP_TLS=starttls or "
                "=implicit (KINDLING_CONNECTOR_SMTP_STARTTLS=true says the first, too)"
            )
        return self
