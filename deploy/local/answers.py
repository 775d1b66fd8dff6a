"""Answers written beforehand for the leads of a story, by lead and prompt version; and whose question one is. Pure.

A question belongs to the lead of whom most stands in its data: of conversion, company and goal, and nothing else.
"""

import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, JsonValue

from deploy.local.story import Lead, Story, read_story
from schemas.values import Value
from services.runtime.outcome import Misconfigured
from services.runtime.program import read_yaml

MODEL_NAME = "recorded"
FOLDER = "recorded"  # of a program: one file a lead
PROMPTS = "services/*/prompts/*.md"
OWN_TRAITS = ("company", "goal")  # what two leads of a story do not share, as a form has it
EMAIL = "email"


class LeadAnswers(Value):
    """What a good model answers about one lead, by prompt version: `copy.v1` and the like."""

    version: Literal[1]
    lead: str
    answers: dict[str, dict[str, JsonValue]] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a question."""

    lead: str
    prompt: str
    value: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Missing:
    """No answer to a question: of which lead and prompt, where these are known, and what to write anew."""

    lead: str
    prompt: str
    todo: str


@dataclass(frozen=True, slots=True)
class Book:
    """All answers; `marks` are the texts by which a lead is known, `prompts` the texts by which a version is."""

    folder: Path
    leads: Mapping[str, LeadAnswers]
    marks: Mapping[str, frozenset[str]]
    prompts: Mapping[str, str]

    def answer(self, system: str, user: str) -> Found | Missing:
        """The answer to the question of these two texts, or what is to be written."""
        prompt, leads = self._prompt_of(system), self._leads_of(user)
        if prompt is None:
            return Missing("", "", f"a question by no prompt of {PROMPTS}, which begins {system[:60]!r}")
        if len(leads) != 1:
            whose = f"that could be of {' or '.join(leads)}" if leads else "of nobody in the story"
            return Missing("", prompt, f"a question by {prompt} {whose}: a lead's conversion, company or goal tells")
        (lead,) = leads
        value = self.leads[lead].answers.get(prompt) if lead in self.leads else None
        if value is None:
            where = path_of(self.folder, lead)
            return Missing(lead, prompt, f"no answer to {prompt} about {lead}: write one in {where}")
        return Found(lead, prompt, value)

    def _prompt_of(self, system: str) -> str | None:
        """The longest prompt that the text begins with: what an endpoint is told in words comes behind it."""
        found = [name for name, text in self.prompts.items() if system.startswith(text)]
        return max(found, key=lambda name: len(self.prompts[name]), default=None)

    def _leads_of(self, user: str) -> list[str]:
        """The lead of whom most is said; several where they are equal, as a title alone may be another's too."""
        said = frozenset(_texts(_parsed(user)))
        counts = {name: len(marks & said) for name, marks in self.marks.items()}
        most = max(counts.values(), default=0)
        return sorted(name for name, count in counts.items() if count == most > 0)


def path_of(folder: Path, lead: str) -> Path:
    """The file of one lead, by the name without accents: a file system may spell these in its own way."""
    plain = unicodedata.normalize("NFKD", lead.casefold()).encode("ascii", "ignore").decode()
    return folder / f"{plain}.yaml"


def has_answers(program: Path) -> bool:
    """True if somebody wrote answers for this program's story."""
    return any((program / FOLDER).glob("*.yaml"))


def read_book(program: Path, root: Path) -> Book:
    """The answers of a program's story, and the prompts of the services below `root`.

    Raises:
        Misconfigured: a file is missing or wrong, is of no lead of the story, or is not named after its lead.
    """
    story, folder = read_story(program / "story.yaml"), program / FOLDER
    leads: dict[str, LeadAnswers] = {}
    for path in sorted(folder.glob("*.yaml")):
        each = read_yaml(path, LeadAnswers)
        if each.lead not in {lead.name for lead in story.leads} or path != path_of(folder, each.lead):
            raise Misconfigured(f"{path}: expected the file of a lead, named after it; came lead {each.lead!r}")
        leads[each.lead] = each
    prompts = {path.stem: path.read_text(encoding="utf-8").strip() for path in sorted(root.glob(PROMPTS))}
    return Book(folder, leads, marks_of(story), prompts)


def marks_of(story: Story) -> dict[str, frozenset[str]]:
    """The texts by which each lead is known who gets a mail."""
    return {lead.name: frozenset(_marks(lead)) for lead in story.leads if EMAIL in lead.ends}


def _marks(lead: Lead) -> Iterator[str]:
    conversions = [step for step in lead.steps if step.do == "conversion"]
    for step, end in zip(conversions, lead.ends, strict=True):
        if end == EMAIL:
            told = (step.properties.get("title"), *(step.traits.get(name) for name in OWN_TRAITS))
            yield from (each for each in told if isinstance(each, str))


def _parsed(user: str) -> Any:
    try:
        return json.loads(user)
    except json.JSONDecodeError:
        return None


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from _texts(each)
        case list():
            for each in value:
                yield from _texts(each)
