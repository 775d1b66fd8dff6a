"""The page of privacy says what the topic table says."""

from pathlib import Path

import pytest

from deploy.pages import made
from deploy.pages import privacy as pages
from schemas.retention import Of, holding_of
from schemas.topics import ALL


def test_page_has_a_row_for_every_topic_that_holds_somebody(capsys: pytest.CaptureFixture[str]) -> None:
    """Made anew it is the same: whoever adds a topic, or changes how long one keeps, makes the page again."""
    assert pages.main(["--check"]) == made.DONE, capsys.readouterr().err
    rows = [line.split("`")[1] for line in pages.PAGE.read_text(encoding="utf-8").splitlines() if line[:3] == "| `"]
    assert rows == [each.short for each in ALL if holding_of(each).of in {Of.PERSON, Of.MAILBOX}]


def test_page_that_is_old_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what to do; made again it is right, and what stands around the tables stays."""
    old = tmp_path / "privacy.md"
    old.write_text(f"before\n{pages.BEGIN}x -->\n| an old table |\n{pages.END}\nbehind\n", encoding="utf-8")
    monkeypatch.setattr(pages, "PAGE", old)
    assert pages.main(["--check"]) == made.OLD
    assert "run `python -m deploy.pages.privacy`" in capsys.readouterr().err
    assert pages.main(["--chek"]) == made.MISSPELT
    assert pages.main([]) == made.DONE
    assert pages.main(["--check"]) == made.DONE
    text = old.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("\nbehind\n")
    assert "an old table" not in text
