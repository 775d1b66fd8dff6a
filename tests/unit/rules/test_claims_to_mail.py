"""The table of claims followed to a mail: raw records through ingest and profile, each cell's end written by hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from schemas.identity import address_key
from schemas.recommendation import RecommendationRequest
from schemas.speaker import Speaker
from schemas.topics import EVENTS_RAW
from services.rules import claims
from services.rules.claims import Claim, Hearing
from tests.town import ANA, EVE, KEYS, MAIL, MINUTE, Saying, Town, asked_for, by, lift_now, server, word

MADE, NONE = "a mail", "no trigger"
COLUMNS = (
    Speaker.ANONYMOUS_BROWSER, Speaker.KNOWN_BROWSER, Speaker.ADDRESS_BROWSER, Speaker.SIGNED_LINK, Speaker.CONNECTOR,
    Speaker.SERVER, Speaker.OPERATOR,
)  # fmt: skip
GUIDE = {"type": "track", "event": "Guide Downloaded"}
CONSENT = {"consent": {"marketing": True}}
WHOLE = {**GUIDE, "properties": {"topic": "seo", **CONSENT}, "traits": {"email": ANA}}


def has_mail(answer: RecommendationRequest | str) -> str:
    """Whether a mail is asked for."""
    return answer if isinstance(answer, str) else MADE


def address_of(answer: RecommendationRequest | str) -> str:
    """To which address; its key is that address's."""
    if isinstance(answer, str):
        return answer
    recipient = answer.recipient
    assert recipient.address_key == address_key(KEYS.address, recipient.address)
    return recipient.address


def name_of(answer: RecommendationRequest | str) -> str:
    """By which name."""
    assert not isinstance(answer, str)
    return answer.recipient.name or "no name"


def role_of(answer: RecommendationRequest | str) -> str:
    """Of which role, and who said it."""
    assert not isinstance(answer, str)
    roles = [each for each in answer.snapshot.facts if each.name == "role"]
    return f"{roles[0].value}, {roles[0].speaker}, {roles[0].is_verified}" if roles else "no role"


@dataclass(frozen=True)
class Row:
    """What was said before, what is claimed, what to look at, and how it ends by the word of each of `COLUMNS`."""

    before: Sequence[Saying]
    claimed: dict[str, Any]
    look: Callable[[RecommendationRequest | str], str]
    ends: tuple[str, str, str, str, str, str, str]


def acting(action: str) -> dict[str, Any]:
    """A call that names what only a record of privacy asks for."""
    return {"type": "track", "event": action, "properties": {"action": action, "privacy": action}}


WITHOUT_ADDRESS = [server({**GUIDE, "properties": {"topic": "seo", **CONSENT}})]
WITHOUT_CONSENT = [server({**GUIDE, "properties": {"topic": "seo"}, "traits": {"email": ANA}})]
SPAM = {"type": "track", "event": "Email Marked as Spam", "properties": {"message_id": MAIL}}

