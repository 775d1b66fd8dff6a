"""What an operator may and may not set."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from services.connector.settings import ConnectorSettings

SECRET = "s" * 16
FOLDER = Path("ledger")


def test_password_over_a_network_needs_encryption() -> None:
    """A user without STARTTLS is refused for any host but this machine, by the setting's name."""
    with pytest.raises(ValidationError, match="KINDLING_CONNECTOR_SMTP_STARTTLS"):
        ConnectorSettings(
            secret=SECRET, connector_data=FOLDER, connector_smtp_host="mail.example.com", connector_smtp_user="academy"
        )


@pytest.mark.parametrize(("host", "starttls"), [("127.0.0.1", False), ("mail.example.com", True)])
def test_loopback_or_encrypted_password_is_taken(host: str, *, starttls: bool) -> None:
    """Both keep it to ourselves."""
    settings = ConnectorSettings(
        secret=SECRET,
        connector_data=FOLDER,
        connector_smtp_host=host,
        connector_smtp_user="academy",
        connector_smtp_starttls=starttls,
    )
    assert settings.connector_smtp_user == "academy"
