"""From recommendations to hits: by the pick, by the first three, and among the ten."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

from bench.golden.leads import Lead
from bench.measurement import Measurement, rounded
from schemas.recommendation import Recommendation

WORKLOAD = "golden"
SLICES = ("all", "thin", "rich")
FIRST = 3
UNITS = {"tokens": "tokens"}


@dataclass(frozen=True, slots=True)
class Score:
    """How one lead fared; each from 0 to 1. `imagined` and `chose`: a model did, and its answer held."""

    lead: Lead
    course_id: str
    hit1: float
    hit3: float
    found10: float
    imagined: float
    chose: float
    tokens: int


def score(lead: Lead, event: Recommendation) -> Score:
    """The pick counts first, then the other candidates by rank."""
    picked = event.pick.course_id
    ranked = (picked, *(each.course_id for each in event.candidates if each.course_id != picked))
    helping = set(lead.helps)
    return Score(
        lead=lead,
        course_id=picked,
        hit1=float(picked in helping),
        hit3=float(bool(helping & set(ranked[:FIRST]))),
        found10=len(helping & set(ranked)) / len(helping),
        imagined=float(event.rungs.get("imagine") == "llm"),
        chose=float(event.rungs.get("pick") == "llm"),
        tokens=sum(each.prompt_tokens + each.completion_tokens for each in event.asked),
    )


def measured(subject: str, scores: Sequence[Score]) -> Iterator[Measurement]:
    """Every figure of each slice."""
    for part in SLICES:
        of = [each for each in scores if part in {"all", each.lead.slice}]
        yield from (
            Measurement(WORKLOAD, subject, metric, rounded(value), UNITS.get(metric, "share"), part)
            for metric, value in means(of).items()
        )


def means(scores: Sequence[Score]) -> Mapping[str, float]:
    """What some leads come to: how well they are served, how often by a model, and for how many tokens each."""
    return {
        "hit@1": mean(each.hit1 for each in scores),
        "hit@3": mean(each.hit3 for each in scores),
        "acceptable@10": mean(each.found10 for each in scores),
        "model imagined": mean(each.imagined for each in scores),
        "model chose": mean(each.chose for each in scores),
        "tokens": mean(each.tokens for each in scores),
    }