ROWS: dict[Claim, Row] = {
    Claim.CONVERSION: Row(
        [server({"type": "identify", "traits": {"email": ANA, **CONSENT}})],
        {**GUIDE, "properties": {"topic": "seo"}}, has_mail,
        (NONE, NONE, NONE, NONE, NONE, MADE, NONE),
    ),
    Claim.ADDRESS: Row(
        WITHOUT_ADDRESS, {"type": "identify", "traits": {"email": ANA}}, address_of,
        ("no_address", "address_unproven", "no_address", "no_address", "no_address", ANA, "no_address"),
    ),
    Claim.ANOTHER_ADDRESS: Row(
        [*WITHOUT_ADDRESS, server({"type": "identify", "traits": {"email": ANA}})],
        {"type": "identify", "traits": {"email": EVE}}, address_of,
        (ANA, ANA, ANA, ANA, ANA, EVE, ANA),
    ),
    Claim.NAME: Row(
        [server(WHOLE)], {"type": "identify", "traits": {"firstName": "Mia"}}, name_of,
        ("no name", "no name", "no name", "no name", "no name", "Mia", "no name"),
    ),
    Claim.FACT: Row(
        [server(WHOLE)], {"type": "identify", "traits": {"role": "baker"}}, role_of,
        ("no role", "baker, known_browser, False", "no role", "no role", "no role", "baker, server, True", "no role"),
    ),
    Claim.GRANT: Row(
        WITHOUT_CONSENT, {"type": "identify", "traits": {"email": ANA, **CONSENT}}, has_mail,
        ("no_consent", MADE, "no_consent", "no_consent", "no_consent", MADE, "no_consent"),
    ),
    Claim.WITHDRAWAL: Row(
        [server(WHOLE)], {"type": "identify", "traits": {"consent": {"marketing": False}}}, has_mail,
        (MADE, MADE, MADE, MADE, MADE, "no_consent", MADE),
    ),
    Claim.REFUSAL: Row(
        [server(WHOLE)], SPAM, has_mail,
        (MADE, MADE, MADE, MADE, MADE, "suppressed", MADE),
    ),
    Claim.PRIVACY: Row(
        [server(WHOLE)], acting("opt_out"), has_mail,
        (MADE, MADE, MADE, MADE, MADE, MADE, MADE),
    ),
    Claim.LIFT: Row(
        [server(WHOLE), asked_for("opt_out")], acting("lift"), has_mail,
        ("suppressed", "suppressed", "suppressed", "suppressed", "suppressed", "suppressed", "suppressed"),
    ),
}  # fmt: skip
"""By each speaker's call; what the records of a link, a connector and an operator say by themselves stands below."""


@pytest.mark.parametrize("who", COLUMNS, ids=str)
@pytest.mark.parametrize("claim", ROWS, ids=lambda claim: claim.name)
def test_cell_ends_as_it_was_meant(claim: Claim, who: Speaker) -> None:
    """Whether a mail is asked for, to which address, by which name, with what said of the person."""
    row, town = ROWS[claim], Town()
    for saying in row.before:
        town.say(*saying)
    town.say(*by(who, row.claimed))
    assert row.look(town.answer()) == row.ends[COLUMNS.index(who)]
    assert town.refused == (["address_alone"] if who is Speaker.ADDRESS_BROWSER else [])


@pytest.mark.parametrize(
    ("saying", "ends"),
    [
        (word("complained"), "suppressed"),
        (word("bounced", bounce_class="hard"), "suppressed"),
        (word("bounced", bounce_class="soft"), MADE),
        (word("unsubscribed"), "suppressed"),
        (word("delivered"), MADE),
        (by(Speaker.SIGNED_LINK, {}, of="marketing"), "suppressed"),
        (by(Speaker.SIGNED_LINK, {}, of="news"), MADE),
        (asked_for("opt_out"), "suppressed"),
        (asked_for("export"), MADE),
        (asked_for("erase"), "erased"),
    ],
)
def test_refusal_in_a_speakers_own_record_ends_the_mail(saying: Saying, ends: str) -> None:
    """A connector's word, the link of a mail for its purpose, an operator's request."""
    town = Town()
    for each in (server(WHOLE), saying):
        town.say(*each)
    if ends == "erased":
        assert [each.reason for each in town.world.sent] == ["erased"]
        return
    assert has_mail(town.answer()) == ends


@pytest.mark.parametrize(
    ("lift", "refused", "ends"),
    [(lift_now, [], MADE), (lambda _: asked_for("lift", address=ANA), ["bad_signature"], "suppressed")],
)
def test_refusal_is_lifted_by_a_signed_act_alone(lift: Callable[[int], Saying], refused: list[str], ends: str) -> None:
    """Unsigned it is refused, and changes nothing."""
    town = Town()
    for saying in (server(WHOLE), asked_for("opt_out"), lift(town.world.now + 3 * MINUTE)):
        town.say(*saying)
    assert (town.refused, has_mail(town.answer())) == (refused, ends)


