"""`--help` of every program prints what it is for, and ends with 0: no service starts, and no setting is asked for."""

import runpy
import sys

import pytest

PROGRAMS = (
    *("ingest", "profile", "recommender", "composer", "connector", "console", "runtime"),
    *("ingest import-history", "ingest lift", "connector unknown", "recommender import", "profile import-content"),
    *("profile show", "composer replay", "recommender replay", "runtime.supervisor"),
)


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_says_what_a_program_is_for(
    program: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the way it is called, and each of its commands likewise."""
    name, *words = program.split()
    monkeypatch.delenv("KINDLING_SECRET", raising=False)
    monkeypatch.setattr(sys, "argv", [name, *words, "--help"])
    module = f"services.{name}" if "." in name else f"services.{name}.__main__"
    monkeypatch.delitem(sys.modules, module, raising=False)  # it runs as a program, not as what a test imported
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(f"services.{name}", run_name="__main__", alter_sys=False)
    said = capsys.readouterr()
    assert (ended.value.code, said.err) == (0, "")
    assert said.out.lower().startswith("usage: ")
    assert len(said.out) > 100
