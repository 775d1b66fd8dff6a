"""What a person does on the page behind a mail's link, from the form to what their profile makes of it."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import orjson
import pytest

from schemas.speaker import Speaker
from services.ingest.adapters.fake_log import FakeLog
from services.ingest.core.choices import PAUSE_DAYS, until_ms
from services.ingest.core.form import form_fields
from services.ingest.core.page import House
from services.ingest.core.page_acts import PageAct
from services.ingest.core.rates import Rate
from services.ingest.core.source import Keys
from services.ingest.pipeline import Desk, Visit, choose, unsubscribe
from services.profile.pipeline import compiled
from services.rules.claims import Claim, Hearing, hearing
from tests.unit.ingest.conftest import RECEIVED_MS
from tests.unit.ingest.page_world import LANGUAGES, TOPICS, WRITTEN, followed, seen, token_of
from tests.unit.profile.conftest import NOW, World, program

DAY_MS = 86_400_000
SURE = {"sure": "yes"}
FIELDS: Mapping[PageAct, dict[str, str]] = {PageAct.LANGUAGE: {"language": "es"}, PageAct.FORGET: SURE}


@pytest.fixture
def desk(keys: Keys) -> Desk:
    """A desk of the example's business, whose log is in memory."""
    return Desk(keys, lambda: None, Rate(1, 1), FakeLog(), WRITTEN)  # type: ignore[arg-type, return-value]


def kept(desk: Desk) -> list[Any]:
    """What the desk's log holds."""
    assert isinstance(desk.log, FakeLog)
    return desk.log.kept


async def done(desk: Desk, act: PageAct, now_ms: int = RECEIVED_MS, **fields: str) -> int:
    """The status of an act, as its form sends it."""
    visit = Visit(token_of(desk.keys))
    return (await choose(visit, act, fields or FIELDS.get(act, {}), desk, now_ms)).status


@pytest.mark.parametrize(("act", "language"), [*product(PageAct, LANGUAGES)])
async def test_act_is_kept_and_told_in_every_language(desk: Desk, act: PageAct, language: str) -> None:
    """Its records are of the person in the token, and the answer comes after they are kept."""
    answer = await choose(Visit(token_of(desk.keys, language)), act, FIELDS.get(act, {}), desk, RECEIVED_MS)
    assert [each.topic.short for each in kept(desk)] == TOPICS[act]
    effects = [*followed(kept(desk), desk.keys)]
    events = [each for each in effects if isinstance(each, dict)]
    assert {each["speaker"] for each in events} == {"signed_link"}
    assert all(each["trusted"] for each in events)
    persons = ["u:ana", "e:k"] if len(TOPICS[act]) > 1 else ["u:ana"]
    assert [each["person"] for each in events] == persons
    found = seen(answer.body.decode())
    assert (answer.status, found.of("html")[0].language, bool(found.of("h1")[0].text)) == (200, language, True)


@pytest.mark.parametrize("act", PageAct)
async def test_nothing_is_told_as_done_that_was_not_kept(desk: Desk, act: PageAct) -> None:
    """While Kafka is away the answer is 503, in the reader's language."""
    assert isinstance(desk.log, FakeLog)
    desk.log.is_away = True
    answer = await choose(Visit(token_of(desk.keys, "de")), act, FIELDS.get(act, {}), desk, RECEIVED_MS)
    assert (answer.status, kept(desk)) == (503, [])
    assert seen(answer.body.decode()).of("h1")[0].text == WRITTEN.words["de"].later_title


@pytest.mark.parametrize("act", PageAct)
async def test_act_by_a_forged_token_does_nothing(desk: Desk, act: PageAct) -> None:
    """Nor by one that was cut, or sealed by somebody else."""
    good = token_of(desk.keys)
    for bad in ("forged", good[:-1], good + "A", "é" * 40, "x" * 2_000):
        answer = await choose(Visit(bad), act, FIELDS.get(act, {}), desk, RECEIVED_MS)
        assert (answer.status, kept(desk)) == (404, [])


@pytest.mark.parametrize("act", PageAct)
async def test_same_act_twice_is_one(desk: Desk, act: PageAct) -> None:
    """Its records have the same ids, and a profile folds it once."""
    for _ in range(2):
        assert await done(desk, act) == 200
    records = [orjson.loads(each.value) for each in kept(desk)]
    half = len(records) // 2
    assert records[:half] == records[half:]
    events = [each for each in followed(kept(desk), desk.keys) if isinstance(each, dict)]
    world = World(compiled(program()))
    world.take(*events)
    assert sum(world.counts.get(each, 0) for each in ("repeat_id", "after_erasure")) == len(events) // 2


async def test_pause_asked_for_again_later_is_a_new_one(desk: Desk) -> None:
    """Once a day is enough; the next day's lasts a day longer. So is a language, chosen back and forth."""
    for now_ms in (RECEIVED_MS, RECEIVED_MS + 1_000, RECEIVED_MS + DAY_MS):
        await done(desk, PageAct.PAUSE, now_ms)
    for second, language in enumerate(("en", "es", "en")):
        await done(desk, PageAct.LANGUAGE, RECEIVED_MS + 1_000 * second, language=language)
    ids = [orjson.loads(each.value)["messageId"] for each in kept(desk)]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 5