@pytest.mark.parametrize(
    ("claimed", "look", "unlinked", "linked"),
    [
        ({"traits": {"role": "baker"}}, role_of, "no role", "baker, anonymous_browser, False"),
        ({"traits": {"firstName": "Mia"}}, name_of, "no name", "no name"),
        ({"traits": {"email": EVE}}, address_of, ANA, ANA),
        ({"traits": {"consent": {"marketing": False}}}, has_mail, MADE, "no_consent"),
    ],
)
def test_what_a_visitor_said_reaches_the_mail_by_a_link(
    claimed: dict[str, Any], look: Callable[..., str], unlinked: str, linked: str
) -> None:
    """Of the speaker alone: it goes with the visitor, and says no more of the person than a browser may."""
    for is_linked, ends in ((False, unlinked), (True, linked)):
        town = Town()
        town.say(*server(WHOLE))
        town.say(EVENTS_RAW, {"type": "identify", "anonymousId": "visitor", **claimed})
        if is_linked:
            town.say(EVENTS_RAW, {"type": "identify", "anonymousId": "visitor", "userId": "ana"})
        assert look(town.answer()) == ends


@pytest.mark.parametrize(("ids", "ends"), [({}, MADE), ({"anonymousId": "visitor"}, "no_consent")])
def test_known_browser_withdraws_by_its_visitor(ids: dict[str, str], ends: str) -> None:
    """Who knows a user id alone is in doubt; the call that links its visitor withdraws what it says."""
    town = Town()
    town.say(*server(WHOLE))
    town.say(EVENTS_RAW, {"type": "identify", "userId": "ana", **ids, "traits": {"consent": {"marketing": False}}})
    assert has_mail(town.answer()) == ends


@pytest.mark.parametrize(
    ("claim", "who", "hearing", "ends"),
    [
        (Claim.CONVERSION, Speaker.SERVER, Hearing.NEVER, NONE),
        (Claim.ADDRESS, Speaker.SERVER, Hearing.NEVER, "no_address"),
        (Claim.ADDRESS, Speaker.KNOWN_BROWSER, Hearing.PROVEN, ANA),
        (Claim.ANOTHER_ADDRESS, Speaker.SERVER, Hearing.NEVER, ANA),
        (Claim.ANOTHER_ADDRESS, Speaker.KNOWN_BROWSER, Hearing.PROVEN, EVE),
        (Claim.NAME, Speaker.KNOWN_BROWSER, Hearing.PROVEN, "Mia"),
        (Claim.FACT, Speaker.KNOWN_BROWSER, Hearing.NEVER, "no role"),
        (Claim.GRANT, Speaker.KNOWN_BROWSER, Hearing.DOUBT, "no_consent"),
        (Claim.WITHDRAWAL, Speaker.KNOWN_BROWSER, Hearing.OWN, "no_consent"),
        (Claim.WITHDRAWAL, Speaker.SERVER, Hearing.DOUBT, MADE),
        (Claim.REFUSAL, Speaker.SERVER, Hearing.NEVER, MADE),
    ],
)
def test_changed_cell_changes_the_mail(
    monkeypatch: pytest.MonkeyPatch, claim: Claim, who: Speaker, hearing: Hearing, ends: str
) -> None:
    """Of each claim: both services ask the table, and the profile nothing else."""
    row, town, changed = ROWS[claim], Town(), {**claims.TABLE[who], claim: hearing}
    for saying in row.before:
        town.say(*saying)
    monkeypatch.setattr(claims, "TABLE", {**claims.TABLE, who: changed})
    town.say(*by(who, row.claimed))
    assert row.look(town.answer()) == ends


@pytest.mark.parametrize(("claim", "action"), [(Claim.PRIVACY, "opt_out"), (Claim.LIFT, "lift")])
def test_changed_cell_changes_what_an_operator_may_ask(
    monkeypatch: pytest.MonkeyPatch, claim: Claim, action: str
) -> None:
    """Neither an opt-out nor a lift is heard of whom the table does not hear."""
    town, changed = Town(), {**claims.TABLE[Speaker.OPERATOR], claim: Hearing.NEVER}
    for saying in ROWS[claim].before:
        town.say(*saying)
    monkeypatch.setattr(claims, "TABLE", {**claims.TABLE, Speaker.OPERATOR: changed})
    town.say(*(lift_now(town.world.now + MINUTE) if action == "lift" else asked_for(action)))
    assert has_mail(town.answer()) == ("suppressed" if action == "lift" else MADE)
