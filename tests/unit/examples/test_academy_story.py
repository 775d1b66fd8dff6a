"""The demo's story: every step can be played, and the leads it needs are there."""

import re
from typing import Any, TypeAlias

import pytest

from schemas.course import Course
from schemas.program import Program

Lead: TypeAlias = dict[str, Any]
Step: TypeAlias = dict[str, Any]

LEAD_FIELDS = {"name", "user_id", "anonymous_id", "email", "about", "through", "ends", "steps"}
TOPIC = {"topic"}  # of who gets an email
ANY_STEP = {"do", "ago", "part", "anonymous", "repeat", "late"}
STEP_FIELDS: dict[str, set[str]] = {
    "page": {"path", "title"},
    "track": {"event", "properties"},
    "identify": {"traits"},
    "conversion": {"event", "properties", "traits"},
    "unsubscribe": set(),
}
# Of the reasons, those a lead of the story can end with.
REASONS = {
    "suppressed",
    "no_consent",
    "no_address",
    "purpose_taken",
    "too_little_evidence",
    "cap_reached",
    "holdout",
    "too_old",
}
OLDEST_TRACKED_S = 29 * 86_400  # a tracker's clock is believed for 30 days
_AGO = re.compile(r"(\d+)([dhms])")
_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_ADDRESS = re.compile(r"@([\w.-]*\w)")


def seconds_ago(step: Step) -> int:
    """How long before the story's start the step happened, in seconds."""
    matched = _AGO.fullmatch(step["ago"])
    assert matched, f"ago {step['ago']!r}: expected a number and one of d, h, m, s"
    return int(matched[1]) * _SECONDS[matched[2]]


def steps_of(leads: list[Lead], kind: str) -> list[Step]:
    """All steps of one kind, of all leads."""
    return [step for lead in leads for step in lead["steps"] if step["do"] == kind]


def named(leads: list[Lead], name: str) -> Lead:
    """The lead of that name."""
    return next(lead for lead in leads if lead["name"] == name)


def test_leads_and_steps_have_the_fields_the_player_reads(leads: list[Lead]) -> None:
    """Nothing is missing and nothing is misspelt."""
    for lead in leads:
        assert lead.keys() == LEAD_FIELDS | (TOPIC if "email" in lead["ends"] else set()), lead["name"]
        for step in lead["steps"]:
            own = STEP_FIELDS[step["do"]]
            assert own <= step.keys() <= own | ANY_STEP, (lead["name"], step)
            assert step["do"] == "unsubscribe" or seconds_ago(step) >= 0


def test_each_conversion_has_an_end(leads: list[Lead], program: Program) -> None:
    """Every conversion opens a playbook and states an email or a reason, in its order."""
    entries = {entry for playbook in program.playbooks for entry in playbook.entry}
    for lead in leads:
        conversions = [step for step in lead["steps"] if step["do"] == "conversion"]
        assert len(lead["ends"]) == len(conversions) > 0, lead["name"]
        assert {step["event"] for step in conversions} <= entries, lead["name"]
        assert {*lead["ends"]} <= REASONS | {"email"}, lead["name"]


def test_what_trackers_send_is_recent(leads: list[Lead]) -> None:
    """A tracker's event older than its clamp would lose its time."""
    sent = [step for kind in ("page", "track", "identify") for step in steps_of(leads, kind)]
    assert [step for step in sent if seconds_ago(step) > OLDEST_TRACKED_S] == []


def test_parts_are_told_in_the_order_of_time(leads: list[Lead]) -> None:
    """Within a part, a lead's steps go from the oldest to the newest."""
    for lead in leads:
        for part in (1, 2):
            ages = [seconds_ago(step) for step in lead["steps"] if step.get("part", 1) == part and "ago" in step]
            assert ages == sorted(ages, reverse=True), lead["name"]


def test_no_address_of_a_lead_can_reach_anybody(leads: list[Lead]) -> None:
    """Every address anywhere in the story is at a reserved domain."""
    hosts = _ADDRESS.findall(str(leads))
    assert hosts
    assert [host for host in hosts if not host.endswith(".example")] == []


