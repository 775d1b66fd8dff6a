"""`python -m services.recommender` recommends; `… import <file> [--dry-run]` publishes a catalogue, JSONL or CSV.

`… replay [--anew]` decides cases again: lines of JSON from standard input to standard output.
"""

import argparse
import asyncio
import contextlib
import gc
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from os import getpid
from pathlib import Path
from socket import gethostname

from schemas.groups import RECOMMENDER, STANDING
from schemas.topics import CATALOG_STANDING, COURSES_SIGNALS, LLM_REPLIES
from services.recommender.adapters import measure
from services.recommender.adapters.catalogue import statistics_table
from services.recommender.adapters.catalogue.catalogue import TOPICS, ViewedCatalogue
from services.recommender.adapters.catalogue.statistics_fold import StatisticsFold
from services.recommender.adapters.clock import MachineClock
from services.recommender.adapters.embedding.stemmed_words import StemmedWords
from services.recommender.adapters.index.generations import Generations, SpokenEmbedder, SpokenWords
from services.recommender.adapters.index.progress import Progress
from services.recommender.adapters.index.sync import IndexKeeper, Sharing
from services.recommender.adapters.index.vector_cache import TOPICS as VECTORS
from services.recommender.adapters.index.vector_cache import VectorShelf
from services.recommender.adapters.prompt_files import read_prompts
from services.recommender.clients import companies_of, company_cache_of, embedder_of, index_of, places_of, policy_of
from services.recommender.commands import import_help, imported, replay
from services.recommender.pipeline import recommend
from services.recommender.ports import Embedder
from services.recommender.settings import RecommenderSettings
from services.recommender.world import World
from services.runtime import replay as replaying
from services.runtime.disk import show_disks
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_entry import entered
from services.runtime.kafka_fold import FoldPolicy, run_fold
from services.runtime.kafka_loop import run_loop
from services.runtime.kafka_policy import LoopPolicy
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_pulse import Group
from services.runtime.kafka_view import View
from services.runtime.llm_client import build
from services.runtime.llm_ledger import Ledger
from services.runtime.llm_rungs import say_rungs_left
from services.runtime.llm_settings import LlmSettings
from services.runtime.outcome import Message, Outcome, Unavailable
from services.runtime.process import Process, run
from services.runtime.program import read_program
from services.runtime.retry import Backoff
from services.runtime.settings import load
from services.runtime.tasks import first_of
from services.runtime.waiting import until_started, until_there
from services.runtime.watch import PATIENCE_S

