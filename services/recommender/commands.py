"""The commands beside the service: import a catalogue, decide cases again."""

import argparse
import asyncio
import sys
import tempfile
from functools import partial
from pathlib import Path

from schemas.replay import Case
from schemas.topics import CATALOG_COURSES
from services.recommender.adapters.catalogue import TOPICS, ViewedCatalogue
from services.recommender.adapters.catalogue_file import Import, import_catalogue
from services.recommender.adapters.clock import MachineClock
from services.recommender.adapters.index_keeper import IndexKeeper, Sharing
from services.recommender.adapters.prompt_files import read_prompts, with_prompt
from services.recommender.adapters.redeciding import redecided
from services.recommender.adapters.stemmed_words import StemmedWords
from services.recommender.clients import embedder_of, index_of, policy_of
from services.recommender.core.replaying import rederived
from services.recommender.settings import RecommenderSettings
from services.recommender.world import World
from services.runtime import replay as replaying
from services.runtime.errors import Status
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_view import View
from services.runtime.llm_recorded import recorded
from services.runtime.outcome import Message, Misconfigured, Unavailable
from services.runtime.program import read_catalogue
from services.runtime.settings import KafkaSettings, load

SOME_ROWS_BAD = 1
INTERRUPTED = 130  # as a shell names the end by Ctrl-C


async def publish(path: Path, *, is_dry_run: bool) -> Import:
    """Import a catalogue file; a dry run only checks it. What is on the topic as it is in the file stays untouched."""
    if is_dry_run:
        return await import_catalogue(path, None, _say)
    address = load(KafkaSettings).kafka_bootstrap_servers
    catalogue = ViewedCatalogue()
    view, publisher = View(address, TOPICS, catalogue.apply), Publisher(address, "import")
    try:
        await view.start()
        await publisher.start()
        return await import_catalogue(path, publisher.send, _say, catalogue.courses)
    finally:
        await publisher.stop()
        await view.stop()


def imported(path: Path, *, is_dry_run: bool) -> int:
    """The exit status of an import."""
    try:
        done = asyncio.run(publish(path, is_dry_run=is_dry_run))
    except Misconfigured as error:
        sys.stderr.write(f"{error}\n")
        return Status.MISCONFIGURED
    except Unavailable as error:
        sys.stderr.write(f"{error}; import again: it goes on where it was\n")
        return Status.FENCED
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; import again: it goes on where it was\n")
        return INTERRUPTED
    what = "are good" if is_dry_run else "published"
    _say(f"{done.courses} courses {what}, {done.unchanged} unchanged, {len(done.bad)} rows are bad")
    return SOME_ROWS_BAD if done.bad else 0


async def replay(words: argparse.Namespace) -> None:
    """Cases from standard input, decided again, to standard output."""
    settings, prompts = load(RecommenderSettings), read_prompts()
    policy = policy_of(settings)
    if not words.anew:

        async def from_record(case: Case) -> Case:
            replies = {each.stage: recorded(each) for each in case.decision.asked}
            return rederived(case, replies, prompts, policy)

        await replaying.replay(from_record, sys.stdin, sys.stdout.write)
        return
    prompts = prompts if words.prompt is None else with_prompt(prompts, words.prompt)
    catalogue, stemmed, embedder = ViewedCatalogue(), StemmedWords(), await embedder_of(settings)
    await _fill(catalogue, settings, words.catalogue)
    with tempfile.TemporaryDirectory() as folder:  # the folder of the settings belongs to the service that runs
        index = await index_of(settings.model_copy(update={"qdrant_path": Path(folder)}), embedder, stemmed)
        try:
            if settings.qdrant_url is None:
                await IndexKeeper(catalogue, embedder, stemmed, index, Sharing(swap=index.swap)).catch_up()
            model = replaying.model_for(words.model)
            world = World(model, embedder, stemmed, index, catalogue, MachineClock(), prompts, policy)
            await replaying.replay(partial(redecided, world=world), sys.stdin, sys.stdout.write)
        finally:
            await index.close()


async def _fill(catalogue: ViewedCatalogue, settings: RecommenderSettings, path: Path | None) -> None:
    """The courses of the file, or of the topic as it is now."""
    if path is None:
        view = View(settings.kafka_bootstrap_servers, TOPICS, catalogue.apply)
        try:
            await view.start()
        finally:
            await view.stop()
        return
    for each in read_catalogue(path):
        catalogue.apply(Message(CATALOG_COURSES, 0, 0, each.id.encode(), each, 0))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
