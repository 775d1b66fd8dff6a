"""A person's state as versions before this one wrote it: it is read, and no longer written."""

from typing import Annotated, Literal, NotRequired

from pydantic import Field, with_config
from typing_extensions import TypedDict

from schemas.profile_parts import (
    Awaited,
    Buckets,
    ConsentRows,
    Count,
    Facts,
    Forward,
    Hours,
    Mails,
    Ms,
    Refusals,
    Ring,
    Said,
    Text,
    Times,
    TouchRows,
)
from schemas.values import OPEN


@with_config(OPEN)
class PendingBefore(TypedDict):
    """A trigger that waits, as version 1 names its parts."""

    purpose: Text
    playbook: Text
    event: Text
    name: Text
    item: Text | None
    title: Text | None
    time: Ms
    opened: Ms
    due: Ms
    tries: Count
    held: NotRequired[Ms]
    speaker: NotRequired[Text]


@with_config(OPEN)
class ProfileStateBefore(TypedDict, total=False):
    """One person in version 1, which is read and no longer written; version 2 says what each part is.

    n events · new newest event · i interests · sig signals {key: kind, title, item, topics, last, count, weight} ·
    who signals {key: last, who gave the title of that time} · fact, addr, name, lang traits ·
    hist, done, reco history · took attribution · mail, touch touches · cons, supp consents · eng, hour engagement ·
    pend triggers · ids, past, wait, fwd, gone identity.
    """

    v: Literal[1]
    n: Count
    new: Ms
    size: Count
    i: Buckets
    sig: dict[Text, tuple[Text, Text, Text | None, list[Text], Ms, Count, float]]
    who: dict[Text, tuple[Ms, Text]]
    fact: Facts
    addr: Said
    name: Said
    lang: Said
    hist: Times
    done: Times
    reco: Times
    took: Times
    mail: Mails
    cons: ConsentRows
    supp: Refusals
    eng: Buckets
    hour: Hours
    touch: TouchRows
    pend: Annotated[dict[Text, PendingBefore], Field(max_length=8)]
    ids: Ring
    past: list[Text]
    wait: Awaited
    fwd: Forward
    gone: tuple[Ms, Text]


@with_config(OPEN)
class BouncesBefore(TypedDict, total=False):
    """Read no more: of before they were kept at the mailbox's home.

    soft {hash of the id of a mail that came back for the moment: when} · delivered_ms when the last one arrived.
    """

    soft: Annotated[dict[Text, Ms], Field(max_length=3)]
    delivered_ms: Ms
