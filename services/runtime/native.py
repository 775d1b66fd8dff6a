"""`python -m services.runtime.native <module> [words]`: runs a module on the compiled code that `make native` left.

Compiled files lie apart from their sources, in `.native`, with a list of the sources they were made of. They are led to
by name, all or none; where a source differs by a byte, or another Python made them, nothing is run: a file that is
older than its source would be believed without a word.
"""

import hashlib
import runpy
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

import msgspec

from services.runtime.errors import Status
from services.runtime.module_line import module_and_words
from services.runtime.outcome import Misconfigured

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".native"
MANIFEST = "manifest.json"
SUFFIX = EXTENSION_SUFFIXES[0]  # names Python's version and the machine
TO_DO = "run `make native`, or the module without services.runtime.native"


class Manifest(msgspec.Struct, frozen=True):
    """Of what the compiled files were made: below which paths, by a Python of which suffix, of what bytes each."""

    paths: tuple[str, ...]
    suffix: str
    sha256: Mapping[str, str]


class Compiled(MetaPathFinder):
    """Leads each module of these names to its compiled file, before anybody looks for its source."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The compiled one; None of any other name."""
        del path, target
        file = self._files.get(fullname)
        return None if file is None else spec_from_file_location(fullname, file)


def sources(root: Path, paths: Iterable[str]) -> dict[str, Path]:
    """Each module below the paths, by its name; packages stay as they are."""
    found: set[Path] = set()
    for path in paths:
        at = root / path
        found |= {*at.rglob("*.py")} if at.is_dir() else {at}
    return {module_name(root, each): each for each in sorted(found) if each.exists() and each.name != "__init__.py"}


def module_name(root: Path, file: Path) -> str:
    """The name by which the file is imported."""
    return ".".join(file.relative_to(root).with_suffix("").parts)


def sha256(file: Path) -> str:
    """Of its bytes, in hex."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def compiled(folder: Path = FOLDER, root: Path = ROOT) -> dict[str, Path]:
    """The compiled file of each module, all of them made of the sources as they are.

    Raises:
        Misconfigured: there are none, or some are of other sources or for another Python.
    """
    manifest = _manifest(folder)
    if manifest.suffix != SUFFIX:
        raise Misconfigured(f"{folder}: expected files {SUFFIX}; came {manifest.suffix}. Compile them anew: {TO_DO}")
    then, now = manifest.sha256, {name: sha256(file) for name, file in sources(root, manifest.paths).items()}
    if other := sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name)):
        what = f"{folder}: expected files compiled of the sources as they are; {len(other)} differ, first {other[0]}"
        raise Misconfigured(f"{what}. Compile them anew: {TO_DO}")
    files = {name: folder / f"{name.replace('.', '/')}{SUFFIX}" for name in now}
    if missing := sorted(name for name, file in files.items() if not file.exists()):
        raise Misconfigured(f"{folder}: expected a file for each module; {missing[0]} has none: {TO_DO}")
    return files


def _manifest(folder: Path) -> Manifest:
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError as error:
        raise Misconfigured(f"{folder}: expected compiled files; there are none: {TO_DO}") from error
    except (OSError, msgspec.DecodeError) as error:
        raise Misconfigured(f"{folder / MANIFEST}: cannot be read: {error}. Compile anew: {TO_DO}") from error


def main() -> int:
    """Run the module that the command line names, as `python -m` would."""
    words = module_and_words("native", __doc__)
    try:
        sys.meta_path.insert(0, Compiled(compiled()))
    except Misconfigured as error:
        print(f"native: {error}", file=sys.stderr)
        return Status.MISCONFIGURED
    sys.argv[:] = words
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
