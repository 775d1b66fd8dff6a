"""The import of files of content: three forms, bad rows by line, and what a second import leaves as it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from schemas.codec import encode
from schemas.content import PublishedPiece
from schemas.topics import CATALOG_CONTENT
from services.profile import __main__ as profile
from services.profile import commands
from services.profile.adapters import content_import
from services.profile.adapters.content_import import Imported, KnownContent, Topic, import_content
from services.runtime.errors import Status
from services.runtime.outcome import Message, Misconfigured, Send, Unavailable
from services.runtime.program import read_program
from tests.unit.profile.worker_world import ACADEMY

FILE = ACADEMY / "content.yaml"
PIECE = PublishedPiece(id="maps", title="Maps, for shops", url="/maps/*", topics=("seo", "ads"), language="en")
YAML = (
    "version: 1\ncontent:\n  - {id: maps, title: 'Maps, for shops', url: /maps/*, topics: [seo, ads], language: en}\n"
)
CSV = 'id;title;url;topics;language\nmaps;"Maps, for shops";/maps/*;seo|ads;en\n;;;;\n'
JSON_LINE = '{"id": "maps", "title": "Maps, for shops", "url": "/maps/*", "topics": ["seo", "ads"], "language": "en"}'


@dataclass
class World:
    """A topic in memory, what was put there in order, and what was said."""

    known: KnownContent = field(default_factory=KnownContent)
    put: list[tuple[str, bytes | None]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    async def publish(self, sends: Sequence[Send]) -> None:
        """Apply what is sent as a view would."""
        for each in sends:
            assert each.topic is CATALOG_CONTENT
            self.put.append((each.event.id, encode(CATALOG_CONTENT, each.event)))
            self.known.apply(Message(CATALOG_CONTENT, 0, 0, each.event.id.encode(), each.event, 0))

    async def withdraw(self, ids: Sequence[str]) -> None:
        """The same, of tombstones."""
        for each in ids:
            self.put.append((each, None))
            self.known.apply(Message(CATALOG_CONTENT, 0, 0, each.encode(), None, 0))

    async def take(self, *paths: Path, known: frozenset[str] | None = None, replaces: bool = False) -> Imported:
        """Import the files."""
        topic = Topic(self.known.pieces, self.publish, self.withdraw)
        return await import_content(paths, topic, self.said.append, known, replaces=replaces)


@pytest.fixture
def world() -> World:
    """An empty topic."""
    return World()


def _file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


def _rows(*titles: str) -> str:
    return "".join(f'{{"id": "p{place}", "title": "{each}", "language": "en"}}\n' for place, each in enumerate(titles))


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.yaml", YAML), ("a.YML", YAML), ("a.csv", CSV), ("a.csv", "\ufeff" + CSV.replace(";", "\t")),
     ("a.jsonl", f"\n{JSON_LINE}\n\n"), ("a.ndjson", JSON_LINE)],
)  # fmt: skip
async def test_a_piece_is_read_of_every_form(world: World, tmp_path: Path, name: str, text: str) -> None:
    """YAML as the program has it, a table with any usual delimiter, and JSON Lines; blank rows are none."""
    done = await world.take(_file(tmp_path, name, text))
    assert (world.known.pieces, done.published, done.bad) == ({"maps": PIECE}, 1, 0)
    assert world.said == [f"{tmp_path / name}: 100% read: 1 pieces published, 0 unchanged, 0 bad"]


async def test_the_program_of_the_example_is_imported_as_it_is(world: World) -> None:
    """Every piece of `content.yaml` comes onto the topic with what the file says of it."""
    program = read_program(ACADEMY)
    done = await world.take(FILE, known=frozenset(program.signals.topics))
    assert (done.bad, done.published) == (0, len(program.content))
    assert [each.model_dump() for each in world.known.pieces.values() if each] == [
        each.model_dump() for each in program.content
    ]


async def test_a_second_import_writes_nothing_and_a_change_only_itself(world: World, tmp_path: Path) -> None:
    """What is on the topic as the file says stays untouched; what the file has no more stays too."""
    await world.take(_file(tmp_path, "a.jsonl", _rows("One", "Two", "Three")))
    before = [*world.put]
    done = await world.take(tmp_path / "a.jsonl")
    assert (world.put, done.published, done.unchanged) == (before, 0, 3)
    done = await world.take(_file(tmp_path, "a.jsonl", _rows("One", "Zwei")))
    assert ([each for each, _ in world.put[3:]], done.unchanged) == (["p1"], 1)
    assert {*world.known.pieces} == {"p0", "p1", "p2"}


async def test_what_no_file_has_is_withdrawn_where_that_is_asked_for(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By tombstones, batch by batch; also what nobody can read on the topic."""
    monkeypatch.setattr(content_import, "BATCH", 2)
    await world.take(_file(tmp_path, "a.jsonl", _rows("One", "Two", "Three", "Four")))
    world.known.pieces["odd"] = None
    done = await world.take(_file(tmp_path, "a.jsonl", _rows("One")), replaces=True)
    assert ({*world.known.pieces}, done.withdrawn, done.unchanged) == ({"p0"}, 4, 1)
    assert world.put[4:] == [(each, None) for each in ("odd", "p1", "p2", "p3")]
    world.known.pieces["p0"] = None
    done = await world.take(tmp_path / "a.jsonl", replaces=True)
    assert (done.published, done.withdrawn) == (1, 0)


