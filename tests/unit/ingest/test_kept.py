"""What an event keeps of its call: what stands beside the properties, what nests deep, and how it was judged."""

from typing import Any

import pytest

from schemas import topics
from services.ingest.core.clean import clean
from services.ingest.core.source import Keys


def test_what_stands_beside_the_properties_is_kept(events: Any) -> None:
    """Category, group, campaign and referrer; a property of the same name is the call's own word."""
    context = {"campaign": {"name": "Spring", "source": "news"}, "page": {"referrer": "https://search.example/"}}
    [event] = events(category="Blog", groupId="g-1", context=context, properties={"a": 1, "category": "own"})
    assert event["properties"] == {
        "category": "own", "group_id": "g-1", "referrer": "https://search.example/", "campaign.name": "Spring",
        "campaign.source": "news", "a": 1,
    }  # fmt: skip


def test_a_call_that_says_nothing_of_it_has_no_properties(events: Any) -> None:
    """None are made up."""
    assert "properties" not in events(context={"page": {"referrer": ""}, "campaign": {}})[0]


def test_a_screen_is_titled_by_its_name(events: Any) -> None:
    """It has no page; its own title stands before it."""
    assert events(type="screen", name="Course List")[0]["title"] == "Course List"
    assert events(type="screen", name="Course List", properties={"title": "All courses"})[0]["title"] == "All courses"
    assert "title" not in events(type="screen")[0]
    assert "title" not in events(type="page", name="Pricing")[0]


def test_names_in_one_case_are_names(events: Any) -> None:
    """As forms write them."""
    [event] = events(type="identify", traits={"firstname": "Ana", "lastname": "Luz"})
    assert event["traits"] == {"first_name": "Ana", "last_name": "Luz"}


def test_columns_of_a_list_stay_aligned(events: Any) -> None:
    """Each has as many places as objects."""
    [event] = events(properties={"products": [{"id": "a", "price": 1}, {"id": "b"}, {"price": 3, "tags": ["x"]}]})
    assert event["properties"] == {
        "products.id": ["a", "b", None], "products.price": [1, None, 3], "products.tags": [None, None, '["x"]'],
    }  # fmt: skip


def test_what_nests_too_deep_is_kept_as_text(events: Any) -> None:
    """Cut to size; what no JSON holds is empty."""
    deep: dict[str, Any] = {"e": {"f": "x" * 2_000}}
    [event] = events(properties={"a": {"b": {"c": {"d": deep}}}})
    [(key, value)] = event["properties"].items()
    assert (key, value[:9], len(value)) == ("a.b.c.d.e", '{"f":"xxx', 1_000)


def test_what_nests_deeper_than_json_is_written_is_empty(record: Any, keys: Keys) -> None:
    """It is read all the same."""
    call = b'{"type":"page","messageId":"m","anonymousId":"b","properties":{"a":{"b":{"c":{"d":{"e":%s}}}}}}'
    outcome: Any = clean(record(call % (b'{"f":' * 400 + b"1" + b"}" * 400)), keys)
    assert outcome.effects[0]["properties"] == {"a.b.c.d.e": ""}


@pytest.mark.parametrize("said", [{"messageId": None}, {"messageId": ""}])
def test_a_record_without_an_id_has_that_of_its_place(events: Any, said: dict[str, Any]) -> None:
    """So that reading it again repeats nothing."""
    assert events(**said)[0]["id"] == "events.raw/0/0"
    assert events(topics.CONVERSIONS_RAW, **said)[0]["id"] == "conversions.raw/0/0"


def test_a_clamped_time_says_so(events: Any) -> None:
    """Its order is not to be trusted; a time as it came says nothing."""
    assert events(timestamp="2031-01-01T00:00:00Z")[0]["clamped"] is True
    assert "clamped" not in events()[0]
