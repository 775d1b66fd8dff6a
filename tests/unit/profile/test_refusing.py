"""Who refuses mail by their id refuses it at their address: what is on its way is caught by those who send it."""

from typing import Any

import pytest

from services.profile.core.facets.consents import Consents
from tests.unit.profile.conftest import ADDRESS, KEY, NOW, World


def refused(world: World) -> list[tuple[str, str, tuple[str, ...]]]:
    """Address key, word and purposes of each suppression that was sent."""
    return [(each.address_key, each.reason, each.purposes) for each in world.refused]


@pytest.fixture
def ana(world: World) -> World:
    """Ana, whose address a server said."""
    world.take(world.guide())
    return world


@pytest.mark.parametrize(
    ("word", "over", "expected"),
    [
        ("complained", {}, [(KEY, "complained", ("*",))]),
        ("unsubscribed", {}, [(KEY, "unsubscribed", ("*",))]),
        ("bounced", {"bounce_class": "hard"}, [(KEY, "bounced", ("*",))]),
        ("bounced", {"bounce_class": "soft"}, []),
        ("opened", {}, []),
    ],
)
def test_feedback_that_refuses_mail_suppresses_the_address(ana: World, word: str, over: Any, expected: Any) -> None:
    """Also where the feedback names none."""
    step = ana.take(ana.feedback(word, **over))
    assert refused(ana) == expected
    assert step.counts.get("suppressed", 0) == len(expected)


def test_what_a_browser_says_of_a_mail_suppresses_nobody(ana: World) -> None:
    """A write key is public."""
    ana.take(ana.feedback("complained") | {"trusted": False})
    assert refused(ana) == []


def test_the_page_behind_a_link_refuses_the_purpose_it_names(ana: World) -> None:
    """Other mail goes on, to this address and by this person."""
    ana.take(ana.feedback("unsubscribed", reason="marketing") | {"speaker": "signed_link"})
    assert refused(ana) == [(KEY, "unsubscribed", ("marketing",))]
    consents = ana.person().consents
    assert consents.is_suppressed("marketing", 0)
    assert not consents.is_suppressed("news", 0)


def test_a_purpose_more_than_there_is_room_for_refuses_every_mail(ana: World) -> None:
    """It only ever tightens."""
    links = [ana.feedback("unsubscribed", reason=f"p{number}") | {"speaker": "signed_link"} for number in range(25)]
    ana.take(*links[:24])
    assert not ana.person().consents.is_suppressed("news", 0)
    ana.take(links[24])
    assert ana.person().consents.is_suppressed("news", 0)
    assert len(ana.person().consents.refusals) == 25


def lift(world: World, later_ms: int = 1) -> dict[str, Any]:
    """The act by which an operator lifts what was refused until then."""
    return world.event("privacy", name="lift", trusted=True, privacy="lift", time_ms=world.now + later_ms)


@pytest.mark.parametrize("refusing", ["complained", "unsubscribed", "opt_out", "of one purpose"])
def test_a_lift_undoes_what_was_refused_before_it(ana: World, refusing: str) -> None:
    """And tells nobody to suppress; what is refused after it stands."""

    def refusal() -> dict[str, Any]:
        if refusing == "opt_out":
            return ana.event("privacy", name="opt_out", trusted=True, privacy="opt_out")
        word = "unsubscribed" if refusing == "of one purpose" else refusing
        over = {"reason": "marketing"} if refusing == "of one purpose" else {}
        return ana.feedback(word, **over) | {"speaker": "signed_link" if over else "connector"}

    ana.take(refusal())
    assert ana.person().consents.is_suppressed("marketing", 0)
    sent = len(ana.refused)
    step = ana.take(lift(ana))
    assert (step.counts["lifted"], len(ana.refused)) == (1, sent)
    assert not ana.person().consents.is_suppressed("marketing", 0)
    ana.now += 2
    ana.take(refusal())
    assert ana.person().consents.is_suppressed("marketing", 0)


def test_a_lift_that_comes_before_what_it_undoes_undoes_it(ana: World) -> None:
    """Partitions are read as they come; at the same moment the refusal stands."""
    ana.take(lift(ana), ana.feedback("complained"))
    assert not ana.person().consents.is_suppressed("marketing", 0)
    ana.now += 1
    ana.take(ana.feedback("complained"))
    assert ana.person().consents.is_suppressed("marketing", 0)


def test_a_link_that_names_nothing_refuses_every_mail(ana: World) -> None:
    """As one of before does."""
    ana.take(ana.feedback("unsubscribed") | {"speaker": "signed_link"})
    assert refused(ana) == [(KEY, "unsubscribed", ("*",))]
    assert ana.person().consents.is_suppressed("news", 0)


@pytest.mark.parametrize(("action", "word"), [("opt_out", "opt_out"), ("erase", "erased"), ("later_word", "opt_out")])
def test_a_privacy_request_by_the_id_reaches_the_address(ana: World, action: str, word: str) -> None:
    """An action nobody here knows is taken for an opt-out."""
    ana.take(ana.event("privacy", name=action, trusted=True, privacy=action))
    assert refused(ana) == [(KEY, word, ("*",))]
    [sent] = ana.refused
    assert (sent.state, sent.source, sent.since.timestamp() * 1000) == ("suppressed", "profile", NOW)


def test_an_export_refuses_nothing(ana: World) -> None:
    """It asks what is known."""
    ana.take(ana.event("privacy", name="export", trusted=True, privacy="export"))
    assert refused(ana) == []


def test_who_has_no_address_suppresses_none(world: World) -> None:
    """The person's own refusal stands all the same."""
    world.take(world.feedback("complained"), world.event("privacy", trusted=True, privacy="erase", id="p"))
    assert refused(world) == []
    assert world.person().consents == Consents()


def test_the_address_is_the_one_of_that_moment(world: World) -> None:
    """In the order in which things came."""
    other = {"value": "bo@example.com", "key": "b" * 32}
    world.take(world.guide(), world.feedback("complained"), world.guide(address=other), world.feedback("unsubscribed"))
    assert [key for key, _, _ in refused(world)] == [ADDRESS["key"], other["key"]]
