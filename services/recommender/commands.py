"""The commands beside the service: import a catalogue, decide cases again."""

import argparse
import asyncio
import logging
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from schemas.links import hosts_of
from schemas.replay import Case
from schemas.topics import CATALOG_COURSES
from services.recommender.adapters.catalogue.catalogue import TOPICS, ViewedCatalogue
from services.recommender.adapters.catalogue.import_summary import json_lines, sentences
from services.recommender.adapters.catalogue.importing import Import, import_catalogue
from services.recommender.adapters.catalogue.rows import MOST_LINE_BYTES
from services.recommender.adapters.catalogue.statistics_table import TOPICS as STATISTICS
from services.recommender.adapters.catalogue.statistics_table import StatisticsTable
from services.recommender.adapters.clock import MachineClock
from services.recommender.adapters.embedding.stemmed_words import StemmedWords
from services.recommender.adapters.index.generations import Generations, SpokenEmbedder, SpokenWords
from services.recommender.adapters.index.sync import IndexKeeper, Sharing
from services.recommender.adapters.index.vector_cache import TOPICS as VECTORS
from services.recommender.adapters.index.vector_cache import VectorShelf
from services.recommender.adapters.prompt_files import read_prompts, with_prompt
from services.recommender.adapters.replay import redecided
from services.recommender.clients import embedder_of, index_of, policy_of
from services.recommender.core.import_language import Detect
from services.recommender.core.import_limits import limits
from services.recommender.core.import_rows import Business
from services.recommender.core.import_safety import Judge
from services.recommender.core.replay import rederived
from services.recommender.ports import Embedder, Words
from services.recommender.settings import RecommenderSettings
from services.recommender.world import World
from services.runtime import replay as replaying
from services.runtime.errors import Status
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_view import View
from services.runtime.llm_recorded import recorded
from services.runtime.outcome import Message, Misconfigured, Send, Unavailable
from services.runtime.program import read_catalogue, read_program
from services.runtime.py3langid_language import Py3langidLanguage, shared_language
from services.runtime.safety import read_safety
from services.runtime.settings import KafkaSettings, ProgramIfAny, load

SOME_ROWS_BAD = 65  # sysexits.h: the input was wrong in some way; 1 is how Python itself ends after an error of ours
INTERRUPTED = 130  # as a shell names the end by Ctrl-C
IMPORT_ENDS = (
    "Exit status: 0 every row is good; 65 some rows are bad, they are named and the others taken; 75 Kafka is away: "
    "import again; 78 a setting, the program or the file is wrong; 130 interrupted."
)


def import_help() -> str:
    """How an import ends, and what it takes of a line and of each field."""
    return f"{IMPORT_ENDS} Limits: a line up to {MOST_LINE_BYTES:,} bytes; {limits()}."


async def publish(  # noqa: PLR0913 what `import_catalogue` holds a file against
    path: Path,
    say: Callable[[str], None],
    business: Business | None = None,
    detect: Detect | None = None,
    judge: Judge | None = None,
    *,
    is_dry_run: bool,
) -> Import:
    """Import a catalogue file; a dry run only checks it. What is on the topic as it would be taken stays untouched."""
    if is_dry_run:
        return await import_catalogue(path, None, say, business=business, detect=detect, judge=judge)
    settings = load(KafkaSettings)
    kafka, catalogue = kafka_of(settings), ViewedCatalogue()
    view, publisher = View(kafka, TOPICS, catalogue.apply, catalogue.undecodable), Publisher(kafka, "import")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it tells of every try; ours are the two sentences
    _say_beside(f"asking {settings.kafka_bootstrap_servers} what is there; a broker that is away is waited for")
    try:
        await view.read()
        await publisher.start()
        return await import_catalogue(
            path, publisher.send, say, catalogue.courses, business=business, detect=detect, judge=judge
        )
    finally:
        await publisher.stop()
        await view.stop()


def imported(path: Path, *, is_dry_run: bool, is_json: bool = False, trusts_language: bool = False) -> int:
    """The exit status of an import: by bad rows alone, whatever language the good ones are in.

    With `is_json` standard output holds JSON alone, and what is said goes beside. With `trusts_language` every row is
    taken in the language it says, and nothing is said of it.
    """
    say = _say_beside if is_json else _say
    try:
        business, judge = _held_against(load(ProgramIfAny).program)
        detect = None if trusts_language else Py3langidLanguage()
        done = asyncio.run(publish(path, say, business, detect, judge, is_dry_run=is_dry_run))
    except Misconfigured as error:
        sys.stderr.write(f"{error}\n")
        return Status.MISCONFIGURED
    except Unavailable as error:
        sys.stderr.write(f"{error}; import again: it goes on where it was\n")
        return Status.FENCED
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; import again: it goes on where it was\n")
        return INTERRUPTED
    if business is None:
        say("warning: KINDLING_PROGRAM is not set: hosts and topics were not held against the business")
    for line in sentences(path, done, is_dry_run=is_dry_run):
        say(line)
    for line in json_lines(done, is_dry_run=is_dry_run) if is_json else ():
        _say(line)
    return SOME_ROWS_BAD if done.bad else 0


