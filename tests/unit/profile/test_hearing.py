"""Who may say what is asked of the table of claims, and of nobody else."""

import ast
from pathlib import Path
from typing import Any

import pytest

from schemas.speaker import Speaker
from services.profile.core.act import act_of
from services.profile.core.event import event_of
from services.profile.core.hearing import fact_rank, hears, rank_of, teller
from services.profile.core.person import apply
from services.profile.core.rank import UNHEARD
from services.rules.claims import Claim, hearing
from tests.profile_values import told_of
from tests.source_trees import tree_of
from tests.unit.profile.conftest import CONSENT, KEY, NOW, World

CORE = Path("services/profile/core")
RANKS = {"proven": 2, "of the speaker alone": 1, "unproven": 1}
LINKED = "where the browser is linked to the person, else a doubt"
ASK_OF_TRUST = {  # who may look at it: the table is asked elsewhere
    "hearing.py": "who tells of an event",
    "act.py": "the same of an act, and how servers' events were marked before",
    "mark.py": "name spaces of ids",
    "event.py": "the field",
}


def told(who: Speaker, person: str = "u:ana", **over: Any) -> Any:
    """An event by this speaker."""
    event = {
        "id": "m", "person": person, "kind": "identify", "name": "x", "time_ms": NOW, "received_ms": NOW,
        "at": ("t", 0, 0, 0), "trusted": not who.is_browser, "speaker": who.value,
    }  # fmt: skip
    return event | over


@pytest.mark.parametrize("who", Speaker)
@pytest.mark.parametrize("claim", Claim)
def test_claim_is_believed_as_its_cell_says(claim: Claim, who: Speaker) -> None:
    """Of a known person; of a visitor no more than 0, since nobody knows whom a link will make of them."""
    said = hearing(claim, who).value
    rank, of_visitor = rank_of(claim, told(who)), rank_of(claim, told(who, "a:b"))
    assert rank == RANKS.get(said, UNHEARD)
    assert of_visitor == (0 if said in RANKS or said == LINKED else UNHEARD)
    assert hears(claim, told(who)) is (rank != UNHEARD)


@pytest.mark.parametrize("who", Speaker)
def test_rank_of_an_act_is_that_of_a_fact(who: Speaker) -> None:
    """Looked up by the word, as acts are many."""
    for person in ("u:ana", "a:b", f"e:{KEY}"):
        event = told(who, person)
        assert fact_rank(who.value, person) == rank_of(Claim.FACT, event) == act_of(event_of(event), None).rank


@pytest.mark.parametrize(
    ("event", "who"),
    [
        (told(Speaker.SERVER, trusted=False), Speaker.KNOWN_BROWSER),
        (told(Speaker.OPERATOR, "a:b", trusted=False), Speaker.ANONYMOUS_BROWSER),
        (told(Speaker.KNOWN_BROWSER, trusted=True), Speaker.KNOWN_BROWSER),
        (told(Speaker.SERVER, speaker="of a later version"), Speaker.SERVER),
        (told(Speaker.SERVER, speaker="of a later version", trusted=False), Speaker.KNOWN_BROWSER),
    ],
)
def test_speaker_has_no_more_than_its_record_is_trusted_with(event: Any, who: Speaker) -> None:
    """The word and the trust of a record agree; where they do not, the less counts. An act says the same."""
    assert teller(event) is who
    assert act_of(event_of(event), None).speaker == who.value


@pytest.mark.parametrize(
    ("over", "who"),
    [
        ({"trusted": True}, Speaker.SERVER),
        ({"trusted": False}, Speaker.KNOWN_BROWSER),
        ({"trusted": False, "person": "a:b", "link": "u:ana"}, Speaker.KNOWN_BROWSER),
        ({"trusted": True, "privacy": "erase"}, Speaker.OPERATOR),
        ({"trusted": True, "privacy": "lift"}, Speaker.OPERATOR),
        ({"trusted": True, "privacy": "erase", "speaker": "of a later version"}, Speaker.OPERATOR),
        ({"trusted": True, "privacy": "lift", "speaker": "of a later version"}, Speaker.SERVER),
    ],
)
def test_event_of_before_and_of_later_is_read_by_what_it_is(over: dict[str, Any], who: Speaker) -> None:
    """Requests were an operator's and links a known browser's; a later speaker's refusals hold, and it lifts none."""
    event = told(Speaker.SERVER, **over)
    if "speaker" not in over:
        del event["speaker"]
    assert teller(event) is who


