"""`python -m services.connector`: sends what the composer finished."""

import sys
from functools import partial

from schemas.identity import derived_key
from schemas.topics import EMAIL_OUTBOUND, EMAIL_SUPPRESSIONS
from services.connector.adapters.clock import MachineClock
from services.connector.adapters.smtp_mailer import Server, SmtpMailer
from services.connector.adapters.sqlite_ledger import SqliteLedger
from services.connector.pipeline import World, deliver
from services.connector.settings import ConnectorSettings
from services.runtime.kafka_loop import LoopPolicy, run_loop
from services.runtime.kafka_view import View
from services.runtime.process import Process, run
from services.runtime.suppression_table import SuppressionTable

SERVICE = "connector"


async def serve(settings: ConnectorSettings, process: Process) -> None:
    """Read every suppression first, then send until told to stop."""
    secret = settings.secret.get_secret_value().encode()
    clock = MachineClock()
    ledger = await SqliteLedger.open(settings.connector_data, clock.now())
    suppressions = SuppressionTable(derived_key(secret, "suppression"))
    view = View(settings.kafka_bootstrap_servers, (EMAIL_SUPPRESSIONS,), suppressions.apply, suppressions.undecodable)
    world = World(derived_key(secret, "outbound"), ledger, SmtpMailer(_server(settings)), suppressions, clock)
    try:
        async with view.followed("suppressions", process.health):
            await run_loop(_policy(settings), settings.kafka_bootstrap_servers, partial(deliver, world=world), process)
    finally:
        await ledger.close()


def _server(settings: ConnectorSettings) -> Server:
    password = settings.connector_smtp_password
    return Server(
        settings.connector_smtp_host,
        settings.connector_smtp_port,
        settings.connector_smtp_user,
        None if password is None else password.get_secret_value(),
        settings.connector_smtp_starttls,
        settings.connector_smtp_timeout_s,
    )


def _policy(settings: ConnectorSettings) -> LoopPolicy:
    return LoopPolicy(
        stage=SERVICE,
        group="kindling.connector",
        topics=(EMAIL_OUTBOUND,),
        in_flight=settings.connector_in_flight,
        drain_s=settings.drain_s,
    )


if __name__ == "__main__":
    sys.exit(run(SERVICE, ConnectorSettings, serve))
