"""Reads the words of the rules by language: ours, and those a business adds beside its program."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from services.rules.lexicon import Lexicon, lexicon_of
from services.runtime.outcome import Misconfigured
from services.runtime.yaml_text import read_yaml_file

_Kinds: TypeAlias = dict[str, tuple[str, ...]]
FOLDER = Path(__file__).parents[1] / "rules" / "lexicons"


def read_lexicon(*folders: Path) -> Lexicon:
    """The words of every `<language>.yaml` of these folders beside ours; a kind that both name holds both.

    Raises:
        Misconfigured: a file is no mapping of kinds to words between commas, or names a kind that ours do not.
    """
    words: dict[str, _Kinds] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        words[path.stem] = _read(path)
    kinds = frozenset(kind for each in words.values() for kind in each)
    for path in (path for folder in folders for path in sorted(folder.glob("*.yaml"))):
        _add(words.setdefault(path.stem, {}), _read(path), kinds, path)
    return lexicon_of(words)


def faults(folder: Path) -> Iterator[str]:
    """What `read_lexicon` has against each file of a folder, of all of them and not of the first alone."""
    kinds = frozenset(kind for path in FOLDER.glob("*.yaml") for kind in _read(path))
    for path in sorted(folder.glob("*.yaml")):
        try:
            found = _read(path)
        except Misconfigured as error:
            yield str(error)
            continue
        for kind in sorted(found.keys() - kinds):
            yield _strange(path, kind, kinds)


def _add(known: _Kinds, added: _Kinds, kinds: frozenset[str], path: Path) -> None:
    for kind, entries in added.items():
        if kind not in kinds:
            raise Misconfigured(_strange(path, kind, kinds))
        known[kind] = (*known.get(kind, ()), *entries)


def _strange(path: Path, kind: str, kinds: Iterable[str]) -> str:
    return f"{path}: {kind} is no kind of word; expected one of {', '.join(sorted(kinds))}"


def _read(path: Path) -> _Kinds:
    found = read_yaml_file(path)
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in (*found, *found.values())):
        raise Misconfigured(f"{path}: expected kinds with words between commas, as `secret: password*, pin`")
    return {kind: tuple(entry.strip() for entry in text.split(",") if entry.strip()) for kind, text in found.items()}
