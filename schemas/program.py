"""The business as data: what a program folder holds (brand, signals, content, playbooks and words, each as YAML)."""

from collections import Counter
from operator import not_
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, JsonValue, StringConstraints, model_validator

from schemas.content import PieceTitle
from schemas.course import Language, Slug
from schemas.values import Event, Value
from schemas.voice import SILENT, Voice
from schemas.words import ActWords

Address: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[^@\s<>\"]+@[^@\s<>\"]+$", max_length=254)]
Host: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", max_length=253)]
Texts: TypeAlias = dict[Language, str]
Acts: TypeAlias = Annotated[
    dict[str, dict[Language, ActWords]],
    Field(exclude_if=not_, description="how a mail speaks of what the lead did: by event name and language"),
]
DAY, WEEK = 24, 168  # hours
MAX_PUBLIC_URL = 255  # characters: with the longest id and purpose the unsubscribe link fits a header of 870
MOST_COURSES = 5  # in one mail; more is a catalogue, and nobody reads it


class Sender(Value):
    """Who a mail is from."""

    address: Address
    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]


class Cap(Value):
    """At most `most` touches of a person, and of a mailbox, in any `window_hours`; of one purpose if it names one."""

    window_hours: int = Field(ge=1, le=24 * 365)
    most: int = Field(ge=1, le=1_000)
    purpose: Slug | None = Field(default=None, description="a playbook's; without one, mails of all purposes count")


class AddressPolicy(Value):
    """Which kinds of address get mail, whatever their owner agreed to; the kinds: `services/rules/addresses.py`."""

    automatic: Literal["mail", "no_mail"] = Field(default="no_mail", description="noreply@: read by none")
    duty: Literal["mail", "no_mail"] = Field(default="no_mail", description="abuse@, postmaster@: RFC 2142")
    shared: Literal["mail", "no_mail"] = Field(default="mail", description="info@, sales@: read by several")
    disposable: Literal["mail", "no_mail"] = Field(default="no_mail", description="of a service that throws mail away")
    own: Literal["mail", "no_mail"] = Field(default="mail", description="under a domain the brand writes from")
    never: tuple[Annotated[str, StringConstraints(min_length=3, max_length=254)], ...] = Field(
        default=(), description="addresses and domains that get none: traps, partners, competitors"
    )


class QuietHours(Event):
    """No mail between `start` and `end` o'clock; `start` after `end` spans midnight.

    By the clock of the person where it is known, else of `time_zone`.
    """

    time_zone: str
    start: int = Field(ge=0, le=23)
    end: int = Field(ge=0, le=23)


class Brand(Value):
    """`brand.yaml`: who writes, from where, in which words, and what may never be said."""

    version: Literal[1]
    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    website: Annotated[str, StringConstraints(pattern=r"^https://[^\s]+$")]
    sender: Sender
    reply_to: Address
    postal_address: Annotated[str, StringConstraints(min_length=10, max_length=300)]
    list_id: Host = Field(description="RFC 2919 list identifier")
    public_url: Annotated[str, StringConstraints(pattern=r"^https://[!-~]+[!-.0-~]$", max_length=MAX_PUBLIC_URL)] = (
        Field(description="where the world reaches ingest's collector; the unsubscribe link begins with it")
    )
    link_domains: tuple[Host, ...] = Field(min_length=1)
    languages: tuple[Language, ...] = Field(min_length=1, description="the first is the default")
    tone: Annotated[str, StringConstraints(max_length=500)]
    voice: Voice = Field(
        default=SILENT,
        exclude_if=lambda voice: voice.is_silent,
        description="what a rule holds a model's text to, beside `tone`",
    )
    banned_claims: tuple[str, ...] = ()
    purposes: dict[Slug, Texts] = Field(
        default={}, exclude_if=not_, description="why mail of a consent comes: a sentence, by language"
    )
    category: Slug = "nurture"
    caps: tuple[Cap, ...] = Field(min_length=1)
    quiet_hours: QuietHours | None = None
    addresses: AddressPolicy = AddressPolicy()
    decisions_per_day: int = Field(default=100_000, ge=0, description="budget of one profile partition per UTC day")

    @model_validator(mode="after")
    def _speaks_its_languages(self) -> "Brand":
        for language in sorted(self.voice.languages - {*self.languages}):
            raise ValueError(
                f"voice: expected languages of the brand ({', '.join(self.languages)}), came {language!r}: "
                "add it to languages, or take it out of voice"
            )
        return self


