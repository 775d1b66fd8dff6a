"""`kindling backup` and `restore`: what is wrong is said before anything is asked of Kafka."""

from pathlib import Path

import pytest

from services.cli.app import run
from services.runtime.errors import Status


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["restore", "{folder}"], "expected files of `kindling backup`"),
        (["restore", "{folder}/none.jsonl.gz"], "there is no such file"),
        (["restore", "{folder}/file.txt"], "no whole backup"),
        (["backup", "events.raw", "--to", "{folder}/made"], "would be handled again"),
        (["backup", "mails", "--to", "{folder}/made"], "there is no topic mails: name some of profile.changelog"),
        (["backup", "--to", "{folder}/file.txt/below"], "cannot make the folder"),
    ],
)
def test_wrong_word_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    """With status 78; no folder is made for nothing."""
    (tmp_path / "file.txt").write_text("no backup")
    folder = tmp_path / "empty"
    folder.mkdir()
    (folder / "file.txt").write_text("no backup")
    assert run([each.format(folder=folder) for each in words]) == Status.MISCONFIGURED
    assert said in capsys.readouterr().err
    assert sorted(each.name for each in folder.iterdir()) == ["file.txt"]
