"""Prompt files and templates: what is missing is said."""

from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.program import Program
from schemas.recommendation import Recommendation
from services.composer.adapters.mail_renderer import MailRenderer
from services.composer.adapters.prompt_file import FOLDER, prompt_in, read_prompt
from services.composer.core.brief import brief_of
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.letter import letter_of
from services.composer.core.locale import Locales
from services.composer.core.offer import offer_of
from services.composer.core.template import template_copy
from services.composer.core.values import Letter, Prompt, Unrendered
from services.runtime.fake_seal import FakeSeal
from services.runtime.outcome import Misconfigured


@pytest.fixture
def letter(
    recommendation: Callable[..., Recommendation],
    program: Program,
    prompt: Prompt,
    lexicons: Lexicons,
    locales: Locales,
) -> Letter:
    """The template's letter."""
    brief = brief_of(offer_of(recommendation(), program, prompt, lexicons, locales), program)
    return letter_of(template_copy(brief), brief, recommendation(), program.brand, FakeSeal())


def test_every_prompt_has_a_version_and_a_canary() -> None:
    """The file name is the id."""
    for path in FOLDER.glob("*.md"):
        prompt = read_prompt(path.stem)
        assert prompt.id == path.stem
        assert prompt.canary in prompt.text


def test_a_missing_prompt_is_the_operators_fault(tmp_path: Path) -> None:
    """So is one without a canary."""
    with pytest.raises(Misconfigured, match=r"copy\.v9"):
        read_prompt("copy.v9", tmp_path)
    (tmp_path / "copy.v9.md").write_text("Write.")
    with pytest.raises(Misconfigured, match="canary"):
        read_prompt("copy.v9", tmp_path)


def test_a_prompt_of_a_file_is_taken_for_its_own_stage(tmp_path: Path) -> None:
    """By the first part of its name; the other stages ask as they did."""
    (tmp_path / "reader.v7.md").write_text("Read it.\nReference: a-canary-of-a-test\n")
    copy, reader = (prompt_in(tmp_path / "reader.v7.md", read_prompt(each)) for each in ("copy.v1", "reader.v1"))
    assert (copy.id, reader.id) == ("copy.v1", "reader.v7")


@pytest.mark.parametrize(
    ("mjml", "detail"), [("{{ unknown }}", "template"), ("{{ 1 / 0 }", "template"), ("<mjml><mj-body>", "")]
)
def test_a_broken_template_is_an_answer(tmp_path: Path, letter: Letter, mjml: str, detail: str) -> None:
    """A missing slot and bad markup are no exceptions of a running service."""
    (tmp_path / "course.v2.mjml.j2").write_text(mjml if mjml != "{{ 1 / 0 }" else "{{ letter.x }}")
    (tmp_path / "course.v2.txt.j2").write_text("{{ greeting }}")
    rendered = MailRenderer(tmp_path).render(letter)
    assert isinstance(rendered, Unrendered)
    assert detail in rendered.detail
