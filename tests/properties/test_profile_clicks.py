"""What is heard of a mail's clicks gives one answer in any order, at whichever person it was heard first."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.profile.core.ending import end_mails
from services.profile.core.facets.clicks import MOST, SETTLE_MS, Click, Clicked, Clicks, merge
from services.profile.core.facets.touches import Touches
from services.profile.core.person import Person, apply
from services.profile.core.person import merge as merged
from services.profile.pipeline import decode, encode
from tests.profile_values import told_of, touch
from tests.properties.profile_world import DAY, NOW, RULES, numbered

DECISION = "00000000-0000-5000-8000-000000000000"
ALSO = {"crm-1": "https://a.example/c", "ads-1": "https://a.example/a"}
said = st.fixed_dictionaries(
    {
        "word": st.sampled_from(["delivered", "clicked", "clicked", "clicked", "opened"]),
        "after_ms": st.sampled_from([-500, 0, 1_000, 1_500, 3_000, 9_000, 9_500, 60_000, 61_000, 61_500, 3_600_000]),
        "url": st.sampled_from(["https://a.example/s", *ALSO.values(), "https://a.example/", ""]),
        "machine": st.sampled_from([None, None, "no", "suspected", "yes"]),
    }
)
saids = st.lists(said, max_size=MOST)


def _events(words: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Feedback about the one mail, whose three courses each record names."""
    made = []
    for each in words:
        about = {"word": each["word"], "message_id": "m", "decision_id": DECISION, "also": ALSO}
        about |= {"machine": each["machine"]} if each["machine"] else {}
        made.append({
            "kind": "feedback", "name": "x", "trusted": True, "feedback": about, "url": each["url"],
            "properties": {"course": "seo-1"}, "time_ms": NOW + each["after_ms"], "received_ms": NOW + 3_600_000,
        })  # fmt: skip
    return numbered(made)


def _heard(events: list[dict[str, Any]]) -> Person:
    """Who was sent the mail, and heard these of it."""
    person = Person(touches=Touches({DECISION: touch(NOW, NOW + DAY)}))
    for each in events:
        apply(person, told_of(each, RULES), "u:ana", RULES, NOW)
    return person


def _judged(person: Person) -> tuple[Any, ...]:
    """What is told once all clicks had their time, and what is then known of mails and of engagement."""
    effect = end_mails(person, RULES, NOW + 3_600_000 + SETTLE_MS)
    again = end_mails(person, RULES, NOW + 3_600_000 + SETTLE_MS)
    assert (again.told, again.counted) == ([], [])
    back = decode(encode(person))
    return effect.told, sorted(effect.counted), back.touches, back.engagement


@given(saids, st.data())
def test_clicks_in_any_order_with_any_repeats_are_judged_alike(words: list[Any], data: st.DataObject) -> None:
    """Told once, counted once, and the same is known after it."""
    events = _events(words)
    more = data.draw(
        st.permutations(events + data.draw(st.lists(st.sampled_from(events), max_size=3)) if events else [])
    )
    assert _judged(_heard(list({each["id"]: each for each in more}.values()))) == _judged(_heard(events))


@given(saids, st.integers(0, MOST))
def test_clicks_that_two_persons_heard_are_judged_together(words: list[Any], cut: int) -> None:
    """Once one is linked to the other, from either side."""
    events = _events(words)
    whole = _judged(_heard(events))
    for parts in ((events[:cut], events[cut:]), (events[cut:], events[:cut])):
        one, other = (_heard(part) for part in parts)
        merged(one, other, "a:b", RULES.half_life_ms)
        assert _judged(one)[:3] == whole[:3]


clicks = st.builds(
    Click, st.integers(1, 9), st.sampled_from("lmn"), st.sampled_from(["", "m"]),
    st.sampled_from(["", "suspected", "yes", "half"]), st.integers(0, 3),
)  # fmt: skip


def _plus(*parts: Clicks) -> Clicks:
    into: Clicks = {}
    for each in parts:
        merge(into, each)
    return into


held = st.lists(
    st.dictionaries(
        st.sampled_from("de"),
        st.builds(Clicked, st.integers(0, 3), st.lists(clicks, max_size=MOST + 2).map(tuple)),
        max_size=2,
    ),
    min_size=3,
    max_size=3,
)


@given(held)
def test_merging_clicks_is_associative_commutative_idempotent(parts: list[Clicks]) -> None:
    """At the cap too."""
    one, two, three = (_plus(each) for each in parts)
    assert _plus(one, two) == _plus(two, one) == _plus(one, two, one)
    assert _plus(_plus(one, two), three) == _plus(one, _plus(two, three))
    assert all(len(row.clicks) <= MOST for row in _plus(one, two, three).values())
