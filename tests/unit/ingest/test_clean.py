"""A call becomes an event of the right person, with the right name, time, facts and consent."""

from typing import Any

import pytest

from schemas import topics
from schemas.identity import address_key, normalised_address
from services.ingest.core.clean import link_id, path_of
from services.ingest.core.source import Keys
from services.ingest.core.times import FUTURE_MS, PAST_MS, instant_ms

RECEIVED_MS = 1_793_696_400_000
HOUR_MS = 3_600_000


def test_a_track_of_a_browser_is_an_untrusted_event(events: Any) -> None:
    """Person, kind, name, times and coordinates, and nothing that was not said."""
    assert events() == [
        {
            "id": "m-1", "person": "a:b-1", "kind": "track", "name": "Guide Downloaded", "time_ms": RECEIVED_MS,
            "received_ms": RECEIVED_MS, "at": ("events.raw", 0, 0, 0), "trusted": False,
            "speaker": "anonymous_browser",
        }
    ]  # fmt: skip


def test_a_track_on_conversions_is_a_trusted_conversion(events: Any) -> None:
    """The topic decides what a server proved; other calls there keep their kind."""
    [event] = events(topics.CONVERSIONS_RAW, anonymousId=None, userId="7")
    assert (event["kind"], event["trusted"]) == ("conversion", True)
    [event, _] = events(topics.CONVERSIONS_RAW, type="identify", userId="7")
    assert (event["kind"], event["trusted"]) == ("identify", True)


@pytest.mark.parametrize(
    ("said", "person"),
    [
        ({"userId": "7"}, "u:7"),
        ({"userId": 7}, "u:7"),
        ({"userId": " 7 "}, "u:7"),
        ({"userId": ""}, "a:b-1"),
        ({"userId": None}, "a:b-1"),
        ({"properties": {"email": "no address"}}, "a:b-1"),
        ({"properties": {"email": ""}, "context": {"traits": "none"}}, "a:b-1"),
        ({"properties": {"email": "x" * 600 + "@example.com"}}, "a:b-1"),
        ({"properties": {"email": 7}}, "a:b-1"),
    ],
)
def test_the_strongest_id_names_the_person(events: Any, said: dict[str, Any], person: str) -> None:
    """User id before browser; what is no address names nobody."""
    assert events(**said)[0]["person"] == person


@pytest.mark.parametrize("place", ["properties", "traits", "context"])
def test_an_address_names_a_servers_person_wherever_it_stands(events: Any, keys: Keys, place: str) -> None:
    """In properties, in traits, in the traits of the context; normalised, and no property any more."""
    said = {"traits": {"email": " Ana@Example.com"}} if place == "context" else {"email": " Ana@Example.com", "a": 1}
    key = address_key(keys.address, "ana@example.com")
    event = events(topics.CONVERSIONS_RAW, **{place: said})[0]
    assert event["person"] == f"e:{key}"
    assert event["address"] == {"value": normalised_address("ana@example.com"), "key": key}
    assert "email" not in event.get("properties", {}) | event.get("traits", {})


def test_an_identify_links_the_browser_to_the_known_person(events: Any) -> None:
    """The anonymous person's own event says where they lead, the known person's who is on their way to them."""
    [event, linked] = events(type="identify", userId="7", traits={"role": "lead"})
    assert (event["person"], event["links"]) == ("u:7", ["a:b-1"])
    assert linked == {
        "id": link_id("m-1", "a:b-1", "u:7"), "person": "a:b-1", "kind": "linked", "name": "identity.linked",
        "time_ms": RECEIVED_MS, "received_ms": RECEIVED_MS, "at": ("events.raw", 0, 0, 1), "trusted": False,
        "speaker": "known_browser", "link": "u:7",
    }  # fmt: skip


def test_a_browser_links_only_where_it_says_so(events: Any) -> None:
    """A track with both ids links nothing; an identify of an anonymous person neither."""
    for [event] in (events(userId="7"), events(type="identify")):
        assert "links" not in event


