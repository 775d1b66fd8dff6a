"""The list of mails whose end nobody knows."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.suppression import Seen
from services.connector.__main__ import main
from services.connector.adapters.sqlite_ledger import SqliteLedger
from services.connector.core.values import End

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
SEEN = Seen({"suppressions/0": 7}, NOW)
ENDS = {
    "m1": End("delivered", NOW),
    "m2": End("unknown", NOW, "unknown_after_loss"),
    "m3": End("failed", NOW, "unknown_after_restart"),
    "m4": End("failed", NOW, "smtp_554"),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the setting names; nothing else is set."""
    monkeypatch.delenv("KINDLING_SECRET", raising=False)
    monkeypatch.setenv("KINDLING_CONNECTOR_DATA", str(tmp_path))
    return tmp_path


async def _ledger(folder: Path, ends: dict[str, End]) -> SqliteLedger:
    ledger = await SqliteLedger.open(folder, NOW)
    for message_id, end in ends.items():
        await ledger.claim(message_id, NOW, SEEN)
        await ledger.end(message_id, end)
    await ledger.claim("m5", NOW, SEEN)
    return ledger


async def test_list_holds_what_nobody_knows_and_ends_with_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also ends from before the word, read while a connector has the ledger open; a mail on its way is none."""
    ledger = await _ledger(folder, ENDS)
    assert main(["unknown", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [(each["message_id"], each["reason"]) for each in told] == [
        ("m2", "unknown_after_loss"),
        ("m3", "unknown_after_restart"),
    ]
    assert told[0]["claimed_at"] == told[0]["ended_at"] == "2026-11-03T12:00:00.000000+00:00"
    assert main(["unknown"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert (lines[0][:2], lines[1][:2], lines[2][:10]) == ("m2", "m3", "2 unknown:")
    await ledger.close()


async def test_empty_list_ends_with_0(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A program may ask for nothing else than the status."""
    await (await _ledger(folder, {"m1": ENDS["m1"]})).close()
    assert main(["unknown"]) == 0
    assert capsys.readouterr().out == "the end of every mail is known\n"
    assert main(["unknown", "--json"]) == 0
    assert capsys.readouterr().out == "[]\n"


@pytest.mark.parametrize("content", [None, b"no database, but long enough to look like a file of another kind"])
def test_folder_without_a_ledger_ends_with_78(
    folder: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence with the setting; no ledger is made by looking."""
    if content is not None:
        (folder / "ledger.sqlite").write_bytes(content)
    assert main(["unknown"]) == 78
    assert "KINDLING_CONNECTOR_DATA" in capsys.readouterr().err
    assert len(list(folder.iterdir())) == (content is not None)


def test_word_that_is_no_command_ends_with_78(capsys: pytest.CaptureFixture[str]) -> None:
    """A slip of the fingers starts no service."""
    assert main(["unknwon"]) == 78
    assert "unknown [--json]" in capsys.readouterr().err
