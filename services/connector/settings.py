"""What an operator may set for the connector, beside what every service has."""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator

from services.runtime.settings import ServiceSettings

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class ConnectorSettings(ServiceSettings):
    """`KINDLING_CONNECTOR_…`."""

    connector_data: Path = Field(description="folder of the ledger of what was sent; never delete it")
    connector_smtp_host: str = "127.0.0.1"
    connector_smtp_port: int = Field(default=2525, ge=1, le=65_535)
    connector_smtp_user: str | None = None
    connector_smtp_password: SecretStr | None = None
    connector_smtp_starttls: bool = Field(default=False, description="encrypt, and refuse a server that cannot")
    connector_smtp_timeout_s: float = Field(default=30, gt=0, le=600, description="of each step of a send")
    connector_in_flight: int = Field(default=8, ge=1, le=1_000, description="mails, and so connections, at once")

    @model_validator(mode="after")
    def _keep_the_password(self) -> Self:
        if self.connector_smtp_user and not self.connector_smtp_starttls and self.connector_smtp_host not in LOOPBACK:
            raise ValueError(
                "a password goes over the network only encrypted: set KINDLING_CONNECTOR_SMTP_STARTTLS=true"
            )
        return self
