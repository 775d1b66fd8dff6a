"""`python -m services.connector`: sends what the composer finished; `… unknown` lists mails whose end nobody knows."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from schemas.control import MAIL
from schemas.groups import CONNECTOR
from schemas.identity import derived_key
from schemas.topics import ASIDE_CONNECTOR, CONTROL, EMAIL_SUPPRESSIONS
from services.connector.adapters.clock import MachineClock
from services.connector.adapters.counting import counted
from services.connector.adapters.smtp_mailer import SmtpMailer
from services.connector.adapters.sqlite_ledger import SqliteLedger
from services.connector.clients import let_in, server_of
from services.connector.commands import unknown
from services.connector.core.values import RejectReason
from services.connector.pipeline import deliver, expired
from services.connector.settings import ConnectorSettings
from services.connector.world import World
from services.runtime.disk import show_disks
from services.runtime.errors import Status
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_current import followed_suppressions
from services.runtime.kafka_entry import entered
from services.runtime.kafka_loop import run_loop
from services.runtime.kafka_policy import AsidePolicy, LoopPolicy
from services.runtime.kafka_pulse import Group
from services.runtime.metrics import begin_letters
from services.runtime.process import Process, run
from services.runtime.switch import Switch
from services.runtime.waiting import until_there

SERVICE = "connector"
UNKNOWN = "unknown"
HELP = {"-h", "--help"}
STEPS = 10  # of a send, each of which may take the whole timeout


async def serve(settings: ConnectorSettings, process: Process) -> None:
    """Read every suppression and the switch first, then send until told to stop."""
    kafka, switch = kafka_of(settings), Switch(MAIL, process)
    policy = replace(_policy(settings), hold=switch)
    show_disks({"connector_data": settings.connector_data})
    begin_letters(SERVICE, RejectReason)
    if await entered(kafka, SERVICE, process, Group(policy.group, policy.topics, policy.part)) is None:
        return
    secret = settings.secret.get_secret_value().encode()
    clock, mailer = MachineClock(), SmtpMailer(server_of(settings))
    ledger = await SqliteLedger.open(settings.connector_data, clock.now())
    try:
        key = derived_key(secret, "suppression")
        topics = (EMAIL_SUPPRESSIONS, CONTROL)
        async with followed_suppressions(kafka, topics, key, process, switch) as suppressions:
            outbound, address = derived_key(secret, "outbound"), derived_key(secret, "address")
            again = timedelta(seconds=settings.connector_again_s)
            world = World(
                outbound, address, ledger, mailer, suppressions, clock, again=again, is_paused=lambda: switch.is_on
            )
            if await until_there("mail server", partial(let_in, mailer), process):
                await run_loop(policy, kafka, counted(partial(deliver, world=world)), process)
    finally:
        await ledger.close()


def _policy(settings: ConnectorSettings) -> LoopPolicy:
    return LoopPolicy(
        stage=SERVICE,
        group=CONNECTOR.name,
        topics=CONNECTOR.topics,
        in_flight=settings.connector_in_flight,
        drain_s=settings.drain_s,
        accepts_gap=settings.accept_gap,
        aside=AsidePolicy(ASIDE_CONNECTOR, expired),
        patience_s=STEPS * settings.connector_smtp_timeout_s,
    )


def main(arguments: Sequence[str]) -> int:
    """The exit status of the service, or of the command that the arguments name."""
    if arguments[:1] == [UNKNOWN]:
        return unknown(arguments[1:])
    if HELP & {*arguments}:
        sys.stdout.write(f"usage: {__doc__}\n`{UNKNOWN}` takes --help, too.\n")
        return 0
    if arguments:
        sys.stderr.write(f"connector: expected nothing, or `{UNKNOWN} [--json]`; came: {' '.join(arguments)}\n")
        return Status.MISCONFIGURED
    return run(SERVICE, ConnectorSettings, serve)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
