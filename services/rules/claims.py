"""Who may say what: one table of claim and speaker, which `SECURITY.md` shows.

Ingest asks it who an address makes somebody, whose withdrawal counts, and what the reader of a mail may request; the
profile asks it of every claim by which a person changes (`core/hearing.py`), and keeps how far it was believed as a
rank. A changed cell changes both. What only ingest makes of a record (which call is a conversion, and who may name
whom) it makes by the topic and the signature.

A write key is public, so a browser is anybody: what it says is true of its own visitor at most. What no row names is
heard of nobody.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from schemas.speaker import Speaker


class Claim(StrEnum):
    """What a call says."""

    BEHAVIOUR = "what somebody did"
    CONVERSION = "a conversion"
    VISITOR = "that an anonymous visitor is a known person"
    SAME = "that two known persons are one"
    ADDRESS = "a person's address"
    ANOTHER_ADDRESS = "another address than the one that is known"
    NAME = "a person's name"
    FACT = "what a person is, wants, speaks"
    GRANT = "consent"
    WITHDRAWAL = "that consent is withdrawn"
    REFUSAL = "a complaint, a bounce, an unsubscription"
    PAUSE = "that mail is to pause for a while"
    ANSWER = "that a mail was sent, opened, clicked"
    PRIVACY = "an opt-out, an erasure, an export"
    LIFT = "that a refusal is lifted"
    CONTENT = "what the business has published"


class Hearing(StrEnum):
    """How it is heard."""

    PROVEN = "proven"
    OWN = "of the speaker alone"
    UNPROVEN = "unproven"
    LINKED = "where the browser is linked to the person, else a doubt"
    DOUBT = "a doubt"
    NEVER = "no"


_VISITOR: Mapping[Claim, Hearing] = {
    Claim.BEHAVIOUR: Hearing.OWN,
    Claim.ADDRESS: Hearing.UNPROVEN,
    Claim.ANOTHER_ADDRESS: Hearing.DOUBT,
    Claim.FACT: Hearing.UNPROVEN,
    Claim.GRANT: Hearing.UNPROVEN,
    Claim.WITHDRAWAL: Hearing.OWN,
}
_SERVER: Mapping[Claim, Hearing] = {
    Claim.BEHAVIOUR: Hearing.PROVEN,
    Claim.CONVERSION: Hearing.PROVEN,
    Claim.VISITOR: Hearing.PROVEN,
    Claim.SAME: Hearing.PROVEN,
    Claim.ADDRESS: Hearing.PROVEN,
    Claim.ANOTHER_ADDRESS: Hearing.PROVEN,
    Claim.NAME: Hearing.PROVEN,
    Claim.FACT: Hearing.PROVEN,
    Claim.GRANT: Hearing.PROVEN,
    Claim.WITHDRAWAL: Hearing.PROVEN,
    Claim.REFUSAL: Hearing.PROVEN,
    Claim.ANSWER: Hearing.PROVEN,
    Claim.CONTENT: Hearing.PROVEN,
}
TABLE: Mapping[Speaker, Mapping[Claim, Hearing]] = MappingProxyType(
    {
        Speaker.ANONYMOUS_BROWSER: _VISITOR,
        Speaker.KNOWN_BROWSER: {
            **_VISITOR,
            Claim.VISITOR: Hearing.OWN,
            Claim.WITHDRAWAL: Hearing.LINKED,
        },
        Speaker.ADDRESS_BROWSER: {Claim.WITHDRAWAL: Hearing.DOUBT},
        Speaker.SIGNED_LINK: {
            Claim.FACT: Hearing.PROVEN,
            Claim.WITHDRAWAL: Hearing.PROVEN,
            Claim.REFUSAL: Hearing.PROVEN,
            Claim.PAUSE: Hearing.PROVEN,
            Claim.PRIVACY: Hearing.PROVEN,
        },
        Speaker.CONNECTOR: {Claim.REFUSAL: Hearing.PROVEN, Claim.ANSWER: Hearing.PROVEN},
        Speaker.SERVER: _SERVER,
        Speaker.OPERATOR: {**_SERVER, Claim.PRIVACY: Hearing.PROVEN, Claim.LIFT: Hearing.PROVEN},
    }
)


def hearing(claim: Claim, speaker: Speaker) -> Hearing:
    """How a claim of this speaker is heard. Total: not at all, where no row says so."""
    return TABLE[speaker].get(claim, Hearing.NEVER)


def is_heard(claim: Claim, speaker: Speaker) -> bool:
    """True if the claim changes anything by itself."""
    return hearing(claim, speaker) not in {Hearing.NEVER, Hearing.DOUBT}