class Topic(Value):
    """A content topic: its title by language, words that betray it, and its neighbours."""

    title: Texts = Field(min_length=1)
    keywords: tuple[str, ...] = ()
    neighbours: tuple[Slug, ...] = ()


class SignalRule(Value):
    """What an event means: the first rule that matches gives kind, weight, item and topics.

    `event` is an event name, or `page`; `path` is a URL path pattern where `{item}` and `{topic}` bind one segment and
    a final `*` matches the rest; `where` are properties that must be equal. `item_property` and `topic_property` name
    properties that hold the item or the topics (a string or a list of strings).
    """

    name: Slug
    event: str | None = None
    path: Annotated[str, StringConstraints(pattern=r"^/")] | None = None
    where: dict[str, str] = {}
    kind: Slug
    weight: float = Field(ge=-10, le=10)
    topics: tuple[Slug, ...] = ()
    item_property: str | None = None
    topic_property: str | None = None
    course: Literal["viewed", "taken", "completed"] | None = None

    @model_validator(mode="after")
    def _matches_something(self) -> "SignalRule":
        if self.event is None and self.path is None:
            raise ValueError("a rule needs event, path or both; else it would match everything")
        return self


class Signals(Value):
    """`signals.yaml`: the topics of the business and what an event means."""

    version: Literal[1]
    half_life_days: float = Field(default=30, gt=0, le=3_650)
    fallback_weight: float = Field(default=0.2, ge=0, le=10, description="an unknown page, by title and path")
    ignored_weight: float = Field(default=-0.25, ge=-10, le=0, description="a mail that came and led to nothing")
    topics: dict[Slug, Topic] = Field(min_length=1)
    rules: tuple[SignalRule, ...] = Field(min_length=1)
    acts: Acts = {}

    @model_validator(mode="after")
    def _topics_exist(self) -> "Signals":
        for rule in self.rules:
            for name in rule.topics:
                if name not in self.topics:
                    raise ValueError(f"rule {rule.name}: topic {name!r} is not in topics ({', '.join(self.topics)})")
        for name, topic in self.topics.items():
            for neighbour in topic.neighbours:
                if neighbour not in self.topics:
                    raise ValueError(f"topic {name}: neighbour {neighbour!r} is not in topics")
        return self


class Piece(Value):
    """A guide, webinar or page of the business's own: a title that only a browser says counts where it is one of these.

    `url` is a path pattern, in which a final `*` matches the rest: it names the pages that have no title.
    """

    id: Slug
    title: PieceTitle
    url: Annotated[str, StringConstraints(pattern=r"^/", max_length=2_000)] | None = None
    topics: tuple[Slug, ...] = ()
    language: Language


class Content(Value):
    """`content.yaml`: what the business itself publishes beside its courses."""

    version: Literal[1]
    content: tuple[Piece, ...] = ()

    @model_validator(mode="after")
    def _is_told_apart(self) -> "Content":
        for what in ("id", "title"):
            counts = Counter(str(getattr(each, what)).casefold() for each in self.content)
            if twice := next((word for word, count in counts.items() if count > 1), None):
                raise ValueError(f"{what} {twice!r} stands there twice; each piece needs its own")
        return self


class Experiment(Value):
    """Shares of persons: `holdout` get no mail, `usual` get the popular course, the rest the treatment.

    `explore` is a share of the treatment's mails.
    """

    name: Slug
    holdout: float = Field(default=0, ge=0, le=1)
    usual: float = Field(default=0, ge=0, le=1)
    explore: float = Field(
        default=0.05, ge=0, le=0.1, description="of mails, the second or third course a model calls fitting, to learn"
    )

    @model_validator(mode="after")
    def _shares_fit(self) -> "Experiment":
        if self.holdout + self.usual > 1:
            raise ValueError("holdout + usual is over 1; each is a share of all persons")
        return self


