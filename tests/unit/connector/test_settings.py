"""What an operator may and may not set."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.connector.settings import ConnectorSettings

SECRET = "s" * 16
FOLDER = Path("ledger")


def test_password_over_a_network_needs_encryption() -> None:
    """A user without TLS is refused for any host but this machine, by the setting's name."""
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


@pytest.mark.parametrize(
    ("given", "tls"),
    [
        ({}, "none"),
        ({"connector_smtp_starttls": True}, "starttls"),
        ({"connector_smtp_tls": "starttls", "connector_smtp_starttls": True}, "starttls"),
        ({"connector_smtp_tls": "implicit"}, "implicit"),
        ({"connector_smtp_tls": "implicit", "connector_smtp_ca": Path("ca.pem")}, "implicit"),
    ],
)
def test_either_setting_says_how_to_encrypt(given: dict[str, Any], tls: str) -> None:
    """The older one is a second name of `starttls`."""
    assert ConnectorSettings(secret=SECRET, connector_data=FOLDER, **given).smtp_tls == tls


@pytest.mark.parametrize(
    "given",
    [
        {"connector_smtp_tls": "none", "connector_smtp_starttls": True},
        {"connector_smtp_tls": "implicit", "connector_smtp_starttls": True},
        {"connector_smtp_ca": Path("ca.pem")},
        {"connector_smtp_tls": "ssl"},
    ],
)
def test_settings_that_contradict_are_refused(given: dict[str, Any]) -> None:
    """Nobody should believe a line encrypted that is not: the settings are named, or the words one may say."""
    with pytest.raises(ValidationError, match=r"KINDLING_CONNECTOR_SMTP_TLS|'none', 'starttls' or 'implicit'"):
        ConnectorSettings(secret=SECRET, connector_data=FOLDER, **given)
