"""What a person says, and who may say it."""

from typing import Any

import pytest

from services.profile.core.facet import Arrival, Look
from services.profile.core.facets.consents import Consent
from services.profile.core.facets.traits import Address, Trait, Traits
from tests.unit.profile.conftest import World

KEY = "9f86d081884c7d659a2feaa0c55ad015"


def _permission(world: World, purpose: str, key: str) -> Consent | None:
    return world.person().consents.permission(purpose, key)


def _fact(world: World, person: str = "u:ana") -> dict[str, str]:
    return {name: row.value for name, row in world.person(person).traits.facts.items()}


def _name(world: World) -> str | None:
    name = world.person().traits.name
    return None if name is None else name.value


def test_facts_come_from_traits_and_forms(world: World) -> None:
    """Company as text or as an object; a number is text; a list or a truth is no fact."""
    world.take(
        world.event("identify", traits={"company": {"name": "Acme", "industry": "pets", "employees": 12}, "goal": []}),
        world.event("track", properties={"role": "editor", "company_size": True, "goal": " "}),
        world.event(properties={"company": "a page's word"}),
    )
    assert _fact(world) == {"company": "Acme", "industry": "pets", "company_size": "12", "role": "editor"}


def test_website_of_the_business_is_a_fact(world: World) -> None:
    """Of a person's traits, a form, or the company's own traits."""
    for person, given in (
        ("u:ana", {"traits": {"website": "acme.com"}}),
        ("u:bea", {"properties": {"website": "acme.com"}}),
        ("u:cai", {"traits": {"company": {"website": "acme.com"}}}),
    ):
        world.take(world.event("identify", person=person, **given))
        assert _fact(world, person) == {"website": "acme.com"}


def test_the_latest_word_stands_by_event_time(world: World) -> None:
    """A late event does not overwrite a newer one."""
    world.take(
        world.event("identify", traits={"title": "lead"}),
        world.event("identify", traits={"role": "clerk"}, time_ms=world.now - 1),
    )
    assert _fact(world) == {"role": "lead"}


def test_a_language_is_of_when_it_was_said_last(world: World) -> None:
    """Said again it is of then; a late event moves nothing back."""
    for later_ms in (0, 5, -9):
        world.take(world.event(language="en", time_ms=world.now + later_ms))
    assert world.person().traits.language == Trait(1, world.now + 5, "en", "")
    world.take(world.event(language="es", time_ms=world.now + 4))
    assert world.person().traits.language == Trait(1, world.now + 5, "en", "")


def test_a_browser_never_overwrites_what_a_server_proved(world: World) -> None:
    """Rank stands before time: whoever knows a lead's id must not steer that lead's mail."""
    mine, other = {"value": "ana@example.com", "key": KEY}, {"value": "eve@evil.example", "key": "e" * 32}
    world.take(
        world.event("conversion", traits={"company": "Acme", "firstName": "Ana"}, address=mine, language="es"),
        world.event("identify", traits={"company": "Evil", "firstName": "Eve"}, address=other, language="en",
                    time_ms=world.now + 1),
    )  # fmt: skip
    traits = world.person().traits
    said = (traits.facts["company"], traits.address, traits.name, traits.language)
    assert [each and each.value for each in said] == ["Acme", "ana@example.com", "Ana", "es"]


def test_a_first_name_is_what_a_server_gave(world: World) -> None:
    """A browser's name is not kept at all; a full name is split, a first name of two words is not."""
    world.take(world.event("identify", traits={"name": "Eve Ill"}))
    assert _name(world) is None
    world.take(world.event("identify", trusted=True, traits={"firstName": 7, "name": " Ana Luz"}))
    assert _name(world) == "Ana"
    world.take(world.event("identify", trusted=True, traits={"name": "", "first_name": "Ana Luz"}))
    assert _name(world) == "Ana Luz"
    world.take(world.event("identify", trusted=True, traits={"goal": "x"}))
    assert _name(world) == "Ana Luz"


@pytest.mark.parametrize("name", ["www.evil.com", "null", "{{first_name}}", "Ana2", "[Name]", "P\u0430ul"])
def test_what_is_no_first_name_is_not_kept(world: World, name: str) -> None:
    """Nor sent on, where a state has it from before it was judged."""
    world.take(world.event("identify", trusted=True, traits={"firstName": name, "name": f"{name} Luz"}))
    assert _name(world) is None
    world.take(world.guide())
    with world.changed() as person:
        person.traits.name = Trait(2, world.now, name, "")
    [request] = world.tick(3_600_000)
    assert request.recipient.name is None


def test_a_person_known_by_an_address_keeps_it(world: World) -> None:
    """The key of the person is the key of the address; nonsense is passed over."""
    for claim in ({"value": "eve@evil.example", "key": "other"}, {"value": "x" * 300, "key": KEY},
                  {"value": "a\nb@example.com", "key": KEY}, {"value": "a@b.example", "key": "k" * 99}):  # fmt: skip
        world.take(world.event(person=f"e:{KEY}", trusted=True, address=claim))
        world.take(world.event(person="e:else", trusted=True, traits={}))
    assert world.person(f"e:{KEY}").traits.address is None
    assert world.person(f"e:{KEY}").traits == world.person("e:else").traits
    world.take(world.event(person=f"e:{KEY}", trusted=True, address={"value": "ana@example.com", "key": KEY}))
    assert world.person(f"e:{KEY}").traits.address == Address(2, world.now, "ana@example.com", KEY)


