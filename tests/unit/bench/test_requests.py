"""A lead in a few words becomes the request that profile would make."""

from dataclasses import replace

import pytest

from bench.golden.leads import business_of
from bench.golden.world import academy
from bench.requests import FIRST_DAY, NOW, Act, Conversion, ShortRequest, request_of

PROGRAM, _ = academy()
LEAD = ShortRequest(
    id="mira",
    language="en",
    conversion=Conversion(event="Guide Downloaded", title="Your first payroll", topic="payroll"),
    acts=(
        Act(kind="course", title="Hiring", item="hiring", topic="people", days_ago=30, count=2),
        Act(kind="read", title="Payslips", topic="payroll", days_ago=60),
        Act(kind="sang", title="A song"),
    ),
    facts={"role": "Office manager", "goal": "Run payroll"},
    history=("excel",),
)


def test_signals_stand_by_weight() -> None:
    """What the business says of conversion and kind, times the count, halved in thirty days; 1 where it is silent."""
    signals = request_of(LEAD).snapshot.signals
    assert [(each.id, each.kind, each.weight) for each in signals] == [
        ("s1", "conversion", 1.5), ("s2", "course", 1.0), ("s3", "sang", 1.0), ("s4", "read", 0.15),
    ]  # fmt: skip


def test_interests_add_the_signals_up() -> None:
    """By topic and by course."""
    interests = request_of(LEAD).snapshot.interests
    assert {each.key: each.weight for each in interests} == {
        "topic:payroll": 1.65, "item:hiring": 1.0, "topic:people": 1.0,
    }  # fmt: skip


def test_facts_and_history_are_told() -> None:
    """Facts by name, courses as they came."""
    snapshot = request_of(LEAD).snapshot
    assert [(each.name, each.value) for each in snapshot.facts] == [("goal", "Run payroll"), ("role", "Office manager")]
    assert [each.course_id for each in snapshot.history] == ["excel"]


def test_business_says_who_asks_and_what_weighs() -> None:
    """Its playbook, its weights, its half-life."""
    business = replace(
        FIRST_DAY, playbook="guides", purpose="onboarding", conversions={}, acts={"read": 8.0}, half_life_days=60.0
    )
    request = request_of(LEAD, business)
    assert (request.trigger.playbook, request.trigger.purpose, request.created_at) == ("guides", "onboarding", NOW)
    assert {each.kind: each.weight for each in request.snapshot.signals} == {
        "read": 4.0, "course": 1.414214, "conversion": 1.0, "sang": 1.0,
    }  # fmt: skip


@pytest.mark.parametrize("of", ["conversions", "acts"])
def test_first_day_weighs_as_the_academy_does(of: str) -> None:
    """Every weight of it is one of the academy's rules."""
    academys = business_of(PROGRAM, "Guide Downloaded")
    assert getattr(FIRST_DAY, of).items() <= getattr(academys, of).items()
    assert FIRST_DAY.half_life_days == academys.half_life_days


def test_program_gives_the_playbook_of_the_conversion() -> None:
    """The first whose entry names it; the first of all where none does."""
    last = PROGRAM.playbooks[-1]
    assert len(PROGRAM.playbooks) > 1
    assert business_of(PROGRAM, last.entry[-1]).playbook == last.name
    assert business_of(PROGRAM, "Nothing Known").playbook == PROGRAM.playbooks[0].name
