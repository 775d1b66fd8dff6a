"""Who may say what of a person, asked of the table of claims: whether an event is heard, and how far it is believed."""

from collections.abc import Mapping

from schemas.clean import CleanEvent
from schemas.speaker import SPEAKERS, Speaker, browser_of, speaker
from services.profile.core.rank import ANONYMOUS, CLAIMED, UNHEARD, VERIFIED
from services.rules.claims import Claim, Hearing, hearing

LIFT = "lift"  # the word of an event of kind privacy that lifts refusals; all others are asked for by the person
REFUSALS = frozenset({"complained", "bounced", "unsubscribed"})  # words of feedback by which mail is refused
_VISITOR = "a:"
_WORDS = frozenset(each.value for each in SPEAKERS)
_RANKS: Mapping[Hearing, int] = {Hearing.PROVEN: VERIFIED, Hearing.OWN: CLAIMED, Hearing.UNPROVEN: CLAIMED}
_OF_FACTS = {each.value: _RANKS.get(hearing(Claim.FACT, each), UNHEARD) for each in SPEAKERS}
_OF_VISITORS = {word: min(rank, ANONYMOUS) for word, rank in _OF_FACTS.items()}


def teller(event: CleanEvent) -> Speaker:
    """Who tells of the event: whom ingest named, but never more than `trusted` says.

    An event of before names nobody. One of privacy was an operator's then, since no other record led to one; of a link
    it was the browser of the person to whom it leads. Of a speaker of a later version what is asked for is heard as an
    operator's, so that nobody is mailed against their word, and a lift is not.
    """
    word, is_trusted, person = event.get("speaker"), event["trusted"], event.get("link", event["person"])
    if is_trusted and "privacy" in event and word not in _WORDS:
        return Speaker.SERVER if word is not None and event["privacy"] == LIFT else Speaker.OPERATOR
    who = speaker(word, is_trusted=is_trusted, person=person)
    return who if is_trusted or who.is_browser else browser_of(person)


def hears(claim: Claim, event: CleanEvent) -> bool:
    """True if the claim changes something by the word of who tells of it.

    What counts where a browser is linked to the person is heard of its visitor, whom a link leads to them.
    """
    return rank_of(claim, event) != UNHEARD


def rank_of(claim: Claim, event: CleanEvent) -> int:
    """How far the claim is believed: 2 where it is proven of a known person, 1 where it is not, 0 of a visitor.

    -1 where it is not heard.
    """
    said = hearing(claim, teller(event))
    is_visitor = event["person"].startswith(_VISITOR)
    if said is Hearing.LINKED:
        return ANONYMOUS if is_visitor else UNHEARD
    rank = _RANKS.get(said, UNHEARD)
    return min(rank, ANONYMOUS) if is_visitor else rank


def fact_rank(word: str, person: str) -> int:
    """As `rank_of` of a fact, by the word of a speaker; asked once an act, so looked up."""
    return (_OF_VISITORS if person.startswith(_VISITOR) else _OF_FACTS)[word]


def feedback_claim(word: str) -> Claim:
    """What a word of feedback claims: that mail is refused, or what became of one."""
    return Claim.REFUSAL if word in REFUSALS else Claim.ANSWER


def privacy_claim(word: str) -> Claim:
    """What a word of privacy claims; one that nobody here knows is something that the person asks for."""
    return Claim.LIFT if word == LIFT else Claim.PRIVACY