def test_texts_are_cut_and_lose_what_cannot_be_printed(world: World) -> None:
    """Line breaks and direction marks never reach a profile."""
    world.take(world.event("identify", traits={"role": "a\n\u202eb" + "c" * 400}))
    assert _fact(world)["role"].startswith("a bc")
    assert len(_fact(world)["role"]) == 200


def _consent(
    world: World, *, given: bool = True, key: str = KEY, purpose: str = "marketing", **over: Any
) -> dict[str, Any]:
    said = {"purpose": purpose, "given": given, "source": "form", **({"address_key": key} if key else {})}
    return world.event("track", consent=[said], **over)


def test_a_withdrawal_wins_ties(world: World) -> None:
    """Given and withdrawn in the same instant, in either order, is withdrawn."""
    withdrawn = (_consent(world, given=False, trusted=True) for _ in range(2))
    world.take(next(withdrawn), _consent(world, trusted=True), next(withdrawn))
    assert _permission(world, "marketing", KEY) is None
    world.take(_consent(world, time_ms=world.now + 1))
    assert _permission(world, "marketing", KEY) is not None
    assert _permission(world, "marketing", "other") is None
    world.take(_consent(world, given=False, key="", purpose="*", trusted=True, time_ms=world.now + 2))
    assert _permission(world, "marketing", KEY) is None


def test_a_browser_consents_for_the_address_in_its_form_only(world: World) -> None:
    """A grant without an address counts from a server alone; nobody grants every purpose."""
    world.take(_consent(world, key=""), _consent(world, purpose="*"))
    assert world.person().consents.rows == {}
    world.take(_consent(world, key="", trusted=True))
    assert list(world.person().consents.rows["marketing"]) == [""]


def _rows(world: World) -> dict[tuple[str, str], Consent]:
    rows = world.person().consents.rows
    return {(purpose, key): row for purpose, held in rows.items() for key, row in held.items()}


def test_consents_are_capped(world: World) -> None:
    """Twenty-four of purpose and address; of grants the oldest goes."""
    world.take(*(_consent(world, purpose=f"p{each}", time_ms=world.now + each) for each in range(30)))
    assert sorted(_rows(world)) == sorted((f"p{each}", KEY) for each in range(6, 30))
    world.take(*(_consent(world, key=f"k{each}", time_ms=world.now + 99) for each in range(30)))
    assert sorted(_rows(world)) == sorted(("marketing", f"k{each}") for each in range(30))[-24:]


def test_a_withdrawal_takes_the_place_of_a_grant(world: World) -> None:
    """At the cap as below it, whatever purpose it is of."""
    world.take(*(_consent(world, purpose=f"p{each}") for each in range(24)))
    world.take(_consent(world, purpose="news", given=False, time_ms=world.now - 1))
    assert _permission(world, "p23", KEY) is not None
    world.take(_consent(world, purpose="news", time_ms=world.now - 2))
    assert _permission(world, "news", KEY) is None
    assert len(_rows(world)) == 24


def test_withdrawals_beyond_the_cap_are_one_of_every_purpose(world: World) -> None:
    """The oldest becomes it, so that what was granted later stands; what was granted before does not come back."""
    world.take(
        *(
            _consent(world, purpose=f"p{each}", time_ms=world.now + each, person="a:b", given=False)
            for each in range(25)
        ),
        world.event("linked", person="a:b", link="u:ana"),
    )
    world.loop()
    world.take(_consent(world, trusted=True, time_ms=world.now + 1), _consent(world, purpose="p0", trusted=True))
    rows = _rows(world)
    assert len(rows) == 25
    assert (rows["*", ""].time_ms, rows["*", ""].is_given) == (world.now + 2, False)
    assert _permission(world, "p0", KEY) is None
    assert _permission(world, "marketing", KEY) is None
    world.take(_consent(world, trusted=True, time_ms=world.now + 3))
    assert _permission(world, "marketing", KEY) is not None


def test_a_browser_never_evicts_what_a_server_proved(world: World) -> None:
    """Rank stands before time, at the cap too."""
    world.take(_consent(world, trusted=True))
    world.take(*(_consent(world, key=f"k{each}", time_ms=world.now + each) for each in range(40)))
    world.take(*(_consent(world, purpose=f"p{each}", time_ms=world.now + each) for each in range(40)))
    row = _permission(world, "marketing", KEY)
    assert row is not None
    assert row.rank == 2


def test_older_name_that_comes_with_another_person_changes_nothing() -> None:
    """Of two the later stands, whoever absorbs whom."""
    early, late = Trait(2, 1, "Ana", ""), Trait(2, 2, "Anna", "")
    for one, two in ((early, late), (late, early)):
        traits = Traits(name=one)
        traits.merge(Traits(name=two), Arrival("a:b", 2, 1.0))
        assert traits.name == late


def test_snapshot_that_has_room_for_little_has_no_facts(world: World) -> None:
    """They are the last that is left out."""
    traits = Traits({"role": Trait(1, 1, "editor", "form")})
    [most, none] = [traits.show(Look("u:ana", 1, 1, world.rules, share))["facts"] for share in (16, 32)]
    assert ([each.value for each in most], none) == (["editor"], ())
