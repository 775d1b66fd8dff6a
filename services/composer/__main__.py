"""`python -m services.composer`: writes the emails."""

import sys
from functools import partial

from schemas.identity import derived_key
from schemas.topics import EMAIL_SUPPRESSIONS, RECOMMENDATIONS
from services.composer.adapters.counting import counted
from services.composer.adapters.mail_renderer import MailRenderer
from services.composer.adapters.prompt_file import read_prompt
from services.composer.pipeline import World, compose
from services.composer.settings import ComposerSettings
from services.runtime.clock import now
from services.runtime.kafka_loop import LoopPolicy, run_loop
from services.runtime.kafka_view import View
from services.runtime.llm_client import build
from services.runtime.llm_settings import LlmSettings
from services.runtime.process import Process, run
from services.runtime.program import read_program
from services.runtime.settings import load
from services.runtime.suppression_table import SuppressionTable

SERVICE = "composer"
PROMPT = "copy.v1"


async def serve(settings: ComposerSettings, process: Process) -> None:
    """Read every suppression first, then write until told to stop."""
    secret = settings.secret.get_secret_value().encode()
    suppressions = SuppressionTable(derived_key(secret, "suppression"))
    world = World(
        program=read_program(settings.program),
        prompt=read_prompt(PROMPT),
        outbound_key=derived_key(secret, "outbound"),
        unsubscribe_key=derived_key(secret, "unsubscribe"),
        model=build(load(LlmSettings)),
        renderer=MailRenderer(),
        suppressions=suppressions,
        now=now,
    )
    view = View(settings.kafka_bootstrap_servers, (EMAIL_SUPPRESSIONS,), suppressions.apply)
    handle = counted(partial(compose, world=world))
    async with view.followed("suppressions", process.health):
        await run_loop(_policy(settings), settings.kafka_bootstrap_servers, handle, process)


def _policy(settings: ComposerSettings) -> LoopPolicy:
    return LoopPolicy(
        stage=SERVICE,
        group="kindling.composer",
        topics=(RECOMMENDATIONS,),
        in_flight=settings.composer_in_flight,
        drain_s=settings.drain_s,
    )


if __name__ == "__main__":
    sys.exit(run(SERVICE, ComposerSettings, serve))
