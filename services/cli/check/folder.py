"""A whole program folder: each file by itself, what the files say of each other, words, lexicons and the catalogue."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from schemas.program import Brand, Content, Playbook, Program, Signals
from services.cli.check.document import Document, mapping, read, read_raw, texts
from services.cli.check.links import check_pieces, check_playbooks, check_topics, check_zone
from services.cli.check.mistake import Mistake, of_sentence, of_text
from services.composer.commands import LEXICONS, SAFETY, word_faults
from services.profile.commands import rule_fault
from services.recommender.commands import Checked, business_of, checked
from services.runtime.outcome import Misconfigured
from services.runtime.program import CONTENT, read_words

CATALOGUES = ("catalogue.jsonl", "catalogue.csv")
OF_THE_WHOLE = ("signals.yaml", CONTENT)  # whose rule over all of it `links.py` asks of each value


@dataclass(slots=True)
class Found:
    """What a check came to: all mistakes and warnings in the order of files and lines, and how much was read."""

    mistakes: list[Mistake] = field(default_factory=list)
    files: int = 0
    courses: int = 0

    @property
    def wrong(self) -> int:
        """How many are mistakes."""
        return sum(not each.is_warning for each in self.mistakes)


def check_folder(folder: Path, catalogue: Path | None = None) -> Found:
    """Every mistake of a program folder and its catalogue; without one given, that of the folder, if there is one.

    Raises:
        Misconfigured: there is no such folder, or no such catalogue.
    """
    if not folder.is_dir():
        raise Misconfigured(f"expected a program folder, with brand.yaml in it; {folder} is none")
    brand = read(folder, folder / "brand.yaml", Brand)
    signals = read(folder, folder / "signals.yaml", Signals)
    content = read(folder, folder / CONTENT, Content) if (folder / CONTENT).exists() else None
    playbooks = [read(folder, path, Playbook) for path in sorted((folder / "playbooks").glob("*.yaml"))]
    found = Found()
    words = dict(_words(folder, found))
    path = catalogue or next((folder / each for each in CATALOGUES if (folder / each).exists()), None)
    rows = None if path is None else _catalogue(folder, path, brand, signals, found)
    check_topics(signals, content)
    if content is not None:
        check_pieces(content)
    check_playbooks(playbooks, None if rows is None else rows.status)
    check_zone(brand)
    documents = [each for each in (brand, signals, content, *playbooks) if each is not None]
    for each in documents:
        found.mistakes += _once(each)
    if not playbooks:
        found.mistakes.append(Mistake("playbooks", 0, "", "expected at least one <name>.yaml in it; none came"))
    program = _program(brand, signals, content, playbooks, words)
    _compiled(folder, program, found)
    found.files = len(documents) + len(words) + (path is not None)
    found.mistakes.sort()
    return found


def _compiled(folder: Path, program: Program | None, found: Found) -> None:
    """What only the services' own compilers see: words of the gate, lexicons, patterns of paths."""
    told = {each.file for each in found.mistakes}
    for sentence in word_faults(folder, program):
        found.mistakes.append(of_sentence(folder, sentence, LEXICONS))
    if program is not None and not told & {"brand.yaml", "signals.yaml"} and not _is_twice(found):
        fault = rule_fault(program)
        if fault is not None:
            found.mistakes.append(Mistake("signals.yaml", 0, "", fault))


def _is_twice(found: Found) -> bool:
    return any(each.field == "name" and each.file.startswith("playbooks/") for each in found.mistakes)


def _words(folder: Path, found: Found) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((folder / "words").glob("*.yaml")):
        document = read_raw(folder, path)
        found.mistakes += document.mistakes
        if document.mistakes:
            continue
        try:
            yield path.stem, read_words(path)
        except Misconfigured as error:
            found.mistakes.append(of_sentence(folder, str(error), document.file))


def _catalogue(folder: Path, path: Path, brand: Document, signals: Document, found: Found) -> Checked | None:
    """The rows as the import judges them, against what brand and signals say, be the rest of them right or wrong."""
    said = mapping(brand.raw)
    hosts = {each for _, each in texts(said.get("link_domains"))}
    if isinstance(public := said.get("public_url"), str):
        hosts.add(urlsplit(public).netloc)
    banned = [each for _, each in texts(said.get("banned_claims"))]
    safety = folder / LEXICONS / SAFETY
    is_sound = not [*word_faults(folder, None)]
    file = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
    try:
        rows = checked(
            path, business_of(hosts, mapping(signals.raw, "topics")), banned, safety if is_sound else None
        )  # fmt: skip
    except Misconfigured as error:
        found.mistakes.append(of_sentence(folder, str(error), file))
        return None
    for row in rows.done.bad:
        found.mistakes += [of_text(file, row.line, each) for each in row.problems]
    notes = [(each.line, each.sentence) for each in rows.done.differences]
    notes += [(each.line, each.sentence) for each in rows.done.unsafe]
    found.mistakes += [Mistake(file, line, "", sentence, is_warning=True) for line, sentence in notes]
    for topic, count in sorted(rows.done.unknown_topics.items()):
        why = f"expected a topic of signals.yaml; {count} courses name it, and nobody's interest meets it"
        found.mistakes.append(Mistake(file, 0, "topics", why, repr(topic), is_warning=True))
    found.courses = rows.done.courses
    return rows


def _program(
    brand: Document, signals: Document, content: Document | None, playbooks: list[Document], words: dict[str, Any]
) -> Program | None:
    """What is right of it; None where the brand is not: its languages are what words are read for."""
    if brand.value is None:
        return None
    return Program.model_construct(
        brand=brand.value,
        signals=signals.value or Signals.model_construct(version=1, topics={}, rules=(), acts={}, half_life_days=1.0),
        playbooks=tuple(each.value for each in playbooks if each.value is not None),
        words=words,
        content=content.value.content if content is not None and content.value is not None else (),
    )


def _once(document: Document) -> list[Mistake]:
    """Without what the model says of the whole file, where each value it means was told by itself."""
    told = document.mistakes
    if document.file in OF_THE_WHOLE and any(each.field for each in told):
        told = [each for each in told if each.field]
    return [*dict.fromkeys(told)]
