"""The console's pure parts, and what a record does to the archive."""

from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest

from schemas.topics import DECISIONS, EMAIL_FEEDBACK, EMAIL_OUTBOUND
from services.console.adapters.fake_view import FakeView
from services.console.core import words
from services.console.core.listing import listing
from services.console.core.query import BadQuery, Place, Query, query_of
from services.console.core.rows import decision_of
from services.console.core.story import story
from services.console.core.values import Dossier, Found, Totals
from services.console.pipeline import absorb, list_decisions, tell
from services.runtime.outcome import Message

ID = "5f0c7d1e-7f0a-5c1b-9d2e-3a4b5c6d7e8f"


def test_query_has_its_defaults() -> None:
    """Nothing given, or given empty, is anything by anybody, the newest first."""
    assert query_of({}) == query_of({"ending": "", "person": " ", "day": "", "before": ""}) == Query()
    assert query_of({"ending": "sent", "person": " ana "}) == Query(person="ana", ending="sent")
    assert isinstance(query_of({"before": "9" * 5000}), BadQuery)


def test_query_is_what_its_link_says() -> None:
    """Law: a link leads to the query that it is made of, whatever a stranger typed."""
    place = Place(datetime(2026, 11, 3, 9, 30, 0, 123456, UTC), ID)
    full = Query("a&b=<c>", "sent", "p", "arm", "c", "t", "copy:llm", date(2026, 11, 3), before=place)
    for query in (Query(), full, full.at(after=place)):
        assert query_of(dict(parse_qsl(query.link().removeprefix("?")))) == query
    assert (Query().link(), Query().is_filtered, full.is_filtered) == ("", False, True)


def test_page_past_the_end_leads_nowhere() -> None:
    """There is no row to go on from."""
    empty = listing(Query(), Found((), Totals(60), has_newer=True, has_older=True), {})
    assert (empty.newer, empty.older) == (None, None)


@pytest.mark.parametrize(
    ("key", "decision_id"), [(b"u:a|b|7", "7"), (b"u:a", None), (b"u:a|", None), (None, None), (b"\xff|7", "7")]
)
def test_key_names_its_decision(key: bytes | None, decision_id: str | None) -> None:
    """After the last bar: a person key may hold one."""
    assert decision_of(key) == decision_id


def test_code_nobody_explained_is_shown_readably() -> None:
    """A new reason or rung appears before its words do."""
    assert words.reason_words("bad_moon") == "Bad moon"
    assert words.ending_words("lost_way") == "Lost way"
    assert words.tone("lost_way") == "plain"
    assert words.rung_words("old_hat") == words.stage_words("Old-hat") == words.buying_words("old_hat") == "old hat"
    assert words.feedback_words("") == ""
    assert words.feedback_words("unknown") == "May have arrived"


def test_rungs_stand_in_the_order_of_the_path() -> None:
    """Not in that of the alphabet; a new stage comes last."""
    shuffled = {"zeal": "x", "copy": "template", "ardour": "y", "job": "llm"}
    assert [stage for stage, _ in words.in_order(shuffled)] == ["job", "copy", "ardour", "zeal"]


def test_story_resolves_citations_and_orders_by_weight(decision: Any) -> None:
    """A fact is its value, a signal its title, what resolves to nothing itself; the heaviest comes first."""
    example = decision().model_dump(mode="json")
    example["job"]["cites"] = ["s1", "fact:role", "s9"]
    example["snapshot"]["interests"] = [{"key": "topic:a", "weight": -2}, {"key": "topic:b", "weight": 4}]
    example["snapshot"]["signals"].append(example["snapshot"]["signals"][0] | {"id": "s2", "weight": 6})
    told = story(Dossier(decision(**example), None, ()))
    assert told.job_cites == ("Email automation checklist", "role: marketing manager", "s9")
    assert [(each.name, each.share) for each in told.interests] == [("topic:b", 1.0), ("topic:a", 0.0)]
    assert [(line.signal.id, line.share) for line in told.signals] == [("s2", 1.0), ("s1", 0.5)]
    assert told.headline == "An email was written and passed every check"


def test_story_of_a_decision_with_nothing_in_it(decision: Any) -> None:
    """No signal, no job, no candidate: everything is empty, nothing fails."""
    bare = decision("waiting").model_dump(mode="json")
    bare["snapshot"] |= {"signals": [], "interests": [], "facts": []}
    told = story(Dossier(decision("waiting", **bare), None, ()))
    assert (told.signals, told.interests, told.job_cites, told.pick_cites, told.candidates) == ((), (), (), (), ())


def test_candidates_show_their_rank_in_every_lane(decision: Any) -> None:
    """A lane that did not find one leaves its place empty; the chosen one is marked."""
    example = decision().model_dump(mode="json")
    example["candidates"].append({"course_id": "b", "title": "B", "lanes": {"topic": 3}, "score": 1})
    told = story(Dossier(decision(**example), None, ()))
    assert told.lanes == ("imagined", "topic", "words")
    assert [line.ranks for line in told.candidates] == [("1", "", "2"), ("", "3", "")]
    assert [line.is_chosen for line in told.candidates] == [True, False]


def test_records_become_pages_and_tombstones_forget(decision: Any, mail: Any, feedback: Any) -> None:
    """A tombstone of another topic changes nothing, nor does one without a decision's key."""
    archive = FakeView()
    for topic, event in ((EMAIL_FEEDBACK, feedback()), (EMAIL_OUTBOUND, mail()), (DECISIONS, decision())):
        absorb(Message(topic, 0, 0, b"", event, 0), archive)
    told = tell(ID, archive)
    assert told is not None
    assert told.headline == "Your next step after the automation checklist"
    for topic, key in ((EMAIL_OUTBOUND, f"u:1001|{ID}".encode()), (DECISIONS, b"u:1001")):
        absorb(Message(topic, 0, 1, key, None, 0), archive)
    assert list_decisions(Query(), archive).totals.count == 1
    absorb(Message(DECISIONS, 0, 2, f"u:1001|{ID}".encode(), None, 0), archive)
    assert list_decisions(Query(), archive).totals.count == 0
    assert tell(ID, archive) is None
