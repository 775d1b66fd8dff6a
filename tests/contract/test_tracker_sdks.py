"""Segment's, RudderStack's and Jitsu's own SDKs, unchanged, tell one story to a real collector.

Each of their calls becomes one clean event with what it says. What this machine lacks skips its SDKs, and says so.
"""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any, TypeAlias

import orjson
import pytest

from schemas.clean import CleanEvent
from schemas.identity import address_key
from tests.contract.tracker_stand import KEYS, ZONE, Log, sdk_of
from tests.contract.tracker_story import NODE, PAGES, PYTHON, QUERY, Told, tell, tools

pytestmark = pytest.mark.xdist_group("sdks")

SDKS = (*PYTHON, *NODE, *PAGES)
OF_SEGMENTS_KIND = (*PYTHON, "segment-node", "rudder-node")
SOON_MS = 60_000
ONCE = ("jitsu-node", "jitsu-s2s", "jitsu-browser", "rudder-browser-beacon")  # a failed call of theirs is gone
OUR_PAGES = "https://page"
VISITOR = "a:visitor"  # whose id the SDK made
COMPARED = ("person", "speaker", "kind", "name", "url", "path", "title", "language", "properties", "traits", "consent",
            "trusted", "clamped", "bot", "feedback", "privacy")  # fmt: skip
OF_ITS_WINDOW = ("width", "height")  # Jitsu's, which are the machine's

Said: TypeAlias = dict[str, Any]

ADDRESS = {"address": "ana@example.com"}
TRAITS = {"company": "Acme", "company_size": 40, "first_name": "Ana", "name": "Ana Díaz", "language": "es"}
WHO: Said = {"traits": TRAITS, "language": "es", **ADDRESS}
GIVEN = {  # by the identify alone, though some SDKs carry it in each later call
    "purpose": "marketing", "given": True, "source": "identify:identify",
    "address_key": address_key(KEYS.address, ADDRESS["address"]),
}  # fmt: skip
IDENTIFIED: Said = {**WHO, "consent": [GIVEN]}
GUIDE = {"guide": "seo", "price": 9.5, "count": 2, "tags": ["a", "b"], "form.step": 2, "said": "¿Qué? 🎓"}
GROUP = {"group_id": "g-1"}
INDUSTRY = {"traits": {"industry": "software"}}
PLACE = {"url": "https://academy.example.com/pricing?plan=pro", "path": "/pricing", "title": "Prices and plans"}
CAMPAIGN = {"campaign.source": "letter", "campaign.name": "spring"}
DIRECT = {"referrer": "$direct"}  # RudderStack's word for none
# What each browser's SDK adds to a page of its own accord.
OF_PAGES: dict[str, Said] = {
    "segment": {"referrer": ""},
    "rudder": {**DIRECT, "referring_domain": "", "initial_referrer": "$direct", "initial_referring_domain": ""},
    "jitsu": {"hash": ""},
}
CALLS = {**dict.fromkeys(OF_SEGMENTS_KIND, 7), **dict.fromkeys(PAGES, 6), "jitsu-node": 5, "jitsu-s2s": 5,
         "jitsu-browser": 5}  # fmt: skip