def test_a_browser_never_leads_from_an_address_to_a_user(events: Any) -> None:
    """Who knows an address cannot steer its mail; a server may say that both are one."""
    said: dict[str, Any] = {"type": "identify", "userId": "7", "traits": {"email": "ana@example.com"}}
    assert [each["person"][:2] for each in events(**said)[1:]] == ["a:"]
    assert [each["person"][:2] for each in events(topics.CONVERSIONS_RAW, **said)[1:]] == ["a:", "e:"]


def test_an_alias_is_only_its_links(events: Any, reason: Any) -> None:
    """The former id is an anonymous one, even where it is spelled like a user's; both at once are one link each."""
    told, *found = events(type="alias", userId="7", previousId="8", traits={"role": "lead"}, language="en")
    assert told == {
        "id": "m-1", "person": "u:7", "kind": "alias", "name": "alias", "time_ms": RECEIVED_MS,
        "received_ms": RECEIVED_MS, "at": ("events.raw", 0, 0, 0), "trusted": False,
            "speaker": "known_browser", "links": ["a:b-1", "a:8"],
    }  # fmt: skip
    assert [(each["kind"], each["person"], each["link"]) for each in found] == [
        ("linked", "a:b-1", "u:7"),
        ("linked", "a:8", "u:7"),
    ]
    assert len(events(type="alias", userId="7", previousId="b-1")) == 2
    assert reason(type="alias", previousId="8") == "nothing_to_link"


def test_ga4_and_old_names_are_one(events: Any) -> None:
    """One thing has one name; unknown names stay."""
    names = ("purchase", "Completed Order", "order_completed", "ORDER COMPLETED", "Order Completed")
    assert {events(event=name)[0]["name"] for name in names} == {"Order Completed"}
    assert events(event=" Quiz Passed ")[0]["name"] == "Quiz Passed"


def test_a_page_says_where_it_is(events: Any) -> None:
    """URL, path and title from its properties, else from the browser's context, and no longer among the properties."""
    page = {"url": "https://a.example/blog/seo/x?utm=1", "title": "SEO", "tag": "x"}
    [event] = events(type="page", name="Blog", properties=page)
    assert (event["kind"], event["name"], event["url"], event["path"], event["title"], event["properties"]) == (
        "page", "Blog", page["url"], "/blog/seo/x", "SEO", {"tag": "x"},
    )  # fmt: skip
    [event] = events(type="screen", context={"page": {"path": "/p", "title": "T"}})
    assert (event["kind"], event["name"], event["path"], event["title"]) == ("page", "screen", "/p", "T")
    assert "properties" not in event


@pytest.mark.parametrize(
    ("url", "path"),
    [("https://a.example", "/"), ("https://a.example/b/?c=/d#e", "/b/"), ("/b?c", "/b"), ("a.example?x=/y", "/")],
)
def test_the_path_of_a_url(url: str, path: str) -> None:
    """Without query and fragment; `/` where there is none."""
    assert path_of(url) == path


def test_facts_have_one_name_each(events: Any) -> None:
    """A company as text or as an object, roles by any name, a form's properties; traits win."""
    traits = {"company": {"name": "Acme", "employees": 12, "industry": "retail"}, "title": "Head", "firstName": "Ana"}
    [event, _] = events(type="identify", userId="7", traits=traits)
    assert event["traits"] == {
        "company": "Acme", "company_size": 12, "industry": "retail", "role": "Head", "first_name": "Ana",
    }  # fmt: skip
    [event] = events(properties={"company": "Acme", "role": "Buyer", "name": "a product"}, traits={"role": "Head"})
    assert event["traits"] == {"company": "Acme", "role": "Head"}
    [event] = events(properties={"company": 7})
    assert "traits" not in event


def test_a_group_tells_of_the_company(events: Any) -> None:
    """Its traits are the company's."""
    [event] = events(type="group", traits={"name": "Acme", "industry": "retail", "plan": "x"})
    assert (event["kind"], event["traits"]) == ("identify", {"company": "Acme", "industry": "retail"})


