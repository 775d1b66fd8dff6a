"""The import of a catalogue file."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import orjson
import pytest

from schemas.codec import decode
from schemas.course import Course
from schemas.topics import CATALOG_COURSES
from services.recommender.adapters.catalogue.importing import Publish, import_catalogue
from services.recommender.core.import_rows import BadRow
from services.recommender.core.import_rows import course_of as course_in
from services.runtime.outcome import Misconfigured, Send, Unavailable

Told: TypeAlias = tuple[list[Send], list[str], Publish]


@pytest.fixture
def told() -> Told:
    """What was sent, what was said, and how to do both."""
    sent: list[Send] = []
    said: list[str] = []

    async def publish(sends: Sequence[Send]) -> None:
        sent.extend(sends)

    return sent, said, publish


async def test_good_rows_are_kept_and_bad_ones_named(file_of: Callable[..., Path], told: Told) -> None:
    """By line and field, the same id twice included; blank lines are none."""
    sent, said, publish = told
    done = await import_catalogue(file_of("abc", "", '{"id": "X Y"}', "{not json", "def", "abc"), publish, said.append)
    assert [(each.topic, each.event.id) for each in sent] == [(CATALOG_COURSES, "abc"), (CATALOG_COURSES, "def")]
    assert (done.courses, [each.line for each in done.bad]) == (2, [3, 4, 6])
    assert "id: expected 1 to 100 small letters" in done.bad[0].problem
    assert "and 4 more" in done.bad[0].problem
    assert "also in line 1" in done.bad[2].problem
    assert said[-1] == "100% read: 2 courses published, 0 unchanged, 3 bad"


async def test_dry_run_publishes_nothing(file_of: Callable[..., Path], told: Told) -> None:
    """It still counts."""
    sent, said, _ = told
    done = await import_catalogue(file_of("abc", "def"), None, said.append)
    assert (done.courses, sent, said) == (2, [], [])


async def test_progress_is_said_by_batch(file_of: Callable[..., Path], told: Told) -> None:
    """A large catalogue goes out in batches, each acked."""
    sent, said, publish = told
    await import_catalogue(file_of("abc", "def", "ghi"), publish, said.append, batch=2)
    assert [line.partition(": ")[2] for line in said] == [
        "2 courses published, 0 unchanged, 0 bad",
        "3 courses published, 0 unchanged, 0 bad",
    ]
    assert said[-1].startswith("100% read")
    assert len(sent) == 3


async def test_a_file_that_is_not_there_is_the_operators_fault(tmp_path: Path, told: Told) -> None:
    """The message says what was expected."""
    with pytest.raises(Misconfigured, match="expected one course a line"):
        await import_catalogue(tmp_path / "none.jsonl", None, told[1].append)


async def test_an_interrupted_import_goes_on_where_it_was(
    file_of: Callable[..., Path], told: Told, course_of: Callable[..., Course]
) -> None:
    """What is on the topic as it is in the file is not sent again; what differs is."""
    sent, _, publish = told
    known = {"abc": course_of("abc"), "def": course_of("def", title="As it was before")}
    done = await import_catalogue(file_of("abc", "def", "ghi"), publish, lambda _: None, known)
    assert [each.event.id for each in sent] == ["def", "ghi"]
    assert (done.courses, done.unchanged) == (2, 1)


async def test_what_was_acknowledged_before_the_broker_went_is_kept(file_of: Callable[..., Path], told: Told) -> None:
    """The second batch raises; the next import sends only what is missing."""
    sent, _, publish = told
    path = file_of("abc", "def", "ghi", "jkl")

    async def once(sends: Sequence[Send]) -> None:
        if sent:
            raise Unavailable("Kafka is away")
        await publish(sends)

    with pytest.raises(Unavailable):
        await import_catalogue(path, once, lambda _: None, batch=2)
    known = {each.event.id: each.event for each in sent}
    done = await import_catalogue(path, publish, lambda _: None, known)
    assert (done.courses, done.unchanged) == (2, 2)
    assert [each.event.id for each in sent] == ["abc", "def", "ghi", "jkl"]


async def test_a_line_beyond_any_record_is_bad_and_the_next_one_is_read(
    file_of: Callable[..., Path], told: Told
) -> None:
    """It counts as one line; a byte order mark before the first is no matter."""
    path = file_of("abc", "x " * 1_200_000, "def")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    done = await import_catalogue(path, told[2], lambda _: None)
    assert (done.courses, done.bad) == (2, [BadRow(2, "line: expected at most 1000000 bytes")])


HEADER = "id,title,description,url,topics,level,language,price_minor,currency,updated_at"
ROW = '{},"A title, with a comma","{}",https://a.example.com/x,"crm | seo",beginner,en,{},{},2026-11-03T09:30:00Z'
TEXT = 'Said ""twice"",\nover two lines of text.'


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    """A CSV file of these lines."""

    def build(*lines: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "catalogue.csv"
        path.write_bytes("\r\n".join(lines).encode(encoding, "surrogateescape"))
        return path

    return build


async def test_a_table_is_read_by_its_columns(table: Callable[..., Path], told: Told) -> None:
    """Lists by a bar, quotes, commas and line ends within cells; bad rows by the line they begin at."""
    sent, said, publish = told
    path = table(
        HEADER,
        ROW.format("one", TEXT, "4900", "EUR"),
        ROW.format("two", TEXT, "much", "EUR"),
        "short,row",
        "",
        ROW.format("three", "A text in latin \udce9 bytes, undecoded", "", ""),
        ROW.format("four", TEXT, "", ""),
        encoding="utf-8",
    )
    done = await import_catalogue(path, publish, said.append)
    one, four = (each.event for each in sent)
    assert (one.id, one.topics, one.price_minor, one.title) == ("one", ("crm", "seo"), 4900, "A title, with a comma")
    assert one.description == 'Said "twice",\nover two lines of text.'
    assert (four.id, four.price_minor, four.currency, four.skills) == ("four", None, None, ())
    assert [each.line for each in done.bad] == [4, 6, 8]
    assert "price_minor" in done.bad[0].problem
    assert "expected 10 cells as in the header, came 2" in done.bad[1].problem
    assert "description" in done.bad[2].problem


async def test_a_row_of_a_title_alone_is_taken_by_its_title(table: Callable[..., Path], told: Told) -> None:
    """Many real catalogues know no more of a course, or a word of it."""
    sent, said, publish = told
    done = await import_catalogue(
        table(HEADER, ROW.format("one", "", "", ""), ROW.format("two", "Short.", "", "")), publish, said.append
    )
    assert (done.courses, done.bad) == (2, [])
    assert [each.event.description for each in sent] == ["", "Short."]


async def test_other_delimiters_and_a_byte_order_mark_are_read(table: Callable[..., Path], told: Told) -> None:
    """As spreadsheets write them."""
    row = 'one;A title;"A text, of some length; yes";https://a.example.com/x;crm;beginner;en;;;2026-11-03T09:30:00Z'
    path = table("\ufeff" + HEADER.replace(",", ";"), row)
    done = await import_catalogue(path, told[2], told[1].append)
    assert (done.courses, done.bad) == (1, [])


async def test_a_quote_that_never_closes_is_named_where_it_opens(table: Callable[..., Path], told: Told) -> None:
    """The rows before it are kept."""
    path = table(HEADER, ROW.format("one", TEXT, "", ""), 'two,"never closed', ROW.format("three", TEXT, "", ""))
    done = await import_catalogue(path, told[2], told[1].append)
    assert (done.courses, done.bad[0].line) == (1, 4)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (HEADER.replace("title", "Titel"), "unknown: 'Titel'; missing: 'title'"),
        (HEADER + ",id", "more than once: 'id'"),
        ("", "missing: 'id'"),
    ],
)
async def test_a_table_without_a_catalogues_columns_is_the_operators_fault(
    header: str, said: str, table: Callable[..., Path], told: Told
) -> None:
    """The message names the columns, and those there are."""
    with pytest.raises(Misconfigured, match=said):
        await import_catalogue(table(header), told[2], told[1].append)


def test_row_with_a_field_nobody_knows_is_bad(course_of: Callable[..., Course]) -> None:
    """A catalogue row is the operator's; on the topic the same field is a later version's."""
    row = orjson.dumps(course_of("abc").model_dump(mode="json") | {"durration": 7})
    read = course_in(3, row)
    assert isinstance(read, BadRow)
    assert (read.line, "durration" in read.problem) == (3, True)
    assert decode(CATALOG_COURSES, row).id == "abc"