# The path of each call, and what a browser's SDK asks before the first.
WAYS: dict[str, set[str]] = {
    **{each: {"POST /v1/batch"} for each in OF_SEGMENTS_KIND},
    "jitsu-node": {f"POST /api/s/{kind}" for kind in ("track", "page", "identify", "group")},
    "jitsu-s2s": {f"POST /api/s/s2s/{kind}" for kind in ("track", "page", "identify", "group")},
    "segment-browser": {"GET /v1/projects/demo/settings", *(f"POST /v1/{letter}" for letter in "tpiga")},
    "segment-browser-batch": {"GET /v1/projects/demo/settings", "POST /v1/b"},
    "rudder-browser": {
        "GET /sourceConfig", *(f"POST /v1/{kind}" for kind in ("track", "page", "identify", "group", "alias"))
    },
    "rudder-browser-batch": {"GET /sourceConfig", "POST /v1/batch"},
    "rudder-browser-beacon": {"GET /sourceConfig", "POST /beacon/v1/batch"},
    "jitsu-browser": {f"POST /api/s/{kind}" for kind in ("track", "page", "identify", "group")},
}  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The story, told once by all."""
    return asyncio.run(tell(tools(), tmp_path_factory.mktemp("chromium"), CALLS))


@pytest.fixture(params=SDKS)
def sdk(request: pytest.FixtureRequest, told: Told) -> str:
    """One that could tell it."""
    name: str = request.param
    if why := told.missing.get(name):
        pytest.skip(f"{name}: {why}")
    return name


def said(person: str, kind: str, name: str, **rest: Any) -> Said:
    """A clean event, as a browser or an unsigned server says it."""
    speaker = "known_browser" if person.startswith("u:") else "anonymous_browser"
    return {"person": person, "speaker": speaker, "kind": kind, "name": name, "trusted": False, **rest}


def of_server(sdk: str) -> list[Said]:
    """What a server tells by an SDK that leaves it to say who is meant."""
    user, visitor = f"u:u-{sdk}", f"a:b-{sdk}"
    return [
        said(user, "identify", "identify", **IDENTIFIED),
        said(user, "track", "Guide Downloaded", properties=GUIDE),
        said(user, "page", "Pricing", properties={"category": "Docs"}, **PLACE),
        said(user, "page", "Home", properties={"category": "Docs", "step": 1}, title="Home"),
        said(user, "identify", "group", properties=GROUP, **INDUSTRY),
        said(user, "alias", "alias"),
        said(visitor, "track", "Guide Downloaded", properties={"guide": "sea"}),
    ]


def of_jitsu(sdk: str) -> list[Said]:
    """What a server tells by Jitsu's, which remembers who is meant."""
    user, visitor = f"u:u-{sdk}", f"a:b-{sdk}"
    return [
        said(visitor, "track", "Guide Downloaded", properties={"guide": "sea"}),
        said(user, "identify", "identify", **IDENTIFIED),
        said(user, "track", "Guide Downloaded", properties=GUIDE, **WHO),
        said(user, "page", "Pricing", properties={"category": "Docs", "name": "Pricing"}, **PLACE, **WHO),
        said(user, "identify", "group", properties=GROUP, **INDUSTRY),
    ]


def of_browser(sdk: str) -> list[Said]:
    """What a page tells: each call says where it was made, and Segment's alone leave out what is known of who."""
    user, maker = f"u:u-{sdk}", sdk.partition("-")[0]
    url = f"{OUR_PAGES}/{sdk}{QUERY}"
    here: Said = {"url": url, "path": f"/{sdk}", "title": "Prices and plans", "language": "es"}
    around = {**CAMPAIGN, **(DIRECT if maker == "rudder" else {})}
    page = {"category": "Docs", "name": "Pricing", "search": QUERY, **CAMPAIGN, **OF_PAGES[maker]}
    if maker == "rudder":
        page["tab_url"] = url
    known = {} if maker == "segment" else WHO
    return [
        said(VISITOR, "page", "Pricing", properties=page, **here),
        said(VISITOR, "track", "Guide Downloaded", properties={**around, "guide": "sea"}, **here),
        said(user, "identify", "identify", properties=around, **{**here, **IDENTIFIED}),
        said(user, "track", "Guide Downloaded", properties={**around, **GUIDE}, **{**here, **known}),
        said(user, "identify", "group", properties={**around, **GROUP}, **INDUSTRY, **here,
             **(ADDRESS if maker == "rudder" else {})),
        *([] if maker == "jitsu" else [said(user, "alias", "alias")]),
    ]  # fmt: skip


def told_by(sdk: str) -> list[Said]:
    """What the SDK is to have told."""
    if sdk in PAGES:
        return of_browser(sdk)
    return of_jitsu(sdk) if sdk.startswith("jitsu") else of_server(sdk)


def seen(event: CleanEvent, told: Told) -> Said:
    """What a clean event says, with names for what this run made up."""
    kept: Said = {**event}
    fields = {name: kept[name] for name in COMPARED if name in kept}
    if "address" in event:
        fields["address"] = event["address"]["value"]
    if "properties" in fields:
        fields["properties"] = {name: each for name, each in fields["properties"].items() if name not in OF_ITS_WINDOW}
    if not fields["person"].startswith(("u:u-", "a:b-")):
        fields["person"] = VISITOR
    renamed: Said = orjson.loads(orjson.dumps(fields).replace(told.stand.pages.encode(), OUR_PAGES.encode()))
    return renamed


