"""profile.self, between a person and the home of their mailbox: who asks, what is told, what is answered.

The home of a mailbox is a key of its own, `m:` and the key of the address. It is no person: nobody is linked to it, no
event of outside is one of it, and what it holds is what all who use the address have in common. The home reserves, the
person decides.
"""

from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import Field, StringConstraints

from schemas.profile_parts import Ms, Text
from schemas.recommendation import DecisionId
from schemas.values import Event, known

PREFIX = "m:"

Mailbox: TypeAlias = Annotated[str, StringConstraints(pattern=r"^m:", max_length=300)]
_Person: TypeAlias = Annotated[str, Field(pattern=r"^[uea]:", max_length=300)]
News: TypeAlias = Literal["unsubscribed", "complained", "bounced", "opt_out", "erased", "lifted"]
"""What one who uses an address says, or is said of it, and all who use it hear: refusals, and that they are lifted."""
REFUSING: frozenset[str] = frozenset(get_args(News))
TellWord: TypeAlias = Literal[
    "uses", "leaves", "given_back", "confirmed", "soft_bounced", "delivered", "paused",
    "unsubscribed", "complained", "bounced", "opt_out", "erased", "lifted",
]  # fmt: skip
Verdict: TypeAlias = Literal["reserved", "refused", "not_before"]


def mailbox_of(address_key: str) -> str:
    """The home of the address with this key."""
    return PREFIX + address_key


class Reserve(Event):
    """A person asks whether a mail may go to their address: at most one of a purpose, within what is allowed of all.

    `id` is the decision's, so that who asks again asks the same. `consent` is the purpose of consent that the mail has;
    `is_ghost`: one of a holdout, which is never sent and counts all the same. What is reserved ends at `until_ms`.
    """

    kind: Literal["reserve"] = "reserve"
    id: DecisionId
    mailbox: Mailbox
    person: _Person
    purpose: Text
    playbook: Text
    consent: Text
    is_ghost: bool = False
    asked_ms: Ms
    until_ms: Ms


class Tell(Event):
    """What a person tells the home: that they use the address or do so no more, what became of a mail, what is refused.

    `id` is the event's, or the record's, that told of it. `decision_id` of a mail that was given back (it did not go),
    or confirmed, by the word `said`. `purposes` are those that are refused. `until_ms`: how long a pause lasts.
    """

    kind: Literal["tell"] = "tell"
    id: Text
    mailbox: Mailbox
    person: _Person
    word: Annotated[str, known(TellWord)]
    time_ms: Ms
    decision_id: DecisionId | None = None
    said: Text = ""
    purposes: tuple[Text, ...] = ()
    until_ms: Ms = 0


class Answer(Event):
    """What the home says to who asked: reserved; refused, and why; or not before a time."""

    kind: Literal["answer"] = "answer"
    id: DecisionId
    person: _Person
    mailbox: Mailbox
    purpose: Text
    verdict: Annotated[str, known(Verdict)]
    reason: Text = ""
    not_before_ms: Ms = 0


class Heard(Event):
    """What the home passes on to a person who uses the address: that another of them refuses, or was erased."""

    kind: Literal["heard"] = "heard"
    id: Text
    person: _Person
    mailbox: Mailbox
    word: Annotated[str, known(News)]
    purposes: tuple[Text, ...] = ()
    time_ms: Ms


ToHome: TypeAlias = Reserve | Tell
"""What comes to the home; anything else on profile.self comes to a person."""
