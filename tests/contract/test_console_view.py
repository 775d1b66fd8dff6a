"""What every archive promises, the fake and SQLite; records come in any order."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import orjson
import pytest

from schemas.decision import Decision
from schemas.email import Feedback, OutboundEmail
from services.console.adapters.fake_view import FakeView
from services.console.adapters.sqlite_view import SqliteView
from services.console.core.values import PAGE_SIZE, Query
from services.console.ports import Archive
from services.runtime.outcome import Misconfigured

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
ID = "5f0c7d1e-7f0a-5c1b-9d2e-3a4b5c6d7e8f"
OTHER = ID[:-1] + "0"


def _example(name: str, **changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = orjson.loads((EXAMPLES / name).read_bytes())
    return fields | changes


def _decision(example: str = "sent", **changes: Any) -> Decision:
    return Decision.model_validate(_example(f"decisions/{example}.json", **changes))


def _mail(**changes: Any) -> OutboundEmail:
    return OutboundEmail.model_validate(_example("email.outbound/course.json", **changes))


def _feedback(example: str = "delivered", **changes: Any) -> Feedback:
    return Feedback.model_validate(_example(f"email.feedback/{example}.json", **changes))


@pytest.fixture(params=["fake", "memory", "file"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    """An empty archive."""
    if request.param == "fake":
        yield FakeView()
        return
    view = SqliteView.open(":memory:" if request.param == "memory" else str(tmp_path / "view.sqlite"))
    yield view
    view.close()


def test_span_of_time_holds_the_newest_first(archive: Archive) -> None:
    """From its beginning to before its end, and no more than asked for."""
    for second, name in enumerate((OTHER, ID)):
        archive.put_decision(_decision(decision_id=name, ended_at=f"2026-11-03T09:30:0{second}Z"))
    start, middle, end = (datetime(2026, 11, 3, 9, 30, at, tzinfo=UTC) for at in (0, 1, 2))
    assert archive.between(start, end, 9) == (ID, OTHER)
    assert archive.between(start, middle, 9) == (OTHER,)
    assert archive.between(middle, end, 9) == (ID,)
    assert archive.between(start, end, 1) == (ID,)
    assert archive.between(end, end, 9) == ()


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_order_and_repeats_change_nothing(archive: Archive, order: tuple[int, ...]) -> None:
    """Whatever comes first, and however often, the dossier is one."""
    clicked = _feedback("clicked", occurred_at="2026-11-03T10:00:00Z")
    puts: list[Callable[[], None]] = [
        lambda: archive.put_decision(_decision()),
        lambda: archive.put_mail(_mail()),
        lambda: archive.put_feedback(clicked),
        lambda: archive.put_feedback(_feedback()),
    ]
    for place in (*order, *order):
        puts[place]()
    found = archive.dossier(ID)
    assert found is not None
    assert (found.decision, found.mail, found.feedback) == (_decision(), _mail(), (_feedback(), clicked))


def test_row_shows_mail_and_last_feedback(archive: Archive) -> None:
    """Feedback may know the mail's id only, or the decision's only."""
    archive.put_decision(_decision())
    (row,) = archive.find(Query()).rows
    assert (row.subject, row.outcome, row.course) == (None, None, "Email automation foundations")
    assert row.event_name == "Guide Downloaded: Email automation checklist"
    archive.put_mail(_mail())
    archive.put_feedback(_feedback(message_id="unknown"))
    archive.put_feedback(_feedback("clicked", occurred_at="2026-11-03T10:00:00Z"))
    (row,) = archive.find(Query()).rows
    assert (row.subject, row.outcome) == ("Your next step after the automation checklist", "clicked")
    assert (row.ended_at, row.rungs) == (_decision().ended_at, _decision().rungs)


def test_feedback_on_something_else_is_not_ours(archive: Archive) -> None:
    """A decision without a mail has no feedback of others."""
    archive.put_decision(_decision("waiting"))
    archive.put_feedback(_feedback(decision_id=OTHER))
    archive.put_feedback(_feedback("clicked"))
    found = archive.dossier(ID)
    assert found is not None
    assert found.feedback == ()


def test_last_record_of_a_decision_stands(archive: Archive) -> None:
    """A topic compacted by key says the same."""
    archive.put_decision(_decision("waiting"))
    archive.put_decision(_decision())
    assert [row.ending for row in archive.find(Query()).rows] == ["sent"]


def test_newest_comes_first_and_pages_miss_nothing(archive: Archive) -> None:
    """Also where many ended in the same instant."""
    ids = [f"{number:08d}{ID[8:]}" for number in range(2 * PAGE_SIZE + 1)]
    for number, decision_id in enumerate(ids):
        ended_at = f"2026-11-03T09:{number // 3:02d}:00{'.5' if number % 3 else ''}Z"
        archive.put_decision(_decision(decision_id=decision_id, ended_at=ended_at))
    pages = [archive.find(Query(page=page)) for page in (1, 2, 3, 4)]
    rows = [row for found in pages for row in found.rows]
    assert {found.total for found in pages} == {len(ids)}
    assert {row.decision_id for row in rows} == set(ids)
    assert rows == sorted(rows, key=lambda row: (row.ended_at, row.decision_id), reverse=True)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(ending="sent"), [ID]),
        (Query(ending="waiting"), [OTHER]),
        (Query(ending="expired"), []),
        (Query(person="U:10"), [ID]),
        (Query(person="añá"), [OTHER]),
        (Query(person="ANA@example"), [ID]),
        (Query(person="%"), []),
        (Query(person="ANA@example", ending="waiting"), []),
    ],
)
def test_filter_by_ending_and_part_of_a_name(archive: Archive, query: Query, expected: list[str]) -> None:
    """Person key or address, in any case of letters, taken literally."""
    archive.put_decision(_decision())
    archive.put_mail(_mail())
    archive.put_decision(_decision("waiting", decision_id=OTHER, person="u:AÑÁ"))
    found = archive.find(query)
    assert [row.decision_id for row in found.rows] == expected
    assert found.total == len(expected)


def test_forgotten_decision_takes_all_with_it(archive: Archive) -> None:
    """And what comes late is not kept either; its neighbour stays."""
    for number, decision_id in enumerate((ID, OTHER)):
        message_id = f"a1b2c3d4-0000-5000-8000-00000000000{number + 1}"
        archive.put_decision(_decision(decision_id=decision_id, message_id=message_id))
        archive.put_mail(_mail(decision_id=decision_id, message_id=message_id))
        archive.put_feedback(_feedback(id=f"f{number}", decision_id=decision_id, message_id=message_id))
    archive.forget(ID)
    archive.put_mail(_mail(decision_id=ID))
    archive.put_feedback(_feedback(id="late", decision_id=ID))
    assert archive.dossier(ID) is None
    archive.put_decision(_decision())
    again, kept = archive.dossier(ID), archive.dossier(OTHER)
    assert again is not None
    assert kept is not None
    assert (again.mail, again.feedback) == (None, ())
    assert kept.mail is not None
    assert len(kept.feedback) == 1


def test_view_is_empty_at_every_start(tmp_path: Path) -> None:
    """It is rebuilt from the topics, so an old file never shows what was erased meanwhile."""
    for _ in range(2):
        view = SqliteView.open(str(tmp_path / "view.sqlite"))
        assert view.find(Query()).total == 0
        view.put_decision(_decision())
        view.close()


def test_place_that_cannot_be_used_is_the_operators_to_mend(tmp_path: Path) -> None:
    """The message names the setting."""
    (tmp_path / "file").write_text("not a database " * 100)
    for place in ("none/view.sqlite", "file"):
        with pytest.raises(Misconfigured, match="KINDLING_CONSOLE_VIEW"):
            SqliteView.open(str(tmp_path / place))
