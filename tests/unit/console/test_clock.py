"""The hour of a mail, and the clock of its person, told on its page and for a terminal."""

from typing import Any

import pytest

from schemas.recommendation import SendTime
from services.console.core.clock import SOURCES
from services.console.core.story import story
from services.console.core.telling import explained
from services.console.core.values import Dossier

AT = {"was_due": "2026-11-24T06:30:00Z", "best_at": "2026-11-24T21:19:13Z"}
NEW_YORK = {"name": "America/New_York", "source": "person"}


def found(**over: Any) -> dict[str, Any]:
    """What a record says of an hour that was looked for."""
    about = {"reason": "moved", "experiment": "hours", "zone": NEW_YORK, "evidence": 14.0, "score_due": 0.364}
    return {**about, **AT, "score_best": 6.091, **over}


def told(decision: Any, **send_time: Any) -> list[str]:
    """The lines of the decision of which this was found."""
    made = decision("send_time")
    trigger = made.trigger.model_copy(update={"send_time": SendTime.model_validate(found(**send_time))})
    return [*explained(story(Dossier(made.model_copy(update={"trigger": trigger}), None, ())), {})]


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ({}, "moved from 2026-11-24 06:30Z: score 0.36 then, 6.09 at 2026-11-24 21:19Z"),
        (
            {"reason": "control"},
            "as it was due, as control of hours: score 0.36 then, 6.09 at 2026-11-24 21:19Z",
        ),
        ({"reason": "no_better"}, "as it was due: no hour within reach is much better (score 0.36)"),
        ({"reason": "too_little"}, "as it was due: too little is known of when the person reads (evidence 14.0)"),
        ({"reason": "of_a_later_version"}, "of_a_later_version"),
        ({"reason": "moved", "best_at": None}, "moved"),
        ({"reason": "control", "score_best": None}, "control"),
    ],
)
def test_the_hour_is_told(decision: Any, said: dict[str, Any], line: str) -> None:
    """Why the mail went when it went, and by how much the other hour was better."""
    assert f"hour      {line}" in told(decision, **said)


@pytest.mark.parametrize("source", [*SOURCES])
def test_the_clock_is_told_with_its_source(decision: Any, source: str) -> None:
    """A guess is no word of the person."""
    made = decision("send_time")
    zone = {"name": "America/New_York", "source": source}
    made = decision("send_time", snapshot={**made.snapshot.model_dump(mode="json"), "zone": zone})
    lines = [*explained(story(Dossier(made, None, ())), {})]
    assert f"clock     America/New_York, {SOURCES[source]}" in lines


def test_an_unknown_clock_is_told(decision: Any) -> None:
    """It is no missing line: nobody knows it."""
    made = decision("send_time")
    zone = {"name": None, "source": "unknown"}
    made = decision("send_time", snapshot={**made.snapshot.model_dump(mode="json"), "zone": zone})
    assert "clock     unknown" in explained(story(Dossier(made, None, ())), {})


def test_a_record_of_before_tells_neither(decision: Any) -> None:
    """Nor does one whose playbook looks for no hour tell of one."""
    lines = explained(story(Dossier(decision(), None, ())), {})
    assert [line for line in lines if line.startswith(("hour ", "clock "))] == []


async def test_the_page_of_a_decision_shows_both(client: Any, archive: Any, decision: Any) -> None:
    """Among what it waited for."""
    made = decision("send_time")
    archive.put_decision(made)
    answer = await client.get(f"/decisions/{made.decision_id}")
    page = await answer.text()
    assert "as control of reading-hours" in page
    assert "America/New_York, as the person" in page
