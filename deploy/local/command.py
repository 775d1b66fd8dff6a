"""`python -m deploy.local.command`: writes `.venv/bin/kindling`, which runs this checkout's command from any folder."""

import shlex
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = """#!/bin/sh
# Written by `make`: the command of this checkout. File names stay those of the folder it is called in, and no module
# of that folder is taken for one of ours, nor by the processes that the command starts.
export PYTHONSAFEPATH=1 PYTHONPATH={root}"${{PYTHONPATH:+:$PYTHONPATH}}"
exec {python} -m services.cli "$@"
"""


def write_command(folder: Path, python: Path, root: Path) -> Path:
    """The script in that folder, for this interpreter and checkout; it may be run."""
    path = folder / "kindling"
    text = SCRIPT.format(python=shlex.quote(str(python)), root=shlex.quote(str(root)))
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def main() -> int:
    """Write it beside the interpreter that runs this."""
    python = Path(sys.executable)
    write_command(python.parent, python, ROOT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