@dataclass(frozen=True, slots=True)
class Checked:
    """A catalogue as an import would take it: what it came to, and of each good row its id and status."""

    done: Import
    status: Mapping[str, str]


def checked(path: Path, business: Business, banned: Sequence[str], safety: Path | None) -> Checked:
    """A catalogue file held against a business, as an import does, with nothing said and nothing published.

    `banned`: claims no mail may make; `safety`: the folder of the business's own words, where it is as it should be.

    Raises:
        Misconfigured: the file cannot be read.
    """
    status: dict[str, str] = {}

    async def keep(sends: Sequence[Send]) -> None:
        status.update((each.event.id, each.event.status) for each in sends)

    judge = Judge(read_safety() if safety is None else read_safety(safety), tuple(banned))
    done = asyncio.run(
        import_catalogue(
            path, keep, lambda _: None, business=business, detect=shared_language(), judge=judge
        )
    )  # fmt: skip
    return Checked(done, status)


def business_of(hosts: Iterable[str], topics: Iterable[str]) -> Business:
    """What a catalogue is held against: hosts a link may lead to, and topics there are."""
    return Business(frozenset(hosts), frozenset(topics))


def _held_against(program: Path | None) -> tuple[Business | None, Judge]:
    """The business, and the judge of texts; without a program the judge has our words alone."""
    if program is None:
        return None, Judge(read_safety())
    read = read_program(program)
    business = Business(hosts_of(read.brand), frozenset(read.signals.topics))
    return business, Judge(read_safety(program / "lexicons" / "safety"), read.brand.banned_claims)


async def replay(words: argparse.Namespace) -> int:
    """Cases from standard input, decided again, to standard output; how many lines are no cases."""
    settings, prompts = load(RecommenderSettings), read_prompts()
    policy = policy_of(settings)
    if not words.anew:

        async def from_record(case: Case) -> Case:
            replies = {each.stage: recorded(each) for each in case.decision.asked}
            return rederived(case, replies, prompts, policy)

        return await replaying.piped(from_record)
    prompts = prompts if words.prompt is None else with_prompt(prompts, words.prompt)
    model = replaying.model_for(words.model)
    async with now(settings, await embedder_of(settings), words.catalogue) as place:
        world = World(
            model, place.embedder, place.words, place.index, place.catalogue, MachineClock(), prompts, policy,
            place.statistics.current,
        )  # fmt: skip
        return await replaying.piped(partial(redecided, world=world))


@dataclass(frozen=True, slots=True)
class Place:
    """What past requests are decided by: catalogue, index and course statistics as they are now."""

    catalogue: ViewedCatalogue
    embedder: Embedder
    words: Words
    index: Generations
    statistics: StatisticsTable


@asynccontextmanager
async def now(settings: RecommenderSettings, embedder: Embedder, path: Path | None) -> AsyncIterator[Place]:
    """The server's index, or one made for this command of the vectors on Kafka: what is there is not embedded again.

    With a catalogue file nothing is read from Kafka; nothing is ever written there.

    Raises:
        Unavailable: Kafka or the index is away, or a topic does not exist.
        Misconfigured: the file cannot be read.
    """
    catalogue, words, statistics = ViewedCatalogue(), StemmedWords(), StatisticsTable()
    shelf = VectorShelf(embedder.name, embedder.dimension)
    if path is None:
        await _read(View(kafka_of(settings), TOPICS, catalogue.apply, catalogue.undecodable))
        for topics, apply in (VECTORS, shelf.apply), (STATISTICS, statistics.apply):
            await _read(View(kafka_of(settings), topics, apply))
    else:
        for each in read_catalogue(path):
            catalogue.apply(Message(CATALOG_COURSES, 0, 0, each.id.encode(), each, 0))
    with tempfile.TemporaryDirectory() as folder:  # the folder of the settings belongs to the service that runs
        index = await index_of(settings.model_copy(update={"qdrant_path": Path(folder)}), embedder, words)
        try:
            keeper = IndexKeeper(catalogue, embedder, words, index, Sharing(shelf, index))
            await (keeper.catch_up() if settings.qdrant_url is None else keeper.begin())
            yield Place(catalogue, SpokenEmbedder(embedder, index), SpokenWords(words, index), index, statistics)
        finally:
            await index.close()


async def _read(view: View) -> None:
    """The topics whole, as they are now."""
    try:
        await view.read()
    finally:
        await view.stop()


def _say_beside(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