@pytest.mark.parametrize("time_ms", [0, RECEIVED_MS, RECEIVED_MS // DAY_MS * DAY_MS])
def test_pause_lasts_its_days_at_least(time_ms: int) -> None:
    """To the end of a day: no mail in them, and one more day at most."""
    assert PAUSE_DAYS * DAY_MS < until_ms(time_ms) - time_ms <= (PAUSE_DAYS + 1) * DAY_MS


async def test_forgetting_asks_once_more(desk: Desk) -> None:
    """Only the second POST does it: the one that the second page makes."""
    visit = Visit(token_of(desk.keys), "../")
    for fields in ({}, {"sure": "no"}, {"sure": ""}):
        answer = await choose(visit, PageAct.FORGET, fields, desk, RECEIVED_MS)
        assert (answer.status, kept(desk)) == (200, [])
    found = seen(answer.body.decode())
    said = {each.attributes["name"]: each.attributes["value"] for each in found.of("input")}
    assert found.of("form")[0].attributes["action"] == f"../{visit.token}/forget"
    assert (await choose(visit, PageAct.FORGET, said, desk, RECEIVED_MS)).status == 200
    assert [each.topic.short for each in kept(desk)] == TOPICS[PageAct.FORGET]


@pytest.mark.parametrize("language", ["pl", "", "ES", "es ", "<b>"])
async def test_language_that_is_not_offered_is_refused(desk: Desk, language: str) -> None:
    """The page says so, and nothing is kept; so where no program says which there are."""
    for at in (desk, replace(desk, house=House(WRITTEN.words))):
        answer = await choose(Visit(token_of(desk.keys)), PageAct.LANGUAGE, {"language": language}, at, RECEIVED_MS)
        assert (answer.status, kept(desk)) == (400, [])


def test_form_is_read_as_browsers_write_it() -> None:
    """The first of a field's values; what is no form says nothing."""
    assert form_fields(b"language=es&sure=yes&language=de&a=%C3%A9&b=") == {
        "language": "es", "sure": "yes", "a": "é", "b": "",
    }  # fmt: skip
    for odd in (b"", b"\xff\x00", b"&&&", b'{"sure": "yes"}', b"=yes"):
        assert not {"sure", "language"} & form_fields(odd).keys()


ACTED: tuple[tuple[PageAct, Claim], ...] = (
    (PageAct.STOP_ALL, Claim.PRIVACY), (PageAct.FORGET, Claim.PRIVACY), (PageAct.PAUSE, Claim.PAUSE),
    (PageAct.LANGUAGE, Claim.FACT),
)  # fmt: skip


def test_every_act_is_a_claim_that_a_link_may_make() -> None:
    """By the table."""
    assert {act for act, _ in ACTED} == {*PageAct}
    assert all(hearing(claim, Speaker.SIGNED_LINK) is Hearing.PROVEN for _, claim in ACTED)


# From the form to the profile: what Ana's trigger becomes, which waits when she does it.


async def told(desk: Desk, act: PageAct | None) -> World:
    """Ana's world after a conversion and this act; None is the link itself."""
    world = World(compiled(program()))
    world.take(world.guide(language="en"))
    if act is None:
        await unsubscribe(Visit(token_of(desk.keys)), desk, NOW)
    else:
        assert await done(desk, act, NOW) == 200
    world.take(*[each for each in followed(kept(desk), desk.keys, NOW) if isinstance(each, dict)])
    return world


@pytest.mark.parametrize(
    ("act", "ending", "reason"),
    [(None, "not_asked", "suppressed"), (PageAct.STOP_ALL, "not_asked", "suppressed"),
     (PageAct.PAUSE, "waiting", "paused")],
)  # fmt: skip
async def test_profile_asks_for_no_mail_after_it(desk: Desk, act: PageAct | None, ending: str, reason: str) -> None:
    """And says why."""
    world = await told(desk, act)
    assert [(each.ending, each.reason) for each in world.tick(31 * 60_000)] == [(ending, reason)]


async def test_profile_refuses_for_the_address_it_knows(desk: Desk) -> None:
    """Which may be another than that of the mail, whose own is refused too."""
    world = await told(desk, PageAct.STOP_ALL)
    assert [(each.address_key, each.purposes, each.reason) for each in world.refused] == [
        ("9f86d081884c7d659a2feaa0c55ad015", ("*",), "opt_out"),
        ("k", ("*",), "opt_out"),
    ]


async def test_profile_writes_in_the_language_that_was_chosen(desk: Desk) -> None:
    """Whatever the browser says later."""
    world = await told(desk, PageAct.LANGUAGE)
    world.take(world.event(language="en", time_ms=NOW + 1))
    assert [each.language for each in world.tick(31 * 60_000)] == ["es"]


async def test_profile_forgets(desk: Desk) -> None:
    """The person and the address's own profile, and what waits ends."""
    world = await told(desk, PageAct.FORGET)
    assert [each.reason for each in world.sent] == ["erased"]
    for key in ("u:ana", "e:k"):
        person = world.person(key)
        assert person.identity.erased is not None
        assert not person.has("traits", "consents", "interests", "signals", "triggers")
