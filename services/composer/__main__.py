"""`python -m services.composer` writes the emails; `… replay [--anew]` writes past ones again, sending nothing."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace

from schemas.control import MAIL
from schemas.groups import COMPOSER
from schemas.identity import derived_key
from schemas.replay import Case
from schemas.signing import UNSUBSCRIBE_SEAL, content_hash
from schemas.topics import ASIDE_COMPOSER, CONTROL, EMAIL_SUPPRESSIONS, LLM_REPLIES
from services.composer.adapters.counting import counted
from services.composer.adapters.lexicon_files import read_lexicons
from services.composer.adapters.mail_renderer import MailRenderer
from services.composer.adapters.prompt_file import prompt_in, read_prompt
from services.composer.adapters.recomposing import NothingSuppressed, recomposed
from services.composer.adapters.snowball_stems import snowball
from services.composer.adapters.words_file import proven, read_locales
from services.composer.commands import LEXICONS, PROMPT, READER, SAFETY
from services.composer.pipeline import World, compose, expired
from services.composer.ports import Model, Suppressions
from services.composer.settings import ComposerSettings
from services.runtime import replay as replaying
from services.runtime.clock import now
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_current import followed_suppressions
from services.runtime.kafka_entry import entered
from services.runtime.kafka_loop import run_loop
from services.runtime.kafka_policy import AsidePolicy, LoopPolicy
from services.runtime.kafka_pulse import Group
from services.runtime.llm_client import NoLlm, build
from services.runtime.llm_ledger import Ledger
from services.runtime.llm_recorded import Recorded
from services.runtime.llm_rungs import say_rungs_left
from services.runtime.llm_settings import LlmSettings
from services.runtime.outcome import Message, Outcome
from services.runtime.process import Process, run
from services.runtime.program import read_program
from services.runtime.py3langid_language import Py3langidLanguage
from services.runtime.safety import read_safety
from services.runtime.settings import load
from services.runtime.siv_seal import SivSeal
from services.runtime.switch import Switch
from services.runtime.waiting import until_started
from services.runtime.watch import PATIENCE_S

SERVICE = "composer"


async def serve(settings: ComposerSettings, process: Process) -> None:
    """Read every suppression and the switch first, then write until told to stop."""
    kafka, key = kafka_of(settings), derived_key(settings.secret.get_secret_value().encode(), "suppression")
    llm, policy = load(LlmSettings), _policy(settings)
    model = build(llm, Ledger(kafka, LLM_REPLIES, SERVICE))
    say_rungs_left(llm, SERVICE)
    switch, topics = Switch(MAIL, process), (EMAIL_SUPPRESSIONS, CONTROL)
    world = _world(settings, model, NothingSuppressed())  # before any wait: what the business wrote wrong is told first
    if await entered(kafka, SERVICE, process, Group(policy.group, policy.topics, policy.part)) is None:
        return
    looking = None
    try:
        if not await until_started("replies", model.start, process):
            return
        looking = process.tasks.start("look for the model", model.look())
        async with followed_suppressions(kafka, topics, key, process, switch) as suppressions:
            open_world = replace(world, suppressions=suppressions, is_paused=lambda: switch.is_on)

            async def handle(message: Message) -> Outcome:
                asking = model.asking(message.partition, message.event.request.person)
                return await compose(message, replace(open_world, model=asking))

            await run_loop(replace(policy, hold=switch), kafka, counted(handle), process, model)
    finally:
        await process.tasks.stop(looking)
        await model.stop()


def _world(settings: ComposerSettings, model: Model, suppressions: Suppressions) -> World:
    secret, program = settings.secret.get_secret_value().encode(), read_program(settings.program)
    own, prompt = settings.program / LEXICONS, read_prompt(PROMPT)
    lexicons = read_lexicons(snowball, Py3langidLanguage(), read_safety(own / SAFETY), own)
    return World(
        program=program,
        program_hash=content_hash(program.model_dump(mode="json")),
        prompt=prompt,
        reader=read_prompt(READER),
        outbound_key=derived_key(secret, "outbound"),
        address_key=derived_key(secret, "address"),
        seal=SivSeal(derived_key(secret, UNSUBSCRIBE_SEAL)),
        model=model,
        renderer=MailRenderer(),
        suppressions=suppressions,
        now=now,
        lexicons=lexicons,
        locales=proven(read_locales(program), program.brand, prompt, lexicons),
    )


def _policy(settings: ComposerSettings) -> LoopPolicy:
    return LoopPolicy(
        stage=SERVICE,
        group=COMPOSER.name,
        topics=COMPOSER.topics,
        in_flight=settings.composer_in_flight,
        drain_s=settings.drain_s,
        accepts_gap=settings.accept_gap,
        patience_s=PATIENCE_S + max(each.patience_s for each in read_program(settings.program).playbooks),
        aside=AsidePolicy(ASIDE_COMPOSER, expired),
    )


def main(arguments: Sequence[str]) -> int:
    """The exit status of the command."""
    parser = argparse.ArgumentParser(prog="python -m services.composer", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    replaying.add_words(commands.add_parser("replay", help="write again; `kindling decision replay` runs it"))
    chosen = parser.parse_args(arguments)
    return run(SERVICE, ComposerSettings, serve) if chosen.command is None else replaying.ended(_replay(chosen))


async def _replay(words: argparse.Namespace) -> int:
    model: Model | None = replaying.model_for(words.model) if words.anew else None
    world = _world(load(ComposerSettings), model or NoLlm(), NothingSuppressed())
    if words.prompt is not None:
        copy, reader = (prompt_in(words.prompt, read_prompt(each)) for each in (PROMPT, READER))
        world = replace(world, prompt=copy, reader=reader)

    async def again(case: Case) -> Case:
        if words.anew and case.decision.course is None:
            return case  # the recommender ended it
        return await recomposed(case, world, model or Recorded(case.decision.asked))

    return await replaying.piped(again)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