def test_consent_counts_for_the_address_of_its_call(events: Any, keys: Keys) -> None:
    """With its source and text version; what is no boolean says nothing."""
    said = {"email": "ana@example.com", "form": "guide", "consent": {"marketing": True, "text_version": "v1", "x": "y"}}
    [event] = events(properties=said)
    key = address_key(keys.address, "ana@example.com")
    assert event["consent"] == [
        {"purpose": "marketing", "given": True, "source": "track:guide", "text_version": "v1", "address_key": key}
    ]


def test_without_an_address_only_a_withdrawal_counts(events: Any) -> None:
    """A grant for nobody is left out; a refusal never is; within a call it wins."""
    assert "consent" not in events(traits={"consent": {"marketing": True}})[0]
    found = events(traits={"consent": {"marketing": True}}, properties={"consent": {"Marketing": False}})
    refused = [{"purpose": "marketing", "given": False, "source": "track:Guide Downloaded"}]
    assert [(each["kind"], each["consent"]) for each in found] == [("track", refused), ("identify", refused)]
    assert [each["at"][3] for each in found] == [0, 1]


def test_cookie_categories_are_no_consent_to_mail(events: Any) -> None:
    """What consent managers write neither grants nor withdraws mail, from a browser or a server."""
    said = {"categoryPreferences": {"Advertising": True, "marketing": False, "Functional": True, "DataSharing": False}}
    for topic in (topics.EVENTS_RAW, topics.CONVERSIONS_RAW):
        [event, *_] = events(topic, userId="7", traits={"email": "ana@example.com"}, context={"consent": said})
        assert "consent" not in event


def test_a_withdrawal_is_kept_at_the_most_purposes(events: Any) -> None:
    """It takes the place of a grant of its call; where there is none, it is one of every purpose."""
    grants = {f"p{number}": True for number in range(20)}
    said = {"properties": {"email": "ana@example.com", "consent": {**grants, "news": False, "more": True}}}
    [event, _] = events(**said, traits={"consent": {"p0": False, "p19": False}})
    consents = {each["purpose"]: each["given"] for each in event["consent"]}
    assert consents == {f"p{number}": True for number in range(1, 18)} | {"p0": False, "news": False, "p19": False}
    refused = {f"p{number}": False for number in range(22)}
    [event, _] = events(properties={"consent": refused}, traits={"consent": {"p0": True, "p20": True}})
    assert {each["purpose"] for each in event["consent"]} == {f"p{number}" for number in range(20)} | {"*"}
    assert not any(each["given"] for each in event["consent"])


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ({"traits": {"language": "es"}, "context": {"locale": "en-GB"}}, "es"),
        ({"context": {"locale": "pt_BR"}}, "pt"),
        ({"context": {"locale": "English"}}, None),
        ({"context": {"locale": 7}}, None),
    ],
)
def test_the_language_is_the_traits_or_the_browsers(events: Any, said: dict[str, Any], language: str | None) -> None:
    """Two or three letters, or nothing."""
    assert events(**said)[0].get("language") == language


def test_a_bot_is_told_by_its_name(events: Any) -> None:
    """Crawlers and headless browsers are flagged, browsers are not."""
    assert events(context={"userAgent": "Mozilla/5.0 (compatible; Googlebot/2.1)"})[0]["bot"] is True
    assert events(context={"userAgent": "Mozilla/5.0 HeadlessChrome/120"})[0]["bot"] is True
    assert "bot" not in events(context={"userAgent": "Mozilla/5.0 (X11) Firefox/130.0"})[0]
    assert "bot" not in events(context={"userAgent": 7})[0]