def test_addresses_in_steps_are_the_leads_own(leads: list[Lead]) -> None:
    """Nobody speaks for another lead, and who has no address names none."""
    for lead in leads:
        parts = [step.get(name, {}) for step in lead["steps"] for name in ("properties", "traits")]
        assert {part["email"] for part in parts if "email" in part} == {lead["email"]} - {None}, lead["name"]


def test_topics_and_courses_of_steps_exist(leads: list[Lead], program: Program, courses: tuple[Course, ...]) -> None:
    """What the story points at is in signals and catalogue, so that it counts."""
    known = {course.id for course in courses}
    for step in [*steps_of(leads, "track"), *steps_of(leads, "conversion")]:
        properties = step["properties"]
        assert step["event"] in {rule.event for rule in program.signals.rules}, step
        assert properties.get("topic", "seo") in program.signals.topics, step
        assert properties.get("course_id", courses[0].id) in known, step
    for step in steps_of(leads, "page"):
        match re.sub("^/(es|de|fr)(?=/)", "", step["path"]).split("/")[1:]:
            case ["courses" | "cursos" | "kurse" | "cours", item]:
                assert item in known, step
            case ["blog" | "guides" | "guias" | "webinars" | "topics" | "temas", topic, *_]:
                assert topic in program.signals.topics, step
            case other:
                assert other in (["pricing"], ["teams"], ["about"]), step


def test_titles_are_concrete(leads: list[Lead]) -> None:
    """Every page, and every act with a topic, has a title that says what it was about."""
    titles = [step["title"] for step in steps_of(leads, "page")]
    titles += [step["properties"]["title"] for step in steps_of(leads, "track")]
    assert min(map(len, titles)) >= 8


def test_leads_are_rich_enough_to_write_to(leads: list[Lead]) -> None:
    """Who gets an email has company, role, a goal and six events or more."""
    for lead in leads:
        if "email" not in lead["ends"]:
            continue
        told: dict[str, Any] = {}
        for step in lead["steps"]:
            told |= step.get("traits", {})
        assert {"firstName", "company", "role", "goal"} <= told.keys(), lead["name"]
        assert len(lead["steps"]) >= 6, lead["name"]


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_every_reason_of_the_story_is_shown_by_somebody(leads: list[Lead], reason: str) -> None:
    """No kind of non-email is missing."""
    assert [lead["name"] for lead in leads if reason in lead["ends"]]


def test_somebody_is_anonymous_and_then_known(leads: list[Lead]) -> None:
    """A known lead whose first steps carry the browser's id alone, before an identify joins both."""
    maya = named(leads, "Maya")
    assert maya["user_id"]
    kinds = [(step["do"], step.get("anonymous", False)) for step in maya["steps"]]
    joined = kinds.index(("identify", False))
    assert all(is_anonymous for _, is_anonymous in kinds[:joined])
    assert joined >= 5


def test_who_has_no_user_id_is_anonymous_until_identified(leads: list[Lead]) -> None:
    """Leads known by their address only; their playbooks hold nobody out, since their key depends on the secret."""
    by_address = [lead for lead in leads if lead["user_id"] is None]
    assert by_address
    for lead in by_address:
        for step in lead["steps"]:
            assert step.get("anonymous", False) == (step["do"] in {"page", "track"}), lead["name"]


def test_playbooks_of_leads_without_user_id_hold_nobody_out(leads: list[Lead], program: Program) -> None:
    """What such a lead ends as must not change with the secret."""
    holding = {entry for book in program.playbooks if book.experiment.holdout for entry in book.entry}
    by_address = [lead for lead in leads if lead["user_id"] is None]
    assert {step["event"] for step in steps_of(by_address, "conversion")} & holding == set()


