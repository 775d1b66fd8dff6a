"""The embedded index through kills, damage and a second process: it is a cache, and nothing in it is worth a stop."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from services.recommender.adapters.index.alias_file import read_alias, write_alias
from services.recommender.adapters.index.edge_index import mark_of
from services.recommender.adapters.index.edge_store import ALIAS, EdgeStore, open_edge_store
from services.recommender.adapters.index.fake_index import FakeIndex
from services.recommender.core.retrieval.documents import words_only
from services.recommender.core.retrieval.generation import Generation
from services.recommender.core.values import Entry, Filter, Search, Terms, Vector

ROOT = Path(__file__).parents[2]
WRITER = Path(__file__).with_name("edge_writer.py")
TOGETHER = 50  # as the writer has it
KILLED = Generation.of("killed", 64, "words")
MADE = Generation.of("made", 8, "words")
EN = Filter(("en",))


def _vector(number: int) -> Vector:
    return tuple(1.0 if place == number % 8 else 0.1 * (number % 5) for place in range(8))


def _entry(number: int) -> Entry:
    """One in ten has words alone."""
    has_one = number % 10 != 0
    vector, content = (_vector(number), str(number)) if has_one else (None, words_only(str(number)))
    return Entry(f"c-{number}", content, "en", "beginner", ("crm",), vector, Terms((1, 2 + number), (1.0, 0.5)))


ENTRIES = [_entry(each) for each in range(120)]


def _killed_after(acks: int, folder: Path) -> list[int]:
    """What a writer had acknowledged when it was killed."""
    command = [sys.executable, str(WRITER), str(folder)]
    with subprocess.Popen(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = [int(child.stdout.readline()) for _ in range(acks)]
        child.kill()
        return said + [int(line) for line in child.stdout.read().split("\n")[:-1]]


async def _filled(folder: Path) -> None:
    store = open_edge_store(folder)
    index = await store.prepare(MADE)
    await index.write(ENTRIES)
    await store.point(MADE)
    await store.close()


def _junk(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"not what it was" * 8)


def _half(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


DAMAGES: dict[str, Callable[[Path], None]] = {"junk": _junk, "empty": _empty, "half": _half, "gone": Path.unlink}
FILES = (
    "edge_config.json", "segment.json", "version.info", "mutable_id_tracker.mappings", "payload_storage/page_0.dat",
    "payload_storage/tracker.dat", "vector_storage-dense/vectors/chunk_0.mmap", "deleted/status.dat",
    "vector_storage-dense/vectors/status.dat", "vector_storage-words/store/page_0.dat", "wal/open-1",
)  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", FILES)
async def test_a_damaged_folder_is_whole_after_the_next_catching_up(name: str, damage: str, tmp_path: Path) -> None:
    """What its hashes do not name is written again, and then it is as the exact one: nothing is silently lost."""
    await _filled(tmp_path / "qdrant")
    path = next(each for each in (tmp_path / "qdrant").rglob("*") if str(each).endswith(name))
    DAMAGES[damage](path)
    store = open_edge_store(tmp_path / "qdrant")
    index = await store.prepare(MADE)
    held = await index.hashes()
    assert held.items() <= {each.course_id: each.content_hash for each in ENTRIES}.items()
    await index.write([each for each in ENTRIES if each.course_id not in held])
    exact = FakeIndex(entries={each.course_id: each for each in ENTRIES})
    searches = [Search(_vector(3), EN, 20), Search(Terms((1, 5, 9), (1.0, 1.0, 1.0)), EN, 20)]
    assert [[hit.course_id for hit in hits] for hits in await index.search(searches)] == [
        [hit.course_id for hit in hits] for hits in await exact.search(searches)
    ]
    await store.close()


@pytest.mark.parametrize("acks", [1, 7, 23])
async def test_kill_in_mid_write_loses_nothing_acknowledged(acks: int, tmp_path: Path) -> None:
    """SIGKILL while it writes on: what was acknowledged is there, and the folder was not begun anew."""
    said = _killed_after(acks, tmp_path / "qdrant")
    store = open_edge_store(tmp_path / "qdrant")
    index = await store.existing(KILLED)
    assert index is not None
    held = await index.hashes()
    assert len(held) >= said[-1] >= acks * TOGETHER
    assert len(held) % TOGETHER == 0
    assert held == {f"c-{number}": str(number) for number in range(len(held))}
    hits = await index.search([Search(tuple(1.0 if place == 5 else 0.01 for place in range(64)), EN, 1)])
    assert hits[0][0].course_id == min(f"c-{number}" for number in range(5, len(held), 64))
    await store.close()


async def test_it_is_kept(tmp_path: Path) -> None:
    """What was written is there after the process ended, and in force."""
    await _filled(tmp_path / "qdrant")
    store = open_edge_store(tmp_path / "qdrant")
    assert await store.current() == MADE
    assert len(await (await store.prepare(MADE)).hashes()) == len(ENTRIES)
    await store.close()


async def test_languages_are_told_apart_after_a_start(tmp_path: Path) -> None:
    """A search in one of the languages finds none of the other, in a folder that was read anew."""
    german = [replace(each, course_id=f"d{each.course_id}", language="de") for each in ENTRIES]
    store = open_edge_store(tmp_path / "qdrant")
    await (await store.prepare(MADE)).write([*ENTRIES, *german])
    await store.close()
    again = open_edge_store(tmp_path / "qdrant")
    searches = [Search(near, EN, 240) for near in (_vector(1), Terms((1,), (1.0,)))]
    near, words = await (await again.prepare(MADE)).search(searches)
    await again.close()
    assert {hit.course_id for hit in near} == {each.course_id for each in ENTRIES if each.vector is not None}
    assert {hit.course_id for hit in words} == {each.course_id for each in ENTRIES}


async def test_a_second_process_has_an_index_of_its_own(tmp_path: Path) -> None:
    """It takes a folder beside the first's."""
    await _filled(tmp_path / "qdrant")
    first, second = open_edge_store(tmp_path / "qdrant"), open_edge_store(tmp_path / "qdrant")
    assert await (await second.prepare(MADE)).hashes() == {}
    assert len(await (await first.prepare(MADE)).hashes()) == len(ENTRIES)
    await first.close()
    await second.close()
    assert (tmp_path / "qdrant-2").is_dir()


