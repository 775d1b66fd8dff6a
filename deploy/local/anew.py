"""Which recorded answers a run of the story did not use, and what to write anew: a line each. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from deploy.local.answers import FOLDER, path_of
from deploy.local.watch import Conversion

MODEL_RUNG = "llm"
WRITTEN = ("job", "imagine", "pick", "copy")  # the stages that answers are written for
IN_ANOTHER_LANGUAGE = "brand_default"  # the composer has no words of the lead's, so no answer in it can be used


def anew(conversions: Iterable[Conversion], missing: Sequence[Mapping[str, Any]], program: Path) -> list[str]:
    """What to write anew, empty where every answer was used; `missing` as the endpoint's report has it."""
    lines = [f"{each['todo']} (asked {each['times']} times)" for each in missing]
    mailed = (each for each in conversions if each.end == "email" and each.decision is not None)
    return [*lines, *(line for each in mailed for line in _unused(each, path_of(program / FOLDER, each.lead.name)))]


def _unused(conversion: Conversion, path: Path) -> Iterator[str]:
    decision, lead = conversion.decision, conversion.lead.name
    for stage in WRITTEN:
        rung = decision.rungs.get(stage, "nobody")
        is_told = stage == "copy" and decision.rungs.get("language") == IN_ANOTHER_LANGUAGE
        asked = [each for each in decision.asked if stage in each.stage.split("+")]
        if rung == MODEL_RUNG or is_told or (asked and asked[-1].outcome == "invalid_request"):
            continue  # the last is among the missing
        prompt = asked[-1].prompt_id if asked else "a prompt that nobody asked"
        yield f"{lead}'s {stage} is of {rung}, not of {prompt}: {_why(decision, stage, asked)}; write it anew in {path}"


def _why(decision: Any, stage: str, asked: Sequence[Any]) -> str:
    refused = [f"{each.rule} ({each.detail})" for each in decision.refusals if each.attempt == "llm.1"]
    if stage == "copy" and refused:
        return "refused by " + ", ".join(refused)
    return asked[-1].detail or asked[-1].outcome if asked else "it was not asked"