def ordered(events: list[Said]) -> list[Said]:
    """In one order: a browser's requests race."""
    return sorted(events, key=lambda event: sorted((name, str(each)) for name, each in event.items()))


def test_each_call_is_one_event_with_what_it_says(told: Told, sdk: str) -> None:
    """Person, name, properties, traits, address, place and language; a browser's word, whoever sends it."""
    events = [seen(each, told) for each in told.events(sdk) if each["kind"] != "linked"]
    assert ordered(events) == ordered(told_by(sdk))


def test_segments_browser_says_the_time_zone(told: Told, sdk: str) -> None:
    """With each call but an alias. RudderStack's says an offset, which is no zone, and servers say none."""
    zones = {each.get("timezone") for each in told.events(sdk) if each["kind"] not in {"linked", "alias"}}
    assert zones == ({ZONE} if sdk.startswith("segment-browser") else {None})


def test_each_call_comes_once(told: Told, sdk: str) -> None:
    """By the id that the SDK gave it, and no page says that something failed."""
    ids = [each["messageId"] for each in told.calls(sdk)]
    assert Counter(ids) == Counter(set(ids))
    assert len(ids) == CALLS[sdk]
    assert {each["id"] for each in told.events(sdk) if each["kind"] != "linked"} == set(ids)
    assert told.stand.failures == []


def test_who_is_known_is_who_came(told: Told, sdk: str) -> None:
    """Each visitor is linked to the user that was identified, and to nobody else."""
    links = {(each["person"], each["link"]) for each in told.events(sdk) if each["kind"] == "linked"}
    visitors = {f"a:{each['anonymousId']}" for each in told.calls(sdk) if each.get("anonymousId")}
    named = {f"a:b-{sdk}"} if sdk != "jitsu-browser" else set()
    assert links == {(visitor, f"u:u-{sdk}") for visitor in visitors | named}
    assert len(visitors) == 1


def test_each_event_has_its_time(told: Told, sdk: str) -> None:
    """The moment of its call; one event of each server that can say so is of a day before."""
    times_ms = sorted(each["time_ms"] for each in told.events(sdk))
    if sdk in OF_SEGMENTS_KIND:
        assert abs(times_ms.pop(0) - told.past_ms) < SOON_MS
    assert [each for each in times_ms if not told.began_ms <= each <= told.ended_ms] == []


def test_the_consumer_takes_all_of_it(told: Told) -> None:
    """No dead letter, no repeat, no robot, no clock that was wrong."""
    _, tally, reasons = told.stand.consumed()
    calls = sum(CALLS[sdk] for sdk in SDKS if sdk not in told.missing)
    assert calls > 0
    assert (reasons, len(told.stand.calls())) == ({}, calls)
    assert {name: count for name, count in tally.items() if count} == {"events": tally["events"]}


def test_no_request_of_an_sdk_is_refused(told: Told) -> None:
    """Each asks for the paths it was built for, browsers ask before, and all are answered well."""
    assert [each for each in told.stand.asked if each[2] not in {200, 204}] == []
    asked = {f"{method} {path}" for method, path, _ in told.stand.asked if method != "OPTIONS"}
    assert asked == {way for sdk in SDKS if sdk not in told.missing for way in WAYS[sdk]}
    is_shown = not set(PAGES) <= set(told.missing)
    assert any(method == "OPTIONS" for method, _, _ in told.stand.asked) is is_shown


def test_what_kafka_could_not_keep_comes_again(tmp_path: Path) -> None:
    """Of each SDK that tries again, all calls are there once though its first attempt was answered 503."""
    calls = {sdk: count for sdk, count in CALLS.items() if sdk not in ONCE}
    told = asyncio.run(tell(tools(), tmp_path, calls, Log(refused=set(calls))))
    here = {sdk: count for sdk, count in calls.items() if sdk not in told.missing}
    assert Counter(status for _, _, status in told.stand.asked)[503] == len(here)
    assert Counter(map(sdk_of, told.stand.calls())) == Counter(here)
    assert len({each["messageId"] for each in told.stand.calls()}) == sum(here.values())
    assert told.stand.failures == []
