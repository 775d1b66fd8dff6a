"""The state of one person as it is stored and, after a link, sent: short keys, since there is one value per person.

Every part may be absent. Amounts of interest are integers of a millionth, so that adding them is exactly
commutative; times are milliseconds since 1970; a month is counted from January 1970.
"""

from typing import Annotated, Literal, NotRequired, TypeAlias

from pydantic import Field, StringConstraints, with_config
from typing_extensions import TypedDict

from schemas.recommendation import DecisionId
from schemas.values import OPEN, known

Ms: TypeAlias = Annotated[int, Field(ge=0, lt=253_402_300_800_000)]  # up to the year 9999
Count: TypeAlias = Annotated[int, Field(ge=0, lt=2**53)]
Amount: TypeAlias = Annotated[int, Field(ge=-(2**62), le=2**62)]
Rank: TypeAlias = Annotated[int, Field(ge=0, le=2)]
Text: TypeAlias = Annotated[str, StringConstraints(max_length=300)]
Month: TypeAlias = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,4})$")]
Buckets: TypeAlias = dict[Text, dict[Month, Amount]]
_Word: TypeAlias = Literal["", "nothing", "clicked", "refused", "converted"]
Outcome: TypeAlias = Annotated[str, known(_Word)]
_Touch: TypeAlias = Literal["ask", "ghost"]
MailKey: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(/[0-9a-f]{12})?$")
]
Said: TypeAlias = tuple[Rank, Ms, Text, Text]


@with_config(OPEN)
class Pending(TypedDict):
    """A trigger that waits: what opened it (event id, name, item, title, time), since when, until when, which try.

    held since when, though due, it waits for the state that a link sends; speaker who told of it, else a server.
    """

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
class ProfileState(TypedDict, total=False):
    """One person.

    v format · n events folded · new newest event · size upper bound of the encoded bytes ·
    i interests {key: {month: amount}} ·
    sig signals {key: kind, title, item, topics, last, count, weight} ·
    who signals {key: last, who gave the title of that time}; of another time it says nothing ·
    fact declared {name: rank, time, value, source} · addr address (rank, time, value, key) ·
    name first name and lang language (rank, time, value, source) ·
    hist courses taken and done courses completed, reco courses recommended {course: time} ·
    took courses told to courses.signals {course: time} ·
    mail mails of touches {decision: course, strongest outcome heard, outcome told, end of the touch}; a further course
    of a mail has a row of its own, whose key goes on with a slash and 12 hex digits of the hash of its link ·
    cons {purpose: {address key or "": time, given, source, text version, rank}} · supp refusals {why: time} ·
    eng feedback {word: {month: amount}} · hour {hour of the week: count} ·
    touch {decision: time, until, purpose, playbook, ask or ghost, strongest word} · pend {purpose: trigger} ·
    ids hashes of recent message ids,
    oldest first, each 12 hex digits after a bar ·
    past persons absorbed · wait persons whose state a link sends {person: since when} ·
    fwd forward pointer · gone (erased when, receipt).
    A rank is 2 for what a server proved, 1 for what the person's own browser said, 0 for an anonymous browser.
    """

    v: Literal[1]
    n: Count
    new: Ms
    size: Count
    i: Buckets
    sig: dict[Text, tuple[Text, Text, Text | None, list[Text], Ms, Count, float]]
    who: dict[Text, tuple[Ms, Text]]
    fact: Annotated[dict[Text, Said], Field(max_length=32)]
    addr: Said
    name: Said
    lang: Said
    hist: dict[Text, Ms]
    done: dict[Text, Ms]
    reco: dict[Text, Ms]
    took: dict[Text, Ms]
    mail: dict[MailKey, tuple[Text, Outcome, Outcome, Ms]]
    cons: dict[Text, dict[Text, tuple[Ms, bool, Text, Text, Rank]]]
    supp: Annotated[dict[Text, Ms], Field(max_length=16)]
    eng: Buckets
    hour: dict[Annotated[str, StringConstraints(pattern=r"^[0-9]{1,3}$")], Count]
    touch: dict[DecisionId, tuple[Ms, Ms, Text, Text, Annotated[str, known(_Touch)], Text]]
    pend: Annotated[dict[Text, Pending], Field(max_length=8)]
    ids: Annotated[str, StringConstraints(pattern=r"^(?:\|[0-9a-f]{12})*$", max_length=13 * 128)]
    past: list[Text]
    wait: Annotated[dict[Text, Ms], Field(max_length=8)]
    fwd: Annotated[str, StringConstraints(pattern=r"^[uea]:", max_length=300)]
    gone: tuple[Ms, Text]
