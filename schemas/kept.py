"""The list of examples with their hashes: once listed, an example stays as it is, since records like it are out there.

`python -m schemas` lists new ones; a test says which listed one is gone or changed.
"""

import hashlib
from pathlib import Path

FOLDER = Path(__file__).parent / "examples"
LIST = Path(__file__).parent / "examples.sha256"


def hashes(folder: Path = FOLDER) -> dict[str, str]:
    """SHA-256 of each example by `<topic>/<file>`."""
    return {
        f"{path.parent.name}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.glob("*/*.json"))
    }


def listed(path: Path = LIST) -> dict[str, str]:
    """What the list says, in the form of `sha256sum`; nothing where there is none yet."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def broken(folder: Path = FOLDER, path: Path = LIST) -> tuple[str, ...]:
    """The listed examples that are gone or changed."""
    held = hashes(folder)
    return tuple(name for name, digest in listed(path).items() if held.get(name) != digest)


def extend(folder: Path = FOLDER, path: Path = LIST) -> tuple[str, ...]:
    """List the new examples; gives their names. What is listed is never listed anew."""
    known = listed(path)
    new = {name: digest for name, digest in hashes(folder).items() if name not in known}
    lines = (f"{digest}  {name}\n" for name, digest in sorted((known | new).items()))
    path.write_text("".join(lines), encoding="utf-8")
    return tuple(new)
