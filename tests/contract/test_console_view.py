"""What every archive promises, the fake and SQLite; records come in any order."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import permutations
from pathlib import Path

import pytest

from services.console.adapters.fake_view import FakeView
from services.console.adapters.sqlite_view import SqliteView
from services.console.core.query import Place, Query
from services.console.core.values import PAGE_SIZE, Act, Choice, Totals
from services.console.ports import Archive
from services.runtime.outcome import Misconfigured
from tests.console_records import decision as _decision
from tests.console_records import example as _example
from tests.console_records import feedback as _feedback
from tests.console_records import mail as _mail

ID = "5f0c7d1e-7f0a-5c1b-9d2e-3a4b5c6d7e8f"
OTHER = ID[:-1] + "0"


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
    pages, query = [archive.find(Query())], Query()
    while pages[-1].has_older:
        last = pages[-1].rows[-1]
        query = query.at(before=Place(last.ended_at, last.decision_id))
        pages.append(archive.find(query))
    rows = [row for found in pages for row in found.rows]
    assert [len(found.rows) for found in pages] == [PAGE_SIZE, PAGE_SIZE, 1]
    assert {found.totals.count for found in pages} == {len(ids)}
    assert [row.decision_id for row in rows] == sorted(ids, reverse=True)
    back = archive.find(Query(after=Place(rows[-1].ended_at, rows[-1].decision_id)))
    assert (back.rows, back.has_newer, back.has_older) == (pages[1].rows, True, True)
    assert not archive.find(Query(after=Place(rows[PAGE_SIZE].ended_at, rows[PAGE_SIZE].decision_id))).has_newer


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
        (Query(person="example.com"), []),
        (Query(person="ANA@example", ending="waiting"), []),
    ],
)
def test_filter_by_ending_and_the_beginning_of_a_name(archive: Archive, query: Query, expected: list[str]) -> None:
    """Person key, the id in it, or address, in any case of letters, taken literally."""
    archive.put_decision(_decision())
    archive.put_mail(_mail())
    archive.put_decision(_decision("waiting", decision_id=OTHER, person="u:AÑÁ"))
    found = archive.find(query)
    assert [row.decision_id for row in found.rows] == expected
    assert found.totals.count == len(expected)


CHOSEN = "email-automation-foundations"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(course=CHOSEN), [ID]),
        (Query(topic="email-marketing"), [ID]),
        (Query(topic="email-marketing", course=CHOSEN), [ID]),
        (Query(topic="email-marketing", course=CHOSEN, rung="copy:template"), []),
        (Query(topic="email-marketing", arm="treatment", day=date(2026, 11, 3)), [ID]),
        (Query(topic="email-marketing", day=date(2026, 11, 4)), []),
        (Query(rung="job:llm", ending="sent"), [ID]),
        (Query(rung="job:llm", ending="waiting"), []),
        (Query(playbook="after-guide"), [OTHER]),
        (Query(playbook="after-guide", arm="holdout"), []),
        (Query(arm="treatment"), [ID, OTHER]),
        (Query(day=date(2026, 11, 3), person="u:"), [ID, OTHER]),
        (Query(day=date(2026, 11, 2)), []),
        (Query(person="ana@", topic="email-marketing", rung="job:llm", day=date(2026, 11, 3)), [ID]),
    ],
)
def test_filters_say_what_there_is_and_what_it_sums_to(archive: Archive, query: Query, expected: list[str]) -> None:
    """By what was chosen, who answered, playbook, arm and day, alone and together; the cost is of these alone."""
    archive.put_decision(_decision(asked=[_ASKED | {"cost_micros": 700}, _ASKED | {"cost_micros": 50}]))
    archive.put_mail(_mail())
    trigger = _example("decisions/waiting.json")["trigger"] | {"playbook": "after-guide"}
    waiting = _decision("waiting", decision_id=OTHER, person="u:AÑÁ", ended_at="2026-11-03T09:00:00Z", trigger=trigger)
    archive.put_decision(waiting)
    found = archive.find(query)
    assert [row.decision_id for row in found.rows] == expected
    is_there = ID in expected
    assert found.totals == Totals(len(expected), int(is_there), 750 if is_there else 0)


_ASKED = {"stage": "copy", "prompt_id": "copy.v1", "outcome": "answer"}


def test_decisions_of_one_person_are_of_nobody_else(archive: Archive) -> None:
    """The newest first, and no more than asked for; a longer key that begins the same is another person."""
    for number, person in enumerate(("u:4", "u:42", "u:4")):
        name = f"{number:08d}{ID[8:]}"
        archive.put_decision(_decision(decision_id=name, person=person, ended_at=f"2026-11-03T09:3{number}:00Z"))
    assert [row.decision_id[:8] for row in archive.of_person("u:4", 9)] == ["00000002", "00000000"]
    assert [row.decision_id[:8] for row in archive.of_person("u:4", 1)] == ["00000002"]
    assert archive.of_person("u:", 9) == ()


def test_sums_follow_what_is_put_anew_and_what_is_forgotten(archive: Archive) -> None:
    """A decision that is replaced counts once, as it is now; one that is forgotten counts nowhere."""
    archive.put_decision(_decision("waiting", asked=[_ASKED | {"cost_micros": 5}]))
    archive.put_decision(_decision(asked=[_ASKED | {"cost_micros": 9}]))
    assert archive.find(Query()).totals == Totals(1, 1, 9)
    assert archive.choices("ending", 9) == (Choice("sent", "sent", 1),)
    assert archive.choices("course", 9) == (Choice(CHOSEN, "Email automation foundations", 1),)
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    assert Act("end", ("composer", "sent", "composed"), 1) in archive.acts(long_ago)
    assert Act("asked", ("copy",), 1, 9) in archive.acts(long_ago)
    assert archive.acts(datetime(2026, 11, 4, tzinfo=UTC)) == ()
    archive.forget(ID)
    assert archive.find(Query()).totals == Totals()
    assert [archive.choices(kind, 9) for kind in ("ending", "course", "topic", "rung", "arm", "playbook")] == [()] * 6
    assert archive.acts(long_ago) == ()
    assert archive.find(Query(person="u:")).rows == ()


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
        assert view.find(Query()).totals.count == 0
        view.put_decision(_decision())
        view.close()


def test_place_that_cannot_be_used_is_the_operators_to_mend(tmp_path: Path) -> None:
    """The message names the setting."""
    (tmp_path / "file").write_text("not a database " * 100)
    for place in ("none/view.sqlite", "file"):
        with pytest.raises(Misconfigured, match="KINDLING_CONSOLE_VIEW"):
            SqliteView.open(str(tmp_path / place))
