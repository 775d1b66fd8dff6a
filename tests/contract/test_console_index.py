"""The view in SQLite alone: one transaction a block, a thread of its own, and an index for every question."""

import asyncio
import re
import threading
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from services.console.adapters.sqlite_view import SqliteView
from services.console.adapters.view_finding import MOST_PEOPLE
from services.console.adapters.view_thread import ViewThread
from services.console.core.query import Place, Query
from services.console.core.values import PAGE_SIZE, Totals
from services.console.ports import Archive
from services.runtime.outcome import Misconfigured
from tests import console_records as console

ID = "5f0c7d1e-7f0a-5c1b-9d2e-3a4b5c6d7e8f"


def test_block_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    """What fails half way leaves nothing of its block, and the view goes on."""
    view = SqliteView.open(str(tmp_path / "view.sqlite"))

    def half() -> None:
        with view.together():
            view.put_decision(console.decision())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert view.find(Query()).totals == Totals()
    with view.together():
        view.put_decision(console.decision())
        view.put_mail(console.mail())
    assert view.find(Query()).totals.count == 1
    view.close()


def test_search_that_names_a_crowd_says_so(tmp_path: Path) -> None:
    """It looks at no more people than a page can take, and does not claim to have counted all."""
    view = SqliteView.open(str(tmp_path / "view.sqlite"))
    with view.together():
        for number in range(MOST_PEOPLE + 1):
            view.put_decision(console.decision(decision_id=f"{number:08d}{ID[8:]}", person=f"u:{number}"))
    found = view.find(Query(person="u:"))
    assert (found.is_cut, found.totals.is_at_least, found.totals.count) == (True, True, MOST_PEOPLE)
    assert not view.find(Query(person="u:1")).is_cut
    view.close()


QUERIES = (
    Query(), Query(ending="sent"), Query(playbook="p1"), Query(arm="treatment"), Query(course="c1"), Query(topic="t1"),
    Query(rung="job:llm"), Query(day=date(2026, 11, 3)), Query(person="u:1"), Query(person="u:1", ending="sent"),
    Query(course="c1", topic="t1", rung="job:llm"), Query(ending="sent", arm="treatment", day=date(2026, 11, 3)),
    Query(rung="job:llm", playbook="p1", ending="sent"),
)  # fmt: skip


SCAN = re.compile(
    r"SCAN (d|k|m|f|decisions|marks|mails|feedback|bodies|sums|names|acts|choices)\b(?! USING INDEX by_time)"
)
"""A table read whole: not the newest by time, whose walk ends with its page."""


def test_every_question_of_a_page_is_answered_by_an_index(tmp_path: Path) -> None:
    """No statement of a list, a story, the choices or the acts scans the decisions, their marks or their mails.

    But for the few thousand that a subquery has found by an index before.
    """
    place = tmp_path / "view.sqlite"
    view = SqliteView.open(str(place))
    course = console.example("decisions/sent.json")["course"] | {"id": "c1", "topics": ["t1"]}
    trigger = console.example("decisions/sent.json")["trigger"] | {"playbook": "p1"}
    with view.together():
        for number in range(PAGE_SIZE * 2):
            name = f"{number:08d}{ID[8:]}"
            view.put_decision(console.decision(decision_id=name, person=f"u:{number}", course=course, trigger=trigger))
            view.put_mail(console.mail(decision_id=name, person=f"u:{number}"))
            view.put_feedback(console.feedback(id=name, decision_id=name))
    statements: list[str] = []
    view._connection.set_trace_callback(statements.append)
    for query in QUERIES:
        found = view.find(query)
        assert found.rows
        middle = Place(found.rows[len(found.rows) // 2].ended_at, found.rows[len(found.rows) // 2].decision_id)
        view.find(query.at(before=middle))
        view.find(query.at(after=middle))
    view.dossier(f"{7:08d}{ID[8:]}")
    view.between(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), 9)
    view.choices("course", 9)
    view.acts(datetime(2026, 1, 1, tzinfo=UTC))
    view._connection.set_trace_callback(None)
    assert len(statements) > 3 * len(QUERIES)
    plans = {each: view._connection.execute(f"EXPLAIN QUERY PLAN {each}").fetchall() for each in statements}
    scanned = {(step[3], each) for each, steps in plans.items() for step in steps if SCAN.match(step[3])}
    assert {
        (step, each) for step, each in scanned if not (step == "SCAN d" and "LIMIT 4001\n        ) d" in each)
    } == set()
    view.close()


async def test_archive_lives_on_its_own_thread(tmp_path: Path) -> None:
    """Whoever asks gives the loop back meanwhile; acts are done in turn, and what one raises is raised there."""
    desk = await ViewThread.open(str(tmp_path / "view.sqlite"))
    go_on = threading.Event()

    def held(archive: Archive) -> str:
        archive.put_decision(console.decision())
        assert go_on.wait(30)
        return threading.current_thread().name

    def count(archive: Archive) -> int:
        return archive.find(Query()).totals.count

    def broken(_: Archive) -> None:
        raise ValueError("as it was")

    first, second = asyncio.ensure_future(desk.ask(held)), asyncio.ensure_future(desk.ask(count))
    await asyncio.sleep(0)
    assert not first.done()
    go_on.set()
    assert (await first != threading.current_thread().name, await second) == (True, 1)
    with pytest.raises(ValueError, match="as it was"):
        await desk.ask(broken)
    await desk.close()


async def test_place_that_cannot_be_used_is_told_from_the_thread(tmp_path: Path) -> None:
    """As it is where the view is opened plainly."""
    with pytest.raises(Misconfigured, match="KINDLING_CONSOLE_VIEW"):
        await ViewThread.open(str(tmp_path / "none" / "view.sqlite"))