SERVICE = "recommender"
AGAIN = Backoff(first_s=1.0, longest_s=30.0)  # for an index whose store is away
log = logging.getLogger(__name__)
STATISTICS = FoldPolicy(
    stage="standing", group=STANDING.name, source=COURSES_SIGNALS, output=CATALOG_STANDING,
    letters=SERVICE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Search:
    """What courses are found by."""

    embedder: Embedder
    words: StemmedWords
    index: Generations


async def serve(settings: RecommenderSettings, process: Process) -> None:
    """Read catalogue and course statistics, then recommend until told to stop, as soon as an index answers.

    The index is made equal to the catalogue all the while: at a first start words answer while vectors are made.
    """
    process.health.set_ready("index", is_ready=False)
    show_disks(places_of(settings))
    measure.begin()
    kafka, loop = kafka_of(settings), _loop(settings)
    groups = Group(loop.group, loop.topics, loop.part), Group(STATISTICS.group, (STATISTICS.source,), STATISTICS.stage)
    if await entered(kafka, SERVICE, process, *groups) is None:
        return
    words = StemmedWords()
    embedder = await until_there("embedder", partial(embedder_of, settings), process)
    if embedder is not None:
        index = await until_there("qdrant", partial(index_of, settings, embedder, words), process)
        if index is not None:
            await _recommend(settings, kafka, process, Search(embedder, words, index))


async def _recommend(settings: RecommenderSettings, kafka: Kafka, process: Process, search: Search) -> None:
    tasks, loop = process.tasks, _loop(settings)
    embedder, words, index = search.embedder, search.words, search.index
    policy, llm, prompts = policy_of(settings), load(LlmSettings), read_prompts()
    say_rungs_left(llm, SERVICE)
    model = build(llm, Ledger(kafka, LLM_REPLIES, SERVICE))
    cache, catalogue = company_cache_of(settings, llm), ViewedCatalogue()
    publisher = Publisher(kafka, SERVICE)
    shelf = VectorShelf(embedder.name, embedder.dimension, publisher)
    progress = Progress(partial(process.health.tell, "index"))
    sharing = Sharing(shelf, index, f"{gethostname()}/{getpid()}", progress)
    keeper = IndexKeeper(catalogue, embedder, words, index, sharing)
    statistics = statistics_table.StatisticsTable()
    courses = View(kafka, TOPICS, catalogue.apply, catalogue.undecodable)
    views = [courses, View(kafka, VECTORS, shelf.apply), View(kafka, statistics_table.TOPICS, statistics.apply)]
    asking = SpokenEmbedder(embedder, index), SpokenWords(words, index)
    world = World(None, *asking, index, catalogue, MachineClock(), prompts, policy, statistics.current)
    if cache is not None:
        world = replace(world, companies=companies_of(settings, model, prompts.company, cache))

    async def handle(message: Message) -> Outcome:
        asking = model.asking(message.partition, message.event.person) if llm.is_on else None
        return measure.measured(await recommend(message, replace(world, model=asking)))

    async with contextlib.AsyncExitStack() as closing:
        if cache is not None:
            closing.callback(cache.close)
        for close in (index.close, publisher.stop, model.stop, *(view.stop for view in views)):
            closing.push_async_callback(close)
        if not await until_started("replies", model.start, process):
            return
        closing.push_async_callback(tasks.stop, tasks.start("look for the model", model.look()))
        for view in views:
            await closing.enter_async_context(view.followed(f"view of {view.name}", process))
        if not await until_started("publisher", publisher.start, process):
            return
        if not await until_started("index store", keeper.begin, process):
            return
        gc.freeze()  # what was read stays: the collector walked it all for 70 ms every few thousand decisions
        tidy = _tidy(settings.recommender_generation_grace_s, keeper, index, shelf)
        kept = tasks.start("keep the index", keeper.follow(AGAIN.wait_s)), tasks.start("tidy the index", tidy)
        fold = replace(STATISTICS, accepts_gap=settings.accept_gap)
        new = partial(StatisticsFold, catalogue.courses_topics)
        folding = tasks.start("fold the course statistics", run_fold(fold, kafka, new, process))
        await first_of(index.in_force.wait(), process.stop.wait())
        if not process.stop.is_set():
            process.health.set_ready("index", is_ready=True)
            await run_loop(loop, kafka, handle, process, model)
        await tasks.stop(*kept)
        await folding


def main(arguments: Sequence[str]) -> int:
    """The exit status of the command."""
    parser = argparse.ArgumentParser(prog="python -m services.recommender", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    importing = commands.add_parser("import", help="publish a catalogue file to catalog.courses", epilog=import_help())
    importing.add_argument("catalogue", type=Path, help="one course a line, as JSON; or a .csv")
    importing.add_argument("--dry-run", action="store_true", help="only check the file")
    importing.add_argument("--json", action="store_true", help="one JSON object a problem, and one for the sum")
    trusting = "take every course in the language its row says, whatever its text is in"
    importing.add_argument("--trust-language", action="store_true", help=trusting)
    replaying.add_words(commands.add_parser("replay", help="decide cases again; `kindling decision replay` runs it"))
    chosen = parser.parse_args(arguments)
    if chosen.command is None:
        return run(SERVICE, RecommenderSettings, serve)
    if chosen.command == "replay":
        return replaying.ended(replay(chosen))
    return imported(
        chosen.catalogue, is_dry_run=chosen.dry_run, is_json=chosen.json, trusts_language=chosen.trust_language
    )


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
        group=RECOMMENDER.name,
        topics=RECOMMENDER.topics,
        in_flight=settings.recommender_in_flight,
        drain_s=settings.drain_s,
        accepts_gap=settings.accept_gap,
        patience_s=PATIENCE_S + max(each.patience_s for each in read_program(settings.program).playbooks),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
