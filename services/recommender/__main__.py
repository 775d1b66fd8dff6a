"""`python -m services.recommender` recommends; `… import <file> [--dry-run]` publishes a catalogue, JSONL or CSV.

`… replay [--anew]` decides cases again: lines of JSON from standard input to standard output.
"""

import argparse
import asyncio
import gc
import logging
import sys
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from os import getpid
from pathlib import Path
from socket import gethostname
from typing import Any

from schemas.topics import CATALOG_STANDING, COURSES_SIGNALS, LLM_REPLIES, RECOMMENDATION_REQUESTS
from services.recommender.adapters import standing_table
from services.recommender.adapters.catalogue import TOPICS, ViewedCatalogue
from services.recommender.adapters.clock import MachineClock
from services.recommender.adapters.generations import Generations, SpokenEmbedder, SpokenWords
from services.recommender.adapters.index_keeper import IndexKeeper, Sharing
from services.recommender.adapters.measure import measured
from services.recommender.adapters.prompt_files import read_prompts
from services.recommender.adapters.standing_fold import StandingFold
from services.recommender.adapters.stemmed_words import StemmedWords
from services.recommender.adapters.vector_shelf import TOPICS as VECTORS
from services.recommender.adapters.vector_shelf import VectorShelf
from services.recommender.clients import companies_of, company_cache_of, embedder_of, index_of, policy_of
from services.recommender.commands import imported, replay
from services.recommender.pipeline import recommend
from services.recommender.settings import RecommenderSettings
from services.recommender.world import World
from services.runtime import replay as replaying
from services.runtime.kafka_fold import FoldPolicy, run_fold
from services.runtime.kafka_loop import LoopPolicy, run_loop
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_view import View
from services.runtime.llm_client import build
from services.runtime.llm_ledger import Ledger
from services.runtime.llm_settings import LlmSettings
from services.runtime.outcome import Message, Outcome, Unavailable
from services.runtime.process import Process, run
from services.runtime.retry import Backoff
from services.runtime.settings import load

SERVICE = "recommender"
AGAIN = Backoff(first_s=1.0, longest_s=30.0)  # for an index whose store is away
log = logging.getLogger(__name__)
STANDING = FoldPolicy(
    stage="standing", group="kindling.recommender.standing", source=COURSES_SIGNALS, output=CATALOG_STANDING,
    letters=SERVICE,
)  # fmt: skip


async def serve(settings: RecommenderSettings, process: Process) -> None:
    """Read catalogue and standing, make the index equal to the catalogue, then recommend until told to stop."""
    process.health.set_ready("index", is_ready=False)
    policy, llm, prompts = policy_of(settings), load(LlmSettings), read_prompts()
    model = build(llm, Ledger(settings.kafka_bootstrap_servers, LLM_REPLIES, SERVICE))
    cache = company_cache_of(settings, llm)
    catalogue, words = ViewedCatalogue(), StemmedWords()
    embedder = await embedder_of(settings)
    index = await index_of(settings, embedder, words)
    bootstrap = settings.kafka_bootstrap_servers
    publisher = Publisher(bootstrap, SERVICE)
    shelf = VectorShelf(embedder.name, embedder.dimension, publisher)
    keeper = IndexKeeper(catalogue, embedder, words, index, Sharing(shelf, index.swap, f"{gethostname()}/{getpid()}"))
    standing = standing_table.StandingTable()
    courses = View(bootstrap, TOPICS, catalogue.apply, catalogue.undecodable)
    views = [courses, View(bootstrap, VECTORS, shelf.apply), View(bootstrap, standing_table.TOPICS, standing.apply)]
    asking = SpokenEmbedder(embedder, index), SpokenWords(words, index)
    world = World(None, *asking, index, catalogue, MachineClock(), prompts, policy, standing.standing)
    if cache is not None:
        world = replace(world, companies=companies_of(settings, model, prompts.company, cache))

    async def handle(message: Message) -> Outcome:
        asking = model.asking(message.partition, message.event.person) if llm.is_on else None
        return measured(await recommend(message, replace(world, model=asking)))

    try:
        await model.start()
        for view in views:
            await view.start()
        await publisher.start()
        kept = await _kept(keeper, _tidy(settings.recommender_generation_grace_s, keeper, index, shelf), process)
        folding = asyncio.create_task(
            run_fold(STANDING, bootstrap, lambda: StandingFold(catalogue.courses_topics), process)
        )
        folding.add_done_callback(lambda _: process.stop.set())
        await _first_of(index.whole, process.stop)
        if not process.stop.is_set():
            process.health.set_ready("index", is_ready=True)
            await run_loop(_loop(settings), bootstrap, handle, process, model)
        for task in kept:
            await _ended(task)
        await folding
    finally:
        for view in views:
            await view.stop()
        await model.stop()
        await publisher.stop()
        await index.close()
        if cache is not None:
            cache.close()


def main(arguments: Sequence[str]) -> int:
    """The exit status of the command."""
    parser = argparse.ArgumentParser(prog="python -m services.recommender", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    importing = commands.add_parser("import", help="publish a catalogue file to catalog.courses")
    importing.add_argument("catalogue", type=Path, help="one course a line, as JSON; or a .csv")
    importing.add_argument("--dry-run", action="store_true", help="only check the file")
    replaying.add_words(commands.add_parser("replay", help="decide cases again; `kindling decision replay` runs it"))
    chosen = parser.parse_args(arguments)
    if chosen.command is None:
        return run(SERVICE, RecommenderSettings, serve)
    if chosen.command == "replay":
        return replaying.ended(replay(chosen))
    return imported(chosen.catalogue, is_dry_run=chosen.dry_run)


async def _kept(
    keeper: IndexKeeper, tidy: Coroutine[Any, Any, None], process: Process
) -> tuple["asyncio.Task[None]", "asyncio.Task[None]"]:
    """The tasks that keep the index equal to the catalogue, and tidy behind it; what is in force can answer already."""
    await keeper.begin()
    gc.freeze()  # what was read stays: the collector walked it all for 70 ms every few thousand decisions
    keeping = asyncio.create_task(keeper.follow(AGAIN.wait_s))
    keeping.add_done_callback(lambda _: process.stop.set())
    return asyncio.create_task(tidy), keeping


async def _tidy(grace_s: float, keeper: IndexKeeper, index: Generations, shelf: VectorShelf) -> None:
    """Some time after the index is whole, drop what the generations before left; what cannot be reached stays."""
    await keeper.caught_up.wait()
    await asyncio.sleep(grace_s)
    try:
        if await index.tidy():
            await shelf.drop_others()
    except Unavailable as error:
        log.warning("generations not tidied", extra={"reason": str(error)})


def _loop(settings: RecommenderSettings) -> LoopPolicy:
    return LoopPolicy(
        stage=SERVICE,
        group="kindling.recommender",
        topics=(RECOMMENDATION_REQUESTS,),
        in_flight=settings.recommender_in_flight,
        drain_s=settings.drain_s,
    )


async def _first_of(*events: asyncio.Event) -> None:
    """Return as soon as one of the events is set."""
    waits = [asyncio.create_task(each.wait()) for each in events]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for each in waits:
        each.cancel()


async def _ended(task: "asyncio.Task[None]") -> None:
    """End the task; what ended it before is raised."""
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
