"""Whom the verbs of privacy take, how they end, and the file that they write."""

import io
import stat
import sys
from pathlib import Path
from typing import Self

import pytest

from services.cli.app import run
from services.runtime.outcome import Misconfigured
from services.runtime.private_file import PrivateFile

NOWHERE = "127.0.0.1:1"


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret, and no broker."""
    monkeypatch.setenv("KINDLING_SECRET", "a secret of a test")
    monkeypatch.setenv("KINDLING_KAFKA_BOOTSTRAP_SERVERS", NOWHERE)


@pytest.mark.parametrize(
    "named", ["ada", "u:", "u:1\nu:2", "a:\u202e", "x@", "-", "@example.com", "u:" + "1" * 2_000, ""],
)  # fmt: skip
@pytest.mark.parametrize("verb", [["export"], ["consents", "export"], ["erase", "--yes"]])
def test_who_is_named_wrongly_is_told_before_anything_is_read(
    verb: list[str], named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what was expected; a line break in an id is shown as one, and no file is left."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("nobody\n"))
    assert run([*verb, "--out", str(tmp_path / "out"), "--", named]) == 78
    said = capsys.readouterr().err
    assert "expected u:<user id>" in said
    assert "\n" not in said.rstrip("\n")
    assert list(tmp_path.iterdir()) == []


def test_address_of_standard_input_is_taken_and_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It goes as far as Kafka, which is away; nothing on the way says it, and no file is left."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("Ada@Example.com\n"))
    assert run(["export", "-", "--out", str(tmp_path / "out")]) == 75
    said = capsys.readouterr()
    assert "Kafka does not answer" in said.err
    assert "ada@example.com" not in (said.out + said.err).lower()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words", [["erase"], ["erase", "u:1", "--finish"], ["consents", "export"], ["consents", "export", "u:1", "--all"]]
)
def test_one_of_two_has_to_be_said(words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody, or everybody; never both, and never neither."""
    assert run([*words, "--out", str(tmp_path / "out")]) == 78
    assert "expected either" in capsys.readouterr().err


def test_without_the_secret_no_address_has_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said which setting is missing."""
    monkeypatch.delenv("KINDLING_SECRET")
    assert run(["export", "u:1", "--out", str(tmp_path / "out")]) == 78
    assert "KINDLING_SECRET_FILE" in capsys.readouterr().err


def test_file_is_its_owner_s_alone_and_whole(tmp_path: Path) -> None:
    """Whatever was left of an attempt before; what fails leaves the former file as it was."""
    path = tmp_path / "out"
    (tmp_path / ".out.part").write_bytes(b"left by one that was killed")
    (tmp_path / ".out.part").chmod(0o666)
    with PrivateFile(path) as file:
        file.write(b"first")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"first", 0o600)
    with pytest.raises(TypeError), PrivateFile(path) as file:
        file.write("an error of whoever writes")  # type: ignore[arg-type]
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("out", b"first")]


def test_file_follows_no_link_that_somebody_laid(tmp_path: Path) -> None:
    """A link in the place of what is being written is refused, and so are a folder and a place that is not there."""
    (tmp_path / "elsewhere").write_bytes(b"theirs")
    (tmp_path / ".out.part").symlink_to(tmp_path / "elsewhere")
    for path in (tmp_path / "out", tmp_path, tmp_path / "no" / "folder"):
        with pytest.raises(Misconfigured, match="cannot write"), PrivateFile(path) as file:
            file.write(b"ours")
    assert (tmp_path / "elsewhere").read_bytes() == b"theirs"


def test_disk_that_is_full_is_told() -> None:
    """Where the bytes are written at the latest: when the file is closed."""
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")

    class Full(PrivateFile):
        def __enter__(self) -> Self:
            self._file = Path("/dev/full").open("wb")
            return self

    with pytest.raises(Misconfigured, match="No space left"), Full(Path("/nowhere/out")) as file:
        file.write(b"x")