@pytest.mark.parametrize(
    ("said", "time_ms"),
    [
        ({}, RECEIVED_MS),
        ({"timestamp": "2026-11-03T08:00:00Z"}, RECEIVED_MS - HOUR_MS),
        ({"timestamp": "2026-11-03T08:00:00"}, RECEIVED_MS - HOUR_MS),
        ({"timestamp": (RECEIVED_MS - HOUR_MS) // 1000}, RECEIVED_MS - HOUR_MS),
        ({"timestamp": RECEIVED_MS - HOUR_MS}, RECEIVED_MS - HOUR_MS),
        ({"timestamp": str(RECEIVED_MS - HOUR_MS)}, RECEIVED_MS - HOUR_MS),
        ({"originalTimestamp": "2026-11-05T08:00:00Z", "sentAt": "2026-11-05T09:00:00Z"}, RECEIVED_MS - HOUR_MS),
        ({"timestamp": "2026-11-05T09:00:00Z"}, RECEIVED_MS),
        ({"timestamp": "9999-12-31T23:59:59Z"}, RECEIVED_MS),
        ({"timestamp": "1970-01-01T00:00:00Z"}, RECEIVED_MS - PAST_MS),
        ({"timestamp": -0.0}, RECEIVED_MS - PAST_MS),
        ({"timestamp": "soon"}, RECEIVED_MS),
        ({"timestamp": True}, RECEIVED_MS),
        ({"timestamp": {}}, RECEIVED_MS),
        ({"timestamp": RECEIVED_MS + FUTURE_MS}, RECEIVED_MS + FUTURE_MS),
    ],
)
def test_the_time_is_corrected_and_clamped(events: Any, said: dict[str, Any], time_ms: int) -> None:
    """By the sender's own clock; never far ahead, never older than a browser keeps."""
    assert events(**said)[0]["time_ms"] == time_ms


def test_a_server_may_tell_of_long_ago(events: Any) -> None:
    """An import's times stay; before 1970 there are none."""
    [event] = events(topics.CONVERSIONS_RAW, anonymousId="", userId="7", timestamp="2020-01-01T00:00:00Z")
    assert event["time_ms"] == instant_ms("2020-01-01T00:00:00Z")
    [event] = events(topics.CONVERSIONS_RAW, anonymousId="", userId="7", timestamp="1960-01-01T00:00:00Z")
    assert event["time_ms"] == 0


def test_nested_properties_become_flat_and_bounded(events: Any) -> None:
    """Dotted paths, one list a column, text cut, NUL left out."""
    nested: dict[str, Any] = {
        "cart": {"total": 1, "deep": {"a": {"b": {"c": {"d": 1}}}}, "none": None},
        "products": [{"id": "a", "price": 1}, {"id": "b", "gone": None}, 7, None, [8], {"x": {}}],
        "long": "x" * 5_000,
        "\x00nul\x00": "a\x00b",
        "nothing": None,
        "empty": [],
    }
    [event] = events(properties=nested)
    assert event["properties"] == {
        "cart.total": 1, "cart.deep.a.b.c": '{"d":1}',
        "products": [7, "[8]"], "products.id": ["a", "b", None], "products.price": [1, None, None],
        "products.x": [None, None, "{}"],
        "long": "x" * 1_000,
        "nul": "ab",
    }  # fmt: skip


def test_no_more_keys_than_a_call_may_have(events: Any) -> None:
    """What unfolds into thousands is cut."""
    [event] = events(properties={"a": {str(number): number for number in range(1_000)}, "k" * 200: 1})
    assert len(event["properties"]) == 255
    assert max(map(len, events(properties={"k" * 200: 1})[0]["properties"])) == 100


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"type": "import"}, "bad_type"),
        ({"type": None}, "bad_type"),
        ({"event": " "}, "no_name"),
        ({"messageId": " "}, "bad_id"),
        ({"event": 7}, "no_name"),
        ({"messageId": "x" * 101}, "bad_id"),
        ({"messageId": "a\nb"}, "bad_id"),
        ({"userId": "x" * 256}, "bad_id"),
        ({"anonymousId": "é" * 128}, "bad_id"),
        ({"userId": ["7"]}, "bad_id"),
        ({"userId": True}, "bad_id"),
        ({"anonymousId": None}, "nobody"),
        ({"anonymousId": None, "properties": {"email": "nobody"}}, "address_alone"),
        ({"properties": {str(number): 1 for number in range(256)}}, "too_many_properties"),
        ({"traits": {str(number): 1 for number in range(256)}}, "too_many_properties"),
        ({"properties": {"a": "x" * 33_000}}, "call_too_large"),
    ],
)
def test_a_bad_call_is_refused_by_name(reason: Any, said: dict[str, Any], why: str) -> None:
    """The first thing that is wrong is the reason."""
    assert reason(**said) == why