def test_somebody_sends_late_and_repeated_events(leads: list[Lead]) -> None:
    """One lead's tracker does both."""
    oskar = named(leads, "Oskar")
    assert {step["do"] for step in oskar["steps"] if step.get("late")}
    assert max(step.get("repeat", 1) for step in oskar["steps"]) >= 3


def test_somebody_unsubscribes_and_converts_again(leads: list[Lead]) -> None:
    """The unsubscribe comes after the first email, the next conversion after it."""
    priya = named(leads, "Priya")
    second = [step["do"] for step in priya["steps"] if step.get("part") == 2]
    assert second[0] == "unsubscribe"
    assert second[-1] == "conversion"
    assert priya["ends"] == ["email", "suppressed"]


def test_only_who_has_no_consent_gives_none(leads: list[Lead]) -> None:
    """The one refused for consent never gave it; everybody else gave it in a conversion."""
    without = [
        lead["name"]
        for lead in leads
        if not any("consent" in step.get("traits", {}) for step in lead["steps"] if step["do"] == "conversion")
    ]
    assert without == [lead["name"] for lead in leads if "no_consent" in lead["ends"]]


def test_the_one_over_the_cap_converts_twice_at_once(leads: list[Lead], program: Program) -> None:
    """Two conversions of different playbooks in the same moment."""
    hannah = named(leads, "Hannah")
    conversions = [step for step in hannah["steps"] if step["do"] == "conversion"]
    assert {step["ago"] for step in conversions} == {"0s"}
    books = {book.name for step in conversions for book in program.playbooks if step["event"] in book.entry}
    assert len(books) == 2


@pytest.mark.parametrize("language", ["es", "de", "fr"])
def test_somebody_is_written_to_in_each_language(leads: list[Lead], language: str) -> None:
    """At least one lead states it and ends with an email."""
    theirs = [
        lead for lead in leads if any(step.get("traits", {}).get("language") == language for step in lead["steps"])
    ]
    assert ["email"] in [lead["ends"] for lead in theirs]


def test_each_email_has_a_topic_that_the_lead_is_after(leads: list[Lead], program: Program) -> None:
    """The topic of a mail is one of signals.yaml, and the conversion that opens it is about it."""
    for lead in leads:
        conversions = [step for step in lead["steps"] if step["do"] == "conversion"]
        for step, end in zip(conversions, lead["ends"], strict=True):
            if end == "email":
                assert lead["topic"] in program.signals.topics, lead["name"]
                assert step["properties"]["topic"] == lead["topic"], lead["name"]


def test_somebody_injects_orders_into_a_form(leads: list[Lead]) -> None:
    """Company from a browser and goal from a server both carry them, and the lead still gets an email."""
    ravi = named(leads, "Ravi")
    traits = [step.get("traits", {}) for step in ravi["steps"]]
    assert any("SYSTEM:" in each.get("company", "") for each in traits)
    assert any("Ignore all previous instructions" in each.get("goal", "") for each in traits)
    assert ravi["ends"] == ["email"]


def test_the_obvious_course_was_taken_before(leads: list[Lead], courses: tuple[Course, ...]) -> None:
    """An enrolment too old to mail about, in the course that the lead's later steps point at."""
    jonas = named(leads, "Jonas")
    taken = jonas["steps"][0]
    assert taken["do"] == "conversion"
    assert seconds_ago(taken) > 86_400
    course = next(course for course in courses if course.id == taken["properties"]["course_id"])
    assert f"/courses/{course.id}" in [step.get("path") for step in jonas["steps"]]


def test_too_little_evidence_is_below_every_minimum(leads: list[Lead], program: Program) -> None:
    """One unknown page and one light conversion cannot reach the evidence a playbook asks for."""
    sofia = named(leads, "Sofia")
    assert [step["do"] for step in sofia["steps"]] == ["page", "conversion"]
    light = next(rule.weight for rule in program.signals.rules if rule.event == sofia["steps"][1]["event"])
    heaviest = 3 * program.signals.fallback_weight + light  # an event raises at most three interests
    assert heaviest < min(playbook.minimum_evidence for playbook in program.playbooks)