NO_EXPERIMENT = Experiment(name="none", explore=0)


class SendTime(Value):
    """When in the week a mail goes: it waits for an hour in which the person reads, where one comes soon enough."""

    within_hours: int = Field(ge=1, le=WEEK, description="how much later than due a mail may go, before it expires")
    minimum_evidence: float = Field(
        default=8,
        ge=1,
        le=1_000,
        description="hours of the week in which the person was about, each as log2(1 + acts): with less nothing "
        "moves, and as much weight have the usual hours",
    )
    usual_hours: tuple[Annotated[float, Field(ge=0, le=1e9)], ...] = Field(
        default=(), description="how much all persons read by hour of the day (24) or of the week from Monday (168), "
        "by their own clocks; left out: evenly",
    )  # fmt: skip
    experiment: Slug = Field(default="send-time", description="by whose name the control is drawn")
    share: float = Field(default=1, ge=0, le=1, description="of persons that are moved; the others are its control")

    @model_validator(mode="after")
    def _hours_are_of_a_day_or_week(self) -> "SendTime":
        if len(self.usual_hours) not in {0, DAY, WEEK}:
            raise ValueError(f"usual_hours: expected {DAY} numbers, or {WEEK}; {len(self.usual_hours)} came")
        if self.usual_hours and not any(self.usual_hours):
            raise ValueError("usual_hours: expected one above 0; leave them out where nobody knows")
        return self


class Playbook(Value):
    """`playbooks/<name>.yaml`: which conversion opens a trigger, how long it waits, and what it asks for."""

    version: Literal[1]
    name: Slug
    purpose: Slug = Field(description="what one mail serves; the same purpose is not served twice while it is taken")
    consent: Slug = Field(default="marketing", description="the consent a mail of this playbook needs")
    entry: tuple[str, ...] = Field(min_length=1, description="names of the conversions that open a trigger")
    quiet_period_s: int = Field(default=1_800, ge=0, le=86_400)
    quiet_limit_s: int = Field(default=7_200, ge=0, le=86_400, description="in all, however many events extend it")
    minimum_evidence: float = Field(default=1.0, ge=0, description="sum of positive interests as the entry opened")
    purpose_days: int = Field(default=14, ge=0, le=365, description="how long a served purpose stays taken")
    expires_after_s: int = Field(default=172_800, ge=60, le=1_209_600)
    patience_s: int = Field(default=45, ge=1, le=600, description="for all LLM calls of one decision")
    courses: int = Field(
        default=1, ge=1, le=MOST_COURSES, strict=True, description="shown by one mail: the one it is about, and others"
    )
    otherwise: Slug | None = Field(default=None, description="id of the course that goes where no course fits")
    reader: bool = Field(
        default=True,
        strict=True,
        exclude_if=bool,  # the hash of a program that says nothing of it is as it was
        description="a second reader judges each line that a model wrote",
    )
    send_time: SendTime | None = Field(
        default=None,
        exclude_if=not_,  # the hash of a program that says nothing of it is as it was
        description="left out: a mail goes when it is due, outside quiet hours",
    )
    experiment: Experiment = Field(
        default=NO_EXPERIMENT, description="left out: everybody is in the treatment, and nothing is explored"
    )
    acts: Acts = Field(default={}, description="as in `signals.yaml`, where this playbook's mails say it otherwise")


class Program(Value):
    """A whole program folder, read and checked; what `words` says is checked together with what it adds to."""

    brand: Brand
    signals: Signals
    playbooks: tuple[Playbook, ...] = Field(min_length=1)
    words: dict[Language, dict[str, JsonValue]] = Field(
        default={}, exclude_if=not_, description="`words/<language>.yaml`: what stands there instead of what is shipped"
    )
    content: tuple[Piece, ...] = Field(default=(), exclude_if=not_)

    @model_validator(mode="after")
    def _content_has_topics(self) -> "Program":
        for piece in self.content:
            for name in piece.topics:
                if name not in self.signals.topics:
                    raise ValueError(
                        f"content {piece.id}: topic {name!r} is not in topics of signals.yaml "
                        f"({', '.join(self.signals.topics)})"
                    )
        return self
