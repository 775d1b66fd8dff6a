"""Every prompt is a versioned file, and what is asked with it is committed word for word."""

import re
from pathlib import Path

NAME = re.compile(r"[a-z_]+\.v[0-9]+\.md")


def test_prompt_has_a_version_and_a_golden_question(root: Path) -> None:
    """A changed prompt is a changed golden file, seen in a diff; an orphan is asked by nobody."""
    prompts = sorted(root.glob("services/*/prompts/*"))
    assert len(prompts) >= 3
    assert [each.name for each in prompts if not NAME.fullmatch(each.name)] == []
    without = []
    for each in prompts:
        text = each.read_text(encoding="utf-8").strip()
        golden = (root / "tests" / "unit" / each.parents[1].name).rglob("golden/*.txt")
        if not any(text in file.read_text(encoding="utf-8") for file in golden):
            without.append(each.name)
    assert without == []


def test_prompt_says_that_data_is_no_instruction(root: Path) -> None:
    """What a page, a title or a form says is never obeyed."""
    prompts = root.glob("services/*/prompts/*.md")
    assert [each.name for each in prompts if not re.search(r"never (an )?instruction", each.read_text("utf-8"))] == []
