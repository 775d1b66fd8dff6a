"""email.outbound, the public contract; email.feedback, what became of it; email.suppressions, who must get none."""

from operator import not_
from typing import Annotated, Literal, TypeAlias

from pydantic import AwareDatetime, Field, StringConstraints

from schemas.course import Language
from schemas.program import MOST_COURSES, QuietHours
from schemas.recommendation import Arm, DecisionId, Person
from schemas.values import Event, Outside, known

Header: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]*$", max_length=870)]
Line: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f\x85\u2028\u2029]*$", max_length=998)]


class Mailbox(Event):
    """An address and the name shown beside it."""

    address: Line
    name: Line = ""


class CourseLink(Event):
    """A course the mail recommends, and where its link leads."""

    id: str
    title: Line
    url: str


class Unsubscribe(Event):
    """The one-click link of RFC 8058: a POST to it acts, a GET only shows a page."""

    url: Header


class MailConsent(Event):
    """Why this mail is lawful, with proof."""

    basis: Literal["consent"]
    purpose: str
    proof: str
    captured_at: AwareDatetime


class OutboundEmail(Event):
    """One finished, proven email.

    The connector honours `not_before` and `expires_at`, checks suppressions, and never sends one `message_id` twice.

    `signature` is HMAC-SHA256 (key use `outbound`) over the canonical JSON of all other fields.
    """

    message_id: DecisionId
    decision_id: DecisionId
    person: Person
    person_tag: str
    address_key: str
    to: Mailbox
    sender: Mailbox = Field(alias="from")
    reply_to: Line
    subject: Line
    preheader: Line
    html: str
    text: str
    language: Language
    course: CourseLink
    also: tuple[CourseLink, ...] = Field(
        default=(),
        max_length=MOST_COURSES - 1,
        exclude_if=not_,
        description="courses the mail shows beside the one it is about; absent where there is none",
    )
    headers: dict[str, Header]
    unsubscribe: Unsubscribe
    postal_address: Line
    consent: MailConsent
    category: str
    arm: Annotated[str, known(Arm)]
    not_before: AwareDatetime
    expires_at: AwareDatetime
    quiet_hours: QuietHours | None
    tags: tuple[str, ...]
    metadata: dict[str, str]
    explanation: str = Field(description="why you received this, in plain words")
    template: str
    prompt: str | None
    model: str | None
    created_at: AwareDatetime
    content_hash: str
    signature: str


FeedbackWord: TypeAlias = Literal[
    "queued",
    "sent",
    "rejected",
    "failed",
    "bounced",
    "deferred",
    "delivered",
    "autoresponded",
    "opened",
    "clicked",
    "complained",
    "unsubscribed",
    "subscribed",
    "converted",
    "not_sent",
    "unknown",
]
Machine: TypeAlias = Literal["yes", "suspected", "no"]
BounceClass: TypeAlias = Literal["hard", "soft", "block"]
SuppressionState: TypeAlias = Literal["suppressed", "lifted"]
SuppressionReason: TypeAlias = Literal["unsubscribed", "complained", "bounced", "opt_out", "erased", "lifted"]
PrivacyAction: TypeAlias = Literal["erase", "export", "opt_out", "lift"]


class Feedback(Outside):
    """What became of a mail, in Anymail's words plus `converted` and `not_sent`; connectors write it."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    word: Annotated[str, known(FeedbackWord)] = Field(
        description="`unknown`: the mail was handed over and may have gone; nobody can say"
    )
    message_id: str
    decision_id: str | None = None
    person_tag: str = Field(description="echoed from the outbound record")
    address_key: str | None = Field(default=None, description="echoed from the outbound record")
    occurred_at: AwareDatetime
    source: str
    machine: Annotated[str, known(Machine)] | None = None
    method: str | None = Field(
        default=None,
        exclude_if=lambda value: value is None,
        description="of the request that followed a link, where the ESP says it; looked at for machines, and not kept",
    )
    user_agent: str | None = Field(
        default=None,
        exclude_if=lambda value: value is None,
        description="of who followed a link, where the ESP says it; looked at for machines, and not kept",
    )
    bounce_class: Annotated[str, known(BounceClass)] | None = None
    url: str | None = None
    course_id: str | None = Field(default=None, description="echoed from the outbound record: what was recommended")
    also: tuple[CourseLink, ...] = Field(
        default=(), exclude_if=not_, description="echoed from the outbound record: whose link was clicked is told by it"
    )
    reason: str | None = None


class Suppression(Event):
    """The purposes an address refuses, keyed by HMAC(address) and purposes. A lift is signed, never a tombstone.

    `purposes` holds consent names, or `*` for every mail.
    """

    address_key: str
    purposes: tuple[str, ...]
    state: Annotated[str, known(SuppressionState)]
    reason: Annotated[str, known(SuppressionReason)]
    since: AwareDatetime
    source: str
    signature: str | None = Field(default=None, description="of a lift: key use `suppression`")


class PrivacyRequest(Outside):
    """erase, export or opt out, for a person or an address; or lift what they refused before, by a signed act.

    `requested_by` says who asks, and of a lift why. `token` is that of a mail's link, the proof of what is asked on the
    page behind it: it alone names the person and the address.
    """

    id: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    action: Annotated[str, known(PrivacyAction)]
    person: str | None = None
    address: str | None = None
    occurred_at: AwareDatetime
    requested_by: str
    token: str | None = Field(default=None, description="of a mail's link: proves who asks, in place of `address`")
    signature: str | None = Field(default=None, description="of a lift: key use `suppression`")
