"""What the connector and its commands reach the mail server by."""

from services.connector.adapters.smtp_mailer import Server, SmtpMailer
from services.connector.core.values import Away, Barred
from services.connector.settings import ConnectorSettings
from services.runtime.outcome import Misconfigured, Unavailable


async def probe(settings: ConnectorSettings) -> str:
    """Connect, greet, encrypt and log in as the settings say, without a mail; the server's place.

    Raises:
        Unavailable: it is away.
        Misconfigured: it does not let us in, or the certificates of the settings cannot be read.
    """
    server = server_of(settings)
    await let_in(SmtpMailer(server))
    return server.place


async def let_in(mailer: SmtpMailer) -> bool:
    """True where the mail server lets us in.

    Raises:
        Unavailable: it is away.
        Misconfigured: it does not, for a reason that is the operator's to set right.
    """
    match await mailer.probe():
        case Away(detail):
            raise Unavailable(detail)
        case Barred(detail):
            raise Misconfigured(detail)
        case _:
            return True


def server_of(settings: ConnectorSettings) -> Server:
    """Where mails are handed over."""
    password = settings.connector_smtp_password
    return Server(
        settings.connector_smtp_host,
        settings.connector_smtp_port,
        settings.connector_smtp_user,
        None if password is None else password.get_secret_value(),
        settings.smtp_tls,
        settings.connector_smtp_timeout_s,
        settings.connector_smtp_ca,
    )
