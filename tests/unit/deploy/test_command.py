"""The script `.venv/bin/kindling` that `make` writes."""

import os
import re
import subprocess
import sys
from pathlib import Path

from deploy.local.command import write_command

ROOT = Path(__file__).parents[3]


def test_the_command_runs_from_any_folder(tmp_path: Path) -> None:
    """A file is of the caller's folder; a module of that folder shadows none of ours; a space in a path is no end."""
    folder = tmp_path / "a folder"
    (folder / "services").mkdir(parents=True)
    (folder / "services" / "__init__.py").write_text("raise SystemExit('shadowed')", encoding="utf-8")
    (folder / "rows.jsonl").write_text("", encoding="utf-8")
    script = write_command(folder, Path(sys.executable), ROOT)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KINDLING_")}
    words = [str(script), "decision", "explain", "some-id", "--file", "rows.jsonl"]
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "kindling: there is no decision some-id\n")


def test_make_writes_it_into_each_environment() -> None:
    """Whoever has the libraries has the command."""
    recipes = re.split(r"\n(?=\S)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    made = [each for each in recipes if each.startswith((".venv/dev:", ".venv/local:"))]
    assert len(made) == 2
    assert all("-m deploy.local.command" in each for each in made)
