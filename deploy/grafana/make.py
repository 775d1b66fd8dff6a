"""`python -m deploy.grafana.make [--check]`: the dashboards as Grafana loads them, in `deploy/grafana/dashboards`."""

import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.grafana.boards import BOARDS
from deploy.grafana.draw import drawn

FOLDER = Path(__file__).parent / "dashboards"
DONE, OLD, MISSPELT = 0, 1, 2


def made() -> Mapping[str, str]:
    """Each dashboard's JSON by the name of its file."""
    return {f"{board.uid}.json": drawn(board) for board in BOARDS}


def kept(folder: Path = FOLDER) -> Mapping[str, str]:
    """What is committed, by the same names."""
    return {each.name: each.read_text(encoding="utf-8") for each in folder.glob("*.json")}


def main(words: list[str], folder: Path = FOLDER) -> int:
    """Write them, or say whether those in the folder are old: the exit status."""
    if words not in ([], ["--check"]):
        sys.stderr.write("python -m deploy.grafana.make [--check]\n")
        return MISSPELT
    wanted = made()
    if words:
        old = sorted(name for name in wanted.keys() | kept(folder) if wanted.get(name) != kept(folder).get(name))
        sys.stdout.write("".join(f"{name} is old: run python -m deploy.grafana.make\n" for name in old))
        return OLD if old else DONE
    for name in kept(folder).keys() - wanted.keys():
        (folder / name).unlink()
    folder.mkdir(exist_ok=True)
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")
    return DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
