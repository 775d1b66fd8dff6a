"""Whose question one is, by which prompt, and what is said where nobody wrote an answer."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.answers import Book, Found, LeadAnswers, Missing, has_answers, path_of, read_book
from services.runtime.outcome import Misconfigured

PROMPTS = {"copy.v1": "You write.", "copy.v2": "You write. And well.", "pick.v2": "You pick."}
MARKS = {
    "Maya": frozenset({"The workbook", "Bright Paws", "Win buyers"}),
    "Yuki": frozenset({"The first ninety days", "Plantera"}),
    "Noor": frozenset({"Reply drafts"}),
}
BOOK = Book(
    Path("recorded"),
    {name: LeadAnswers(version=1, lead=name, answers={"copy.v1": {"of": name}}) for name in ("Maya", "Yuki")},
    MARKS,
    PROMPTS,
)
STEP = {"do": "conversion", "event": "Guide Downloaded", "properties": {"title": "The workbook"}, "traits": {}}
LEAD = {
    "name": "Maya", "user_id": "maya", "anonymous_id": "a", "email": None, "about": "", "through": "kafka",
    "ends": ["email"], "steps": [STEP],
}  # fmt: skip


def _asked(*told: Any, system: str = "You write.") -> Found | Missing:
    return BOOK.answer(system, json.dumps({"facts": told}))


@pytest.mark.parametrize("told", ["The workbook", {"id": "fact:company", "value": "Bright Paws"}, ["Win buyers", 3]])
def test_one_fact_of_a_lead_is_enough(told: Any) -> None:
    """Conversion, company or goal, wherever it stands in the data: a brief may leave out any of them."""
    assert _asked(told, "another text") == Found("Maya", "copy.v1", {"of": "Maya"})


def test_the_lead_of_whom_most_is_said_is_meant() -> None:
    """A course among the candidates may have the title of another lead's conversion."""
    assert _asked("The first ninety days", "The workbook", "Bright Paws") == Found("Maya", "copy.v1", {"of": "Maya"})


def test_two_leads_of_whom_as_much_is_said_are_a_clear_fault() -> None:
    """Nobody is answered in another's name."""
    missing = _asked("Plantera", "The workbook")
    assert isinstance(missing, Missing)
    assert missing.todo.startswith("a question by copy.v1 that could be of Maya or Yuki:")


def test_a_part_of_a_text_is_no_fact() -> None:
    """What a lead's fact is quoted in is not the fact."""
    missing = _asked("Thank you for The workbook")
    assert isinstance(missing, Missing)
    assert missing.todo.startswith("a question by copy.v1 of nobody in the story:")


def test_what_is_no_json_is_of_nobody() -> None:
    """A question of another shape is a fault, not an error."""
    missing = BOOK.answer("You pick.", "The workbook")
    assert isinstance(missing, Missing)
    assert (missing.lead, missing.prompt) == ("", "pick.v2")


def test_a_prompt_of_another_text_is_named_by_how_it_begins() -> None:
    """Another text is another version, and nobody has written for it."""
    missing = _asked("The workbook", system="You do something else.")
    assert isinstance(missing, Missing)
    assert missing.todo.endswith("which begins 'You do something else.'")


@pytest.mark.parametrize(("system", "prompt"), [("You write. And well.", "copy.v2"), ("You write.\n\nAs JSON", None)])
def test_a_version_is_known_by_its_whole_text(system: str, prompt: str | None) -> None:
    """The longest that fits: an endpoint that is told the schema in words has more behind it."""
    found = _asked("Plantera", system=system)
    if prompt is None:
        assert found == Found("Yuki", "copy.v1", {"of": "Yuki"})
    else:
        assert found == Missing("Yuki", prompt, "no answer to copy.v2 about Yuki: write one in recorded/yuki.yaml")


def test_a_lead_without_a_file_is_told_which_to_write() -> None:
    """Lead, prompt version and path."""
    assert _asked("Reply drafts") == Missing(
        "Noor", "copy.v1", "no answer to copy.v1 about Noor: write one in recorded/noor.yaml"
    )


def _program(folder: Path, **files: Any) -> Path:
    (folder / "recorded").mkdir()
    (folder / "story.yaml").write_text(yaml.safe_dump({"version": 1, "leads": [LEAD]}))
    for name, content in files.items():
        (folder / "recorded" / f"{name}.yaml").write_text(yaml.safe_dump(content))
    return folder


def test_a_folder_is_read_with_the_story_and_the_prompts(tmp_path: Path) -> None:
    """Who gets no mail has no marks; each prompt has its file's name."""
    prompt = tmp_path / "services" / "composer" / "prompts" / "copy.v9.md"
    prompt.parent.mkdir(parents=True)
    prompt.write_text("You write.\n")
    answers = {"version": 1, "lead": "Maya", "answers": {"copy.v9": {"subject": "A"}}}
    book = read_book(_program(tmp_path, maya=answers), tmp_path)
    assert book.marks == {"Maya": frozenset({"The workbook"})}
    assert book.answer("You write.", '["The workbook"]') == Found("Maya", "copy.v9", {"subject": "A"})
    assert has_answers(tmp_path)


@pytest.mark.parametrize("lead", ["Nobody", "Maya"])
def test_a_file_is_named_after_a_lead_of_the_story(tmp_path: Path, lead: str) -> None:
    """Else an answer would never be found."""
    answers = {"version": 1, "lead": lead, "answers": {"copy.v1": {"subject": "A"}}}
    with pytest.raises(Misconfigured, match="expected the file of a lead, named after it"):
        read_book(_program(tmp_path, other=answers), tmp_path)


def test_a_file_has_the_name_without_accents() -> None:
    """Which no file system spells in its own way."""
    assert path_of(Path("recorded"), "Lucía") == Path("recorded/lucia.yaml")


def test_a_program_without_answers_has_none(tmp_path: Path) -> None:
    """An empty folder, or none."""
    assert not has_answers(tmp_path)
    assert not has_answers(_program(tmp_path))