def test_trust_is_looked_at_where_the_table_is_asked_alone() -> None:
    """A facet that asked `trusted` itself would not hear of a changed cell."""
    asking = {
        path.name
        for path in CORE.rglob("*.py")
        for node in ast.walk(tree_of(path))
        if (isinstance(node, ast.Constant) and node.value == "trusted")
        or (isinstance(node, ast.Attribute) and node.attr == "trusted")
    }
    assert asking <= set(ASK_OF_TRUST)


def test_conversion_of_whom_nobody_believes_one_opens_nothing(world: World) -> None:
    """It is what somebody did, and no more; after an erasure it leaves no decision either."""
    world.take(world.guide(trusted=False, speaker="known_browser"))
    assert (world.person().triggers.by_purpose, world.sent) == ({}, [])
    assert world.person().interests.by_key
    assert world.counts["conversion_no_playbook"] == 1
    world.take(world.event("privacy", privacy="erase", trusted=True, speaker="operator"))
    world.take(world.guide(trusted=False, speaker="known_browser"))
    assert world.sent == []
    assert world.counts["conversion_no_playbook"] == 2


@pytest.mark.parametrize("who", ["known_browser", "connector", "server"])
@pytest.mark.parametrize("action", ["erase", "opt_out", "export", "lift"])
def test_privacy_by_whom_nobody_hears_is_a_dead_letter(world: World, who: str, action: str) -> None:
    """Whoever wrote it learns why, and nobody is forgotten or mailed by it."""
    world.take(world.guide())
    step = world.take(world.event("privacy", privacy=action, trusted=who != "known_browser", speaker=who))
    assert [each.detail for each in step.rejects] == [
        "privacy needs an event of kind privacy, of somebody who may say it"
    ]
    assert world.person().consents.refusals == {}
    assert world.person().identity.erased is None


def test_link_asks_for_persons_and_lifts_nothing(world: World) -> None:
    """Of privacy: what the person's own link may ask for, but for a lift."""
    step = world.take(world.event("privacy", privacy="lift", trusted=True, speaker="signed_link"))
    assert len(step.rejects) == 1
    world.take(world.event("privacy", privacy="opt_out", trusted=True, speaker="signed_link"))
    assert [*world.person().consents.refusals] == ["opt_out"]


@pytest.mark.parametrize("kind", ["privacy", "dreamt"])
def test_facet_asks_again_of_a_lift(world: World, kind: str) -> None:
    """Also where a facet is told of an event that no pack would hold."""
    world.take(world.event())
    with world.changed() as ana:
        event = world.event(kind, privacy="lift", trusted=True, speaker="server")
        apply(ana, told_of(event, world.rules), "u:ana", world.rules, world.now)
        assert ana.consents.refusals == {}


def test_address_by_whom_nobody_hears_one_is_kept_nowhere(world: World) -> None:
    """Nor does it count among those of a shared id, nor what it says of the person, or of their mail."""
    said = {"address": {"value": "ana@example.com", "key": KEY}, "consent": CONSENT, "language": "en"}
    person = f"e:{KEY}"
    world.take(world.event("identify", person=person, traits={"role": "x"}, speaker="address_browser", **said))
    known = world.person(person)
    assert (known.traits.address, known.traits.facts, known.traits.language) == (None, {}, None)
    assert (known.sharing.addresses, known.consents.rows) == ([], {})
    assert world.counts["consent_unheard"] == 1


@pytest.mark.parametrize(("person", "who"), [("a:b", "anonymous_browser"), (f"e:{KEY}", "address_browser")])
def test_browser_that_is_nobody_links_nobody(world: World, person: str, who: str) -> None:
    """Only the browser of a known id leads its visitor there."""
    world.take(world.event("linked", person=person, link="u:ana", speaker=who))
    assert world.counts["link_refused"] == 1


@pytest.mark.parametrize("who", ["signed_link", "known_browser"])
def test_answer_by_whom_nobody_hears_one_says_nothing_of_a_mail(world: World, who: str) -> None:
    """A link may refuse and may not say that it was clicked."""
    world.take(world.guide())
    [asked] = world.tick(2_000_000)
    said = world.feedback("clicked", asked.decision_id) | {"speaker": who, "trusted": who == "signed_link"}
    world.take(said)
    assert world.person().touches.rows[asked.decision_id].word == ""
    assert world.person().engagement.by_word == {}