async def test_a_marked_folder_is_begun_anew_and_not_in_force(tmp_path: Path) -> None:
    """A process that could not read it marked it and ended."""
    await _filled(tmp_path / "qdrant")
    mark_of(tmp_path / "qdrant" / MADE.label).touch()
    store = open_edge_store(tmp_path / "qdrant")
    index = await store.prepare(MADE)
    assert (index.is_new, await index.hashes(), await store.current()) == (True, {}, None)
    await store.close()
    store = open_edge_store(tmp_path / "qdrant")
    assert not (await store.prepare(MADE)).is_new
    await store.close()


async def test_what_cannot_be_read_while_serving_marks_the_folder(tmp_path: Path) -> None:
    """The process ends as by a bug of ours, and the next one begins anew."""
    store: EdgeStore = open_edge_store(tmp_path / "qdrant")
    index = await store.prepare(MADE)
    await index.close()
    with pytest.raises(RuntimeError, match="begins it anew"):
        await index.hashes()
    assert mark_of(tmp_path / "qdrant" / MADE.label).exists()
    await store.close()


async def test_other_vectors_in_the_folder_are_begun_anew(tmp_path: Path) -> None:
    """A folder of the right name with vectors of another length is of no use."""
    await _filled(tmp_path / "qdrant")
    (tmp_path / "qdrant" / MADE.label).rename(tmp_path / "qdrant" / Generation("made", 9, "words").label)
    store = open_edge_store(tmp_path / "qdrant")
    assert (await store.prepare(Generation("made", 9, "words"))).is_new
    await store.close()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"no label", b"made~8", b"x" * 10_000])
async def test_an_alias_that_is_none_is_as_if_it_were_not_there(content: bytes, tmp_path: Path) -> None:
    """The generation is then filled before it answers."""
    await _filled(tmp_path / "qdrant")
    (tmp_path / "qdrant" / ALIAS).write_bytes(content)
    store = open_edge_store(tmp_path / "qdrant")
    assert await store.current() is None
    await store.close()


def test_an_alias_is_replaced_whole(tmp_path: Path) -> None:
    """What a kill left of a former writing beside it is no matter."""
    path = tmp_path / "current"
    path.with_name("current.new").write_bytes(b"half a na")
    for name in ("first", "second"):
        write_alias(path, name)
        assert read_alias(path) == name
    assert [each.name for each in tmp_path.iterdir()] == ["current"]
