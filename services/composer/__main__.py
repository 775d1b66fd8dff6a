"""`python -m services.composer` writes the emails; `… replay [--anew]` writes past ones again, sending nothing."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace

from schemas.identity import derived_key
from schemas.replay import Case
from schemas.signing import content_hash
from schemas.topics import EMAIL_SUPPRESSIONS, LLM_REPLIES, RECOMMENDATIONS
from services.composer.adapters.counting import counted
from services.composer.adapters.mail_renderer import MailRenderer
from services.composer.adapters.prompt_file import prompt_in, read_prompt
from services.composer.adapters.recomposing import NothingSuppressed, recomposed
from services.composer.pipeline import World, compose
from services.composer.ports import Model, Suppressions
from services.composer.settings import ComposerSettings
from services.runtime import replay as replaying
from services.runtime.clock import now
from services.runtime.kafka_loop import LoopPolicy, run_loop
from services.runtime.kafka_view import View
from services.runtime.llm_client import NoLlm, build
from services.runtime.llm_ledger import Ledger
from services.runtime.llm_recorded import Recorded
from services.runtime.llm_settings import LlmSettings
from services.runtime.outcome import Message, Outcome
from services.runtime.process import Process, run
from services.runtime.program import read_program
from services.runtime.settings import load
from services.runtime.suppression_table import SuppressionTable

SERVICE = "composer"
PROMPT = "copy.v1"


async def serve(settings: ComposerSettings, process: Process) -> None:
    """Read every suppression first, then write until told to stop."""
    suppressions = SuppressionTable(derived_key(settings.secret.get_secret_value().encode(), "suppression"))
    model = build(load(LlmSettings), Ledger(settings.kafka_bootstrap_servers, LLM_REPLIES, SERVICE))
    world = _world(settings, model, suppressions)
    view = View(settings.kafka_bootstrap_servers, (EMAIL_SUPPRESSIONS,), suppressions.apply, suppressions.undecodable)

    async def handle(message: Message) -> Outcome:
        asking = model.asking(message.partition, message.event.request.person)
        return await compose(message, replace(world, model=asking))

    try:
        await model.start()
        async with view.followed("suppressions", process.health):
            await run_loop(_policy(settings), settings.kafka_bootstrap_servers, counted(handle), process, model)
    finally:
        await model.stop()


def _world(settings: ComposerSettings, model: Model, suppressions: Suppressions) -> World:
    secret, program = settings.secret.get_secret_value().encode(), read_program(settings.program)
    return World(
        program=program,
        program_hash=content_hash(program.model_dump(mode="json")),
        prompt=read_prompt(PROMPT),
        outbound_key=derived_key(secret, "outbound"),
        unsubscribe_key=derived_key(secret, "unsubscribe"),
        model=model,
        renderer=MailRenderer(),
        suppressions=suppressions,
        now=now,
    )


def _policy(settings: ComposerSettings) -> LoopPolicy:
    return LoopPolicy(
        stage=SERVICE,
        group="kindling.composer",
        topics=(RECOMMENDATIONS,),
        in_flight=settings.composer_in_flight,
        drain_s=settings.drain_s,
    )


def main(arguments: Sequence[str]) -> int:
    """The exit status of the command."""
    parser = argparse.ArgumentParser(prog="python -m services.composer", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    replaying.add_words(commands.add_parser("replay", help="write again; `kindling decision replay` runs it"))
    chosen = parser.parse_args(arguments)
    return run(SERVICE, ComposerSettings, serve) if chosen.command is None else replaying.ended(_replay(chosen))


async def _replay(words: argparse.Namespace) -> None:
    model: Model | None = replaying.model_for(words.model) if words.anew else None
    world = _world(load(ComposerSettings), model or NoLlm(), NothingSuppressed())
    if words.prompt is not None:
        world = replace(world, prompt=prompt_in(words.prompt, world.prompt))

    async def again(case: Case) -> Case:
        if words.anew and case.decision.course is None:
            return case  # the recommender ended it
        return await recomposed(case, world, model or Recorded(case.decision.asked))

    await replaying.replay(again, sys.stdin, sys.stdout.write)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
