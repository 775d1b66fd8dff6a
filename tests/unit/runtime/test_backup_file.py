"""A backup's file: what goes in comes out, only whole, and only to its owner."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.backup_file import BackupWriter, Head, Row, head_of, rows_of
from services.runtime.outcome import Misconfigured

HEAD = Head("kindling.email.suppressions.v1", 3, "2026-11-28T00:00:00+00:00")
ROW = Row(2, 1_700_000_000_000, b"a1|marketing", b'{"state":"suppressed"}', (("ce_id", b"1"), ("none", None)))
BYTES = st.none() | st.binary(max_size=40)
NAMES = st.text(st.characters(codec="utf-8"), max_size=5)
HEADERS = st.lists(st.tuples(NAMES, BYTES), max_size=3).map(tuple)
ROWS = st.lists(st.builds(Row, st.integers(0, 11), st.integers(0, 2**53), BYTES, BYTES, HEADERS))


def _written(path: Path, rows: list[Row]) -> Path:
    with BackupWriter(path, HEAD) as file:
        for each in rows:
            file.write(each)
    return path


@given(ROWS)
def test_rows_come_out_as_they_went_in(tmp_path_factory: pytest.TempPathFactory, rows: list[Row]) -> None:
    """Any key, value and header, in order."""
    path = _written(tmp_path_factory.mktemp("backup") / "topic.jsonl.gz", rows)
    assert (head_of(path), list(rows_of(path))) == (HEAD, rows)


def test_failed_backup_leaves_the_one_before(tmp_path: Path) -> None:
    """Half of a backup takes nobody's place, and none of it stays."""
    path = _written(tmp_path / "topic.jsonl.gz", [ROW])

    def fail() -> None:
        with BackupWriter(path, HEAD) as file:
            file.write(ROW)
            raise ConnectionError("Kafka went away")

    with pytest.raises(ConnectionError):
        fail()
    assert list(rows_of(path)) == [ROW]
    assert list(tmp_path.iterdir()) == [path]


def test_file_is_its_owners_alone(tmp_path: Path) -> None:
    """It holds addresses."""
    assert _written(tmp_path / "topic.jsonl.gz", [ROW]).stat().st_mode & 0o777 == 0o600


def test_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The operator reads which file, and what to do."""
    with pytest.raises(Misconfigured, match=r"cannot write .*name a folder that is there"):
        _written(tmp_path / "nowhere" / "topic.jsonl.gz", [])


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_cut_off_file_is_refused(tmp_path: Path, share: float) -> None:
    """In the middle of the compressed bytes, wherever."""
    path = _written(tmp_path / "topic.jsonl.gz", [ROW] * 50)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(Misconfigured, match="no whole backup"):
        list(rows_of(path))


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (slice(0, -1), "cut off after 3 records"),
        (slice(0, 2), "cut off after 1 records"),
        ((0, 1, 4), "says that it has 3 records, and has 1"),
    ],
)
def test_file_with_lines_missing_is_refused(tmp_path: Path, lines: slice | tuple[int, ...], reason: str) -> None:
    """Its last line says how many there are."""
    path = _written(tmp_path / "topic.jsonl.gz", [ROW] * 3)
    every = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    kept = every[lines] if isinstance(lines, slice) else [every[each] for each in lines]
    path.write_bytes(gzip.compress(b"".join(kept)))
    with pytest.raises(Misconfigured, match=reason):
        list(rows_of(path))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        gzip.compress(b"", mtime=0),
        gzip.compress(b"[]\n", mtime=0),
        gzip.compress(b'{"line":"end","records":0}\n', mtime=0),
        gzip.compress(b'{"line":"topic","topic":"t","partitions":1,"taken_at":"","format":2}\n', mtime=0),
    ],
    ids=["nothing", "no line", "a list", "no head", "a later format"],
)
def test_other_file_is_no_backup(tmp_path: Path, content: bytes) -> None:
    """Nor is one of a later format."""
    path = tmp_path / "topic.jsonl.gz"
    path.write_bytes(content)
    with pytest.raises(Misconfigured, match="backup"):
        head_of(path)


def test_missing_file_is_named(tmp_path: Path) -> None:
    """By its path."""
    with pytest.raises(Misconfigured, match="there is no such file"):
        head_of(tmp_path / "topic.jsonl.gz")