async def test_nothing_is_withdrawn_while_a_row_is_bad(world: World, tmp_path: Path) -> None:
    """It may be any piece; the good ones are taken, and a line says what to do."""
    await world.take(_file(tmp_path, "a.jsonl", _rows("One", "Two")))
    done = await world.take(_file(tmp_path, "a.jsonl", _rows("Eins") + "{}\n"), replaces=True)
    assert ({*world.known.pieces}, done.withdrawn, done.bad, done.published) == ({"p0", "p1"}, 0, 1, 1)
    assert world.said[-1] == "nothing is withdrawn, since 1 rows are bad: mend them and import again"


async def test_progress_is_said_by_batch(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is acked before the next is sent."""
    monkeypatch.setattr(content_import, "BATCH", 2)
    path = _file(tmp_path, "a.jsonl", _rows("One", "Two", "Three", "Four", "Five"))
    await world.take(path)
    assert [line.removeprefix(f"{path}: ") for line in world.said] == [
        " 39% read: 2 pieces published, 0 unchanged, 0 bad",
        " 80% read: 4 pieces published, 0 unchanged, 0 bad",
        "100% read: 5 pieces published, 0 unchanged, 0 bad",
    ]


BAD: tuple[tuple[str, str, int, str], ...] = (
    ("a.jsonl", "\n{not json", 2, "line: expected JSON; "),
    ("a.jsonl", "[" * 50_000, 1, "line: expected JSON; "),
    ("a.jsonl", '{"id": "\udcff"}', 1, "line: expected JSON; "),
    ("a.jsonl", f'{{"id": "{"x" * 100_000}"}}', 1, "line: expected at most 100000 bytes"),
    ("a.jsonl", "[1]", 1, "row: expected the fields of a piece by name; came a list"),
    ("a.jsonl", "null", 1, "row: expected the fields of a piece by name; came None"),
    ("a.jsonl", JSON_LINE.replace("maps", "Maps 1", 1), 1, "id: expected 1 to 100 small letters"),
    ("a.jsonl", JSON_LINE.replace("maps", "Maps 1", 1), 1, "came 'Maps 1'"),
    ("a.jsonl", JSON_LINE.replace("for", "\\u202e"), 1, "title: expected characters that are seen, not U+202E"),
    ("a.jsonl", JSON_LINE.replace("for", "\\u202e"), 1, "came 'Maps, \\u202e shops'"),
    ("a.jsonl", JSON_LINE.replace("for", "x" * 10_240), 1, "at most 160 characters; came 10252 characters"),
    ("a.jsonl", JSON_LINE.replace('"en"', '"en", "level": 1'), 1, "level: expected no field of this name"),
    ("a.jsonl", '{"url": "x", "topics": 1}', 1, "title: expected, and nothing came: add it; "),
    ("a.jsonl", '{"url": "x", "topics": 1}', 1, "; and 2 more"),
    ("a.csv", CSV + "b;B;\n", 4, "row: expected 5 cells as in the header, came 3"),
    ("a.csv", CSV + 'b;"B"x;;;en\nc;C;;;en\n', 4, "row: "),
    ("a.csv", CSV + "b;\udcff;;;en\n", 4, "title: "),
    ("a.yaml", YAML + "  - [maps]\n", 4, "row: expected the fields of a piece by name; came a list"),
    ("a.yaml", YAML + "  - {1: maps}\n", 4, "row: expected the fields of a piece by name; came a dict"),
    ("a.yaml", YAML + "  - !!python/object:os.system maps\n", 4, "could not determine a constructor"),
    ("a.yaml", YAML + "  - {id: b, title: 'Maps, FOR shops', language: en}\n", 4, "title: expected each once"),
    ("a.yaml", YAML + "  - {id: maps, title: B, language: en}\n", 4, "id: expected each once; maps is also in "),
    ("a.yaml", YAML + "  - {id: b, title: B, language: en, topics: [new]}\n", 4,
     "topics: expected some of signals.yaml (ads, seo); came new"),
)  # fmt: skip


@pytest.mark.parametrize("row", BAD, ids=[f"{name}-{told[:40]}" for name, _, _, told in BAD])
async def test_a_bad_row_is_named_and_no_other_is_lost(
    world: World, tmp_path: Path, row: tuple[str, str, int, str]
) -> None:
    """By file and line, with what was expected and what came; what a terminal should not show is escaped."""
    name, text, line, told = row
    path = _file(tmp_path, name, text)
    good = _file(tmp_path, "z.jsonl", JSON_LINE.replace("maps", "z", 1).replace("Maps", "Else"))
    done = await world.take(path, good, known=frozenset({"ads", "seo"}))
    [bad] = [each for each in world.said if not each.endswith("bad")]
    assert bad.startswith(f"{path}:{line}: ")
    assert told in bad
    assert bad.isprintable()
    assert (done.bad, "z" in world.known.pieces) == (1, True)
    assert ("maps" in world.known.pieces) == (name != "a.jsonl")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.txt", "", "expected a readable file that ends in .yaml, .yml, .csv, .jsonl, .ndjson"),
        ("none.csv", None, "expected a readable file that ends in"),
        ("a.csv", "", "expected columns out of id, language, title, topics, url, each once, id, language, title among"),
        ("a.csv", "id;title\n", "came 'id, title'"),
        ("a.csv", "id;title;language;level\n", "came 'id, title, language, level'"),
        ("a.csv", "id;id;title;language\n", "came 'id, id, title, language'"),
        ("a.yaml", "content: [", "expected YAML as content.yaml"),
        ("a.yaml", "a: \udcff", "expected YAML as content.yaml"),
        ("a.yaml", "version: 1", "expected one list at the top that is named content"),
        ("a.yaml", "version: 2\ncontent: []", "expected version: 1 beside content; came {'version': 2}"),
        ("a.yaml", "version: 1\nlevel: 3\ncontent: []", "came {'version': 1, 'level': 3}"),
    ],
)
async def test_a_file_that_is_none_of_pieces_is_refused_whole(
    world: World, tmp_path: Path, name: str, text: str | None, told: str
) -> None:
    """With its path and what was expected."""
    path = tmp_path / name if text is None else _file(tmp_path, name, text)
    with pytest.raises(Misconfigured) as error:
        await world.take(path)
    assert str(error.value).startswith(f"{path}: ")
    assert told in str(error.value)


def test_the_command_only_checks_where_it_is_told_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No broker is asked; the sum is said, and by bad rows alone it ends with 65, by a bad file with 78."""
    monkeypatch.setenv("KINDLING_PROGRAM", str(ACADEMY))
    assert profile.main(["import-content", "--dry-run", str(FILE)]) == 0
    count = len(read_program(ACADEMY).content)
    assert capsys.readouterr().out == f"{count} pieces are good, 0 unchanged, 0 rows are bad\n"
    monkeypatch.delenv("KINDLING_PROGRAM")
    bad = _file(tmp_path, "a.jsonl", f"{JSON_LINE}\n{{}}\n")
    assert profile.main(["import-content", "--dry-run", "--replace", str(bad)]) == 65
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("warning: KINDLING_PROGRAM is not set")
    assert out[-1] == "1 pieces are good, 0 unchanged, 0 withdrawn, 1 rows are bad"
    assert profile.main(["import-content", "--dry-run", str(tmp_path)]) == Status.MISCONFIGURED
    assert "expected a readable file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (Unavailable("no broker answers"), Status.FENCED, "no broker answers; import again: it goes on where it was"),
        (KeyboardInterrupt(), 130, "interrupted; import again: it goes on where it was"),
    ],
)
def test_an_import_that_was_cut_off_says_what_to_do(
    error: BaseException, status: int, told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kafka went away, or the operator did."""

    async def cut_off(*_: object, **__: object) -> Imported:
        raise error

    monkeypatch.setattr(commands, "_import", cut_off)
    assert profile.main(["import-content", str(FILE)]) == status
    assert capsys.readouterr().err == f"{told}\n"


def test_the_command_is_told_of_by_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    """What a file holds, and how the import ends."""
    with pytest.raises(SystemExit, match="0"):
        profile.main(["import-content", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert all(word in told for word in ("content.yaml", ".jsonl", "--replace", "78 a setting, the program or a file"))
