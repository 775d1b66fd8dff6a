"""What Google Analytics 4 calls things means what our own names mean, for an event and for the profile behind it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas import topics
from schemas.program import Signals
from services.profile.core.event import event_of
from services.profile.core.meaning import reader

SIGNALS = Path(__file__).parents[3] / "examples" / "academy" / "signals.yaml"
URL = "https://a.example/blog/seo/local?utm=1"


@pytest.mark.parametrize("name", ["page_view", "Page_View", "page view"])
def test_a_page_view_is_a_page(events: Any, name: str) -> None:
    """The same event as the page call of the same page, whoever says it."""
    said = {"page_location": URL, "page_title": "Local SEO", "page_referrer": "https://s.example/", "a": 1}
    ours = {"url": URL, "title": "Local SEO", "referrer": "https://s.example/", "a": 1}
    for topic in (topics.EVENTS_RAW, topics.CONVERSIONS_RAW):
        expected = events(topic, type="page", properties=ours)
        assert expected[0]["path"] == "/blog/seo/local"
        assert events(topic, event=name, properties=said) == expected


@pytest.mark.parametrize(
    ("name", "said", "ours", "properties"),
    [
        ("form_submit", {"form_id": "demo", "b": 1}, "Form Submitted", {"form": "demo", "b": 1}),
        (
            "file_download",
            {"file_name": "seo-guide", "file_extension": "pdf", "link_url": "https://a.example/seo-guide.pdf"},
            "File Downloaded",
            {"title": "seo-guide", "file_extension": "pdf", "link_url": "https://a.example/seo-guide.pdf"},
        ),
        ("search", {"search_term": "crm"}, "Products Searched", {"title": "crm"}),
        ("view_search_results", {"search_term": "crm"}, "Products Searched", {"title": "crm"}),
        ("view_item", {"item_name": "SEO", "item_id": "c-1"}, "Product Viewed", {"title": "SEO", "product_id": "c-1"}),
        ("generate_lead", {"value": 3}, "Lead Generated", {"value": 3}),
        ("sign_up", {"method": "mail"}, "Signed Up", {"method": "mail"}),
        ("login", {"method": "mail"}, "Signed In", {"method": "mail"}),
        ("purchase", {"transaction_id": "o-1"}, "Order Completed", {"order_id": "o-1"}),
    ],
)  # fmt: skip
def test_an_event_and_its_parameters_have_our_names(
    events: Any, name: str, said: dict[str, Any], ours: str, properties: dict[str, Any]
) -> None:
    """With the page it was on where the event's page is told from, and no longer among the properties."""
    [event] = events(event=name, properties={**said, "page_location": URL, "page_title": "Local SEO"})
    assert (event["kind"], event["name"], event["properties"]) == ("track", ours, properties)
    assert (event["url"], event["path"], event["title"]) == (URL, "/blog/seo/local", "Local SEO")


def test_an_items_name_is_that_of_the_one_item(events: Any) -> None:
    """Of several nobody knows which; their names stay in their column."""
    item = {"item_name": "SEO", "item_id": "c-1"}
    [event] = events(event="view_item", properties={"items": [item]})
    assert (event["properties"]["title"], event["properties"]["product_id"]) == ("SEO", "c-1")
    for items in ([item, item], [], "none", ["c-1"]):
        [event] = events(event="view_item", properties={"items": items, "a": 1})
        assert "title" not in event["properties"]


def test_a_field_of_ours_keeps_what_it_says(events: Any) -> None:
    """Who writes both means ours."""
    [event] = events(
        event="file_download",
        properties={"file_name": "x.pdf", "title": "The guide", "page_location": "https://b.example/other"},
        context={"page": {"url": URL}},
    )
    assert (event["properties"], event["url"]) == ({"file_name": "x.pdf", "title": "The guide"}, URL)


def test_a_conversion_is_what_only_a_server_says(events: Any) -> None:
    """A browser's purchase is behaviour; a server's is one, by the same name."""
    for name, ours in {
        "purchase": "Order Completed",
        "generate_lead": "Lead Generated",
        "sign_up": "Signed Up",
    }.items():
        [event] = events(event=name)
        assert (event["kind"], event["trusted"], event["name"]) == ("track", False, ours)
        event = events(topics.CONVERSIONS_RAW, event=name, userId="7")[0]
        assert (event["kind"], event["trusted"], event["name"]) == ("conversion", True, ours)


def test_the_profile_reads_the_same(events: Any) -> None:
    """A page view speaks of its path's topic, a search and a download of the topics of their words."""
    meaning = reader(Signals.model_validate(yaml.safe_load(SIGNALS.read_text(encoding="utf-8"))))

    def read(**call: Any) -> Any:
        return meaning(event_of(events(**call)[0]))

    viewed = read(event="page_view", properties={"page_location": URL, "page_title": "Local SEO"})
    assert viewed == read(type="page", properties={"url": URL, "title": "Local SEO"})
    assert viewed.interests == ("topic:seo",)
    searched = read(event="view_search_results", properties={"search_term": "newsletter"})
    assert (searched.key, searched.interests) == ("search|newsletter", ("topic:email-marketing",))
    loaded = read(event="file_download", properties={"file_name": "/crm.pdf"})
    assert (loaded.key, loaded.interests) == ("guide|/crm.pdf", ("topic:crm",))
