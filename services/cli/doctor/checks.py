"""All checks of the doctor: those of the machine at once, then those that ask somebody, side by side."""

import asyncio
from collections.abc import Awaitable
from functools import partial

from services.cli.doctor.broker import broker_findings, without_broker
from services.cli.doctor.finding import Finding, fail, unchecked
from services.cli.doctor.machine import disk_findings, libraries_finding, python_finding
from services.cli.doctor.services import (
    folders_of,
    index_finding,
    load_all,
    mail_finding,
    model_finding,
    program_finding,
    senders_finding,
)
from services.runtime.clock import now_ms
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_look import look
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.settings import KafkaSettings, load

WITHIN_S = 5.0  # of each check
AWAY = "start it, or mend KINDLING_KAFKA_BOOTSTRAP_SERVERS (`make up` starts one on this machine)"


async def examine(*, asks_model: bool) -> list[Finding]:
    """Every finding, in the order of the table; it takes little longer than the slowest check may."""
    loaded = load_all()
    here = [python_finding(), libraries_finding(), *loaded.findings, program_finding()]
    has = loaded.settings
    here += [senders_finding(has["ingest"])] if "ingest" in has else []
    asked: list[Awaitable[list[Finding]]] = [_within("broker", _broker())]
    for check, service, act in (
        ("qdrant", "recommender", index_finding),
        ("model", "model", partial(model_finding, is_asked=asks_model)),
        ("mail server", "connector", mail_finding),
    ):
        if service in has:
            asked.append(_within(check, _alone(act(has[service]))))
        else:
            here.append(unchecked(check, f"the settings of {service} cannot be read"))
    heard = await asyncio.gather(*asked)
    return [*here, *(each for found in heard for each in found), *disk_findings(folders_of(has))]


async def _broker() -> list[Finding]:
    try:
        settings = load(KafkaSettings)
        seen = await look(kafka_of(settings))
    except Unavailable as error:
        return without_broker(str(error), AWAY)
    except Misconfigured as error:
        return without_broker(str(error), "mend it as said")
    return broker_findings(seen, settings.kafka_bootstrap_servers, now_ms())


async def _within(check: str, findings: Awaitable[list[Finding]]) -> list[Finding]:
    try:
        async with asyncio.timeout(WITHIN_S):
            return await findings
    except TimeoutError:
        late = f"no answer within {WITHIN_S:.0f} s"
        return without_broker(late, AWAY) if check == "broker" else [_late(check, late)]


def _late(check: str, late: str) -> Finding:
    return fail(check, late, "look whether it runs, and whether a firewall lets this machine reach it")


async def _alone(finding: Awaitable[Finding]) -> list[Finding]:
    return [await finding]
