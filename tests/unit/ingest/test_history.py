"""The import of a business's past."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from schemas.program import Signals
from schemas.topics import CONVERSIONS_RAW
from services.ingest.adapters.fake_records import FakeRecord
from services.ingest.adapters.history_file import Imported, import_history
from services.ingest.core.clean import Cleaned, clean
from services.ingest.core.history import BadRow, conversion_of, names_of
from services.ingest.core.records import Outgoing
from services.ingest.core.source import Keys
from services.runtime.outcome import Misconfigured, Unavailable

DAY_MS = 86_400_000
NOW_MS = 1_793_696_400_000
RULES: list[dict[str, Any]] = [
    {"name": "v", "event": "Course Viewed", "kind": "c", "weight": 1, "item_property": "course", "course": "viewed"},
    {"name": "p", "event": "page", "path": "/done/{item}", "kind": "c", "weight": 1, "course": "completed"},
    {"name": "w", "event": "Bought", "where": {"a": "b"}, "kind": "c", "weight": 1, "item_property": "x",
     "course": "taken"},
    {"name": "e", "event": "Course Enrolled", "kind": "c", "weight": 1, "item_property": "course",
     "topic_property": "subject", "course": "taken"},
    {"name": "d", "event": "Course Completed", "kind": "c", "weight": 1, "item_property": "course",
     "course": "completed"},
]  # fmt: skip


def _signals(rules: list[dict[str, Any]]) -> Signals:
    return Signals.model_validate({"version": 1, "topics": {"seo": {"title": {"en": "SEO"}}}, "rules": rules})


NAMES = names_of(_signals(RULES))
READ = partial(conversion_of, names=NAMES, now_ms=NOW_MS)


class Told:
    """What was published, by batch, and said; the broker is away after so many batches."""

    def __init__(self, batches: int = 99) -> None:
        self.published: list[list[Any]] = []
        self.said: list[str] = []
        self._batches = batches

    async def publish(self, rows: Sequence[Outgoing]) -> None:
        """One batch."""
        if len(self.published) == self._batches:
            raise Unavailable("away")
        self.published.append([json.loads(each.value or b"") for each in rows])

    @property
    def courses(self) -> list[str]:
        """Of all rows, in order."""
        return [each["properties"]["course"] for batch in self.published for each in batch]


@pytest.fixture
def file_of(tmp_path: Path) -> Callable[..., Path]:
    """A file of these lines."""

    def build(*lines: str, name: str = "past.csv") -> Path:
        path = tmp_path / name
        path.write_bytes("\n".join(lines).encode("utf-8", "surrogateescape"))
        return path

    return build


def _line(course: str) -> str:
    return f"u-1,{course},2025-03-01"


HEADER = "user_id,course_id,occurred_at"


def test_a_row_is_the_conversion_a_server_would_have_sent(keys: Keys) -> None:
    """As the business calls it, at the time it happened, trusted; one key per person keeps the order."""
    row = {"user_id": 7, "email": "Ana@Example.com", "course_id": "seo-1", "occurred_at": "2025-03-01T10:00:00Z",
           "kind": "completed", "note": "left aside"}  # fmt: skip
    found = READ(1, json.dumps(row).encode())
    assert isinstance(found, Outgoing)
    assert (found.topic, found.key) == (CONVERSIONS_RAW, b"7")
    cleaned = clean(FakeRecord(CONVERSIONS_RAW.name, 0, 0, found.value, timestamp=NOW_MS), keys)
    assert isinstance(cleaned, Cleaned)
    event: Any = cleaned.effects[0]
    assert (event["person"], event["kind"], event["name"]) == ("u:7", "conversion", "Course Completed")
    assert (event["properties"], event["time_ms"]) == ({"course": "seo-1"}, 1_740_823_200_000)
    assert event["address"]["value"] == "ana@example.com"


def test_the_same_row_has_the_same_record() -> None:
    """Whatever the line; another time or person is another record."""
    row = {"email": "ana@example.com", "course_id": "a", "occurred_at": 1_740_823_200.0, "topic": "seo"}
    one, two = READ(1, {**row, "occurred_at": "1740823200"}), READ(9, json.dumps(row).encode())
    assert isinstance(one, Outgoing)
    assert one == two
    assert one.key == b"ana@example.com"
    assert json.loads(one.value or b"")["properties"] == {"course": "a", "subject": "seo"}
    other = READ(1, {**row, "occurred_at": 1_740_823_201_000})
    assert isinstance(other, Outgoing)
    assert json.loads(other.value or b"")["messageId"] != json.loads(one.value or b"")["messageId"]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (b"{no json", "row: expected JSON"),
        (b'{"course_id": "a", "occurred_at": 5}', "row: expected user_id or email"),
        (
            {"user_id": "u", "course_id": "A B", "occurred_at": "2025-01-01"},
            "course_id: expected 1 to 100 small letters",
        ),
        ({"user_id": "u", "course_id": "a", "occurred_at": "yesterday"}, "occurred_at: expected a time"),
        ({"user_id": "u", "course_id": "a", "occurred_at": "-5"}, "occurred_at: expected a time"),
        ({"user_id": "u", "course_id": "a", "occurred_at": -5}, "occurred_at: expected a time"),
        ({"user_id": "u", "course_id": "a", "occurred_at": "\u0663" * 39}, "occurred_at: expected a time"),
        ({"user_id": "u", "course_id": "a", "occurred_at": "0001-01-01"}, "occurred_at: expected a time"),
        ({"user_id": "u\x07", "course_id": "a", "occurred_at": 5}, "user_id: expected printable"),
        ({"email": "ana", "course_id": "a", "occurred_at": 5}, "email: expected a plain address"),
        ({"user_id": "u", "course_id": "a", "occurred_at": 5, "kind": "liked"}, "kind: expected 'enrolled'"),
        ({}, "course_id: expected, and nothing came: add it; occurred_at: expected, and nothing came"),
        ({"user_id": "", "email": "", "course_id": "", "occurred_at": ""}, "; and 1 more"),
    ],
)
def test_what_is_wrong_is_named_by_field(row: bytes | dict[str, Any], problem: str) -> None:
    """With the line it is on."""
    found = READ(3, row)
    assert isinstance(found, BadRow)
    assert found.line == 3
    assert problem in found.problem


def test_a_row_of_the_last_day_is_refused() -> None:
    """Its conversion could open a trigger: history mails nobody."""
    row = {"user_id": "u", "course_id": "a"}
    assert isinstance(READ(1, {**row, "occurred_at": NOW_MS - DAY_MS}), Outgoing)
    found = READ(1, {**row, "occurred_at": NOW_MS - DAY_MS + 1})
    assert isinstance(found, BadRow)
    assert "more than a day ago" in found.problem


def test_the_business_must_have_a_name_for_it() -> None:
    """A rule by which the profile knows an enrolment; without one the import would teach nothing."""
    with pytest.raises(ValueError, match="course: completed"):
        names_of(_signals(RULES[:4]))


async def test_good_rows_are_published_in_order_and_bad_ones_named(file_of: Callable[..., Path]) -> None:
    """A quoted cell may span lines; a row too long, not UTF-8 or not CSV is bad by itself; blank ones are none."""
    told = Told()
    path = file_of(
        "\ufeffUser_ID,course_id ,occurred_at,note", "u-1,a,2025-03-01", "", 'u-1,b,2025-03-01,"two\nlines"',
        "u-1,c,2025-03-01,x,y", "u-\udcff,d,2025-03-01", 'u-1,e,2025-03-01,"x"y', ",f,2025-03-01", "u-1,g,2025-03-01",
    )  # fmt: skip
    done = await import_history(path, READ, told.publish, told.said.append)
    assert told.courses == ["a", "b", "g"]
    assert (done.rows, [each.line for each in done.bad]) == (3, [6, 7, 8, 9])
    assert told.said[0].startswith(f"{path}:6: row: expected 4 cells")
    assert told.said[-1] == "7 rows done, 3 published, 4 bad"


async def test_json_lines_are_read_too(file_of: Callable[..., Path]) -> None:
    """One object a line."""
    told = Told()
    rows = [json.dumps({"user_id": "u", "course_id": each, "occurred_at": "2025-01-01"}) for each in "ab"]
    path = file_of(rows[0], "", "[]", rows[1], name="past.jsonl")
    done = await import_history(path, READ, told.publish, told.said.append)
    assert (told.courses, [each.line for each in done.bad]) == (["a", "b"], [3])


async def test_a_json_line_that_is_too_long_is_one_bad_row(file_of: Callable[..., Path]) -> None:
    """Not as many as it could be cut into; the rows behind it keep their numbers."""
    told = Told()
    good, bad = (
        json.dumps({"user_id": user, "course_id": "a", "occurred_at": "2025-01-01"}) for user in ("u", "u" * 250_000)
    )
    done = await import_history(file_of(bad, good, "[]", name="past.jsonl"), READ, told.publish, told.said.append)
    assert (told.courses, [each.line for each in done.bad]) == (["a"], [1, 3])


async def test_a_dry_run_publishes_nothing_and_leaves_no_position(file_of: Callable[..., Path]) -> None:
    """It still checks and counts."""
    path = file_of(HEADER, _line("a"), _line("B"))
    done = await import_history(path, READ, None, lambda _: None)
    assert (done.rows, len(done.bad)) == (1, 1)
    assert list(path.parent.iterdir()) == [path]


async def test_an_import_that_was_stopped_goes_on(file_of: Callable[..., Path]) -> None:
    """Behind the last batch the broker took; once all is done a further run does nothing."""
    path = file_of(HEADER, *map(_line, "abcde"))
    first, second, third = Told(batches=1), Told(), Told()
    with pytest.raises(Unavailable):
        await import_history(path, READ, first.publish, first.said.append, batch=2)
    done = await import_history(path, READ, second.publish, second.said.append)
    assert (first.courses, second.courses) == (["a", "b"], ["c", "d", "e"])
    assert done == Imported(3, 2, ())
    assert await import_history(path, READ, third.publish, third.said.append) == Imported(0, 5, ())
    assert (third.published, third.said) == ([], [])


async def test_a_file_that_changed_begins_anew(file_of: Callable[..., Path]) -> None:
    """The rows that are the same have the same ids, so that nothing is taken twice."""
    told = Told()
    await import_history(file_of(HEADER, _line("a")), READ, told.publish, told.said.append)
    await import_history(file_of(HEADER, _line("a"), _line("b")), READ, told.publish, told.said.append)
    assert told.courses == ["a", "a", "b"]


@pytest.mark.parametrize(
    ("name", "lines", "problem"),
    [
        ("past.csv", ("user_id,course_id", "u,a"), "expected a first line with the columns"),
        ("past.csv", (), "expected a first line with the columns"),
        ("past.csv", ("course_id,occurred_at",), "one of email or user_id"),
        ("past.xlsx", ("x",), "ends in .csv or .jsonl or .ndjson"),
    ],
)
async def test_a_file_of_another_kind_is_the_operators_fault(
    file_of: Callable[..., Path], name: str, lines: tuple[str, ...], problem: str
) -> None:
    """The message says what was expected."""
    with pytest.raises(Misconfigured, match=problem):
        await import_history(file_of(*lines, name=name), READ, Told().publish, lambda _: None)


async def test_a_file_that_is_not_there_is_the_operators_fault(tmp_path: Path) -> None:
    """Whether it is to be imported or checked."""
    for publish in (Told().publish, None):
        with pytest.raises(Misconfigured, match="No such file"):
            await import_history(tmp_path / "none.csv", READ, publish, lambda _: None)


async def test_a_position_that_is_none_is_named(file_of: Callable[..., Path]) -> None:
    """Rather than guessed at."""
    path = file_of(HEADER, _line("a"))
    path.with_name("past.csv.position").write_text("[]")
    with pytest.raises(Misconfigured, match="delete it"):
        await import_history(path, READ, Told().publish, lambda _: None)
