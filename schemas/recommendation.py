"""recommendation.requests and recommendations: what profile asks, what recommender chose, with all that led there."""

from operator import not_
from typing import Annotated, Literal, TypeAlias

from pydantic import AwareDatetime, Field, JsonValue, StringConstraints

from schemas.company import Company
from schemas.course import Course, Language, Level
from schemas.program import MOST_COURSES
from schemas.speaker import Speaker, Spoken, speaker
from schemas.values import Event, known

MOST_SPARES = 2  # courses tried after the one picked; more would say that the catalogue itself cannot be mailed
Arm: TypeAlias = Literal["treatment", "usual", "holdout"]
ZoneSource: TypeAlias = Literal["person", "country", "brand", "unknown"]
SendTimeReason: TypeAlias = Literal["moved", "control", "no_better", "too_little"]
BuyingStage: TypeAlias = Literal["problem", "exploring", "comparing", "ready"]
Person: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[uea]:", max_length=300)]
Further: TypeAlias = Annotated[
    tuple[Course, ...],
    Field(
        max_length=MOST_COURSES - 1,
        exclude_if=not_,
        description="courses the mail shows beside the one it is about; absent where there is none",
    ),
]
Spares: TypeAlias = Annotated[
    tuple[Course, ...],
    Field(
        max_length=MOST_SPARES,
        exclude_if=not_,
        description="fitting courses that are tried where those shown cannot be mailed; absent where there is none",
    ),
]
LeftOut: TypeAlias = Annotated[
    tuple[str, ...],
    Field(
        exclude_if=not_,
        description="where words of the person came from that moved no ranking, being meant for a machine: "
        "`conversion`, a signal's id, `fact:<name>`; absent where there were none",
    ),
]
Registered: TypeAlias = Annotated[
    str | None,
    Field(
        exclude_if=lambda content: content is None,
        description="id of the business's own guide, webinar or page that this is; its title stands here as registered "
        "in `content.yaml`. Absent where it is none",
    ),
]
DecisionId: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class LocalZone(Event):
    """By which clock a person lives, and how that is known."""

    name: str | None = Field(description="of the tz database; absent where it is unknown")
    source: Annotated[str, known(ZoneSource)] = Field(description="the person's browser or a server, else by country")


class SendTime(Event):
    """How the hour of a mail was looked for, so that it can be measured. A score of 1 is an hour of average reading."""

    reason: Annotated[str, known(SendTimeReason)] = Field(
        description="`moved`: to `best_at`; `control`: would have been, and was not; `no_better`; `too_little` evidence"
    )
    experiment: str = Field(description="by whose name `moved` and `control` were drawn")
    was_due: AwareDatetime
    best_at: AwareDatetime | None = None
    zone: LocalZone
    evidence: float = Field(ge=0, description="hours of the week in which the person was about, each as log2(1 + acts)")
    score_due: float = Field(ge=0, description="of the hour it was due, or of the first outside quiet hours")
    score_best: float | None = Field(default=None, ge=0)


class Trigger(Event):
    """The conversion that opened the trigger, and how it waited. `attempt` counts from 0."""

    playbook: str
    purpose: str
    event_id: str
    event_name: str
    item: str | None = None
    title: str | None = None
    occurred_at: AwareDatetime
    opened_at: AwareDatetime
    due_at: AwareDatetime
    attempt: int = Field(ge=0)
    speaker: Spoken = None
    content: Registered = None
    send_time: SendTime | None = Field(
        default=None, exclude_if=lambda send_time: send_time is None, description="absent where the playbook has none"
    )

    @property
    def said_by(self) -> Speaker:
        """Who told of the conversion: a server, as every conversion of before."""
        return speaker(self.speaker, is_trusted=True)


class Interest(Event):
    """The decayed weight of one key, `topic:<slug>` or `item:<id>`, at the instant of the decision."""

    key: str
    weight: float


class SignalFact(Event):
    """One telling recent signal, citable by its id (`s1`, `s2`, ... in order of weight)."""

    id: Annotated[str, StringConstraints(pattern=r"^s[0-9]{1,2}$")]
    kind: str
    title: str
    item: str | None = None
    topics: tuple[str, ...] = ()
    last_at: AwareDatetime
    count: int = Field(ge=1)
    weight: float
    speaker: Spoken = None
    content: Registered = None

    @property
    def said_by(self) -> Speaker:
        """Who gave it its title: where nobody knows, a browser."""
        return speaker(self.speaker, is_trusted=False)


class DeclaredFact(Event):
    """What the person, or a server, said: role, company, size, industry, goal. Citable as `fact:<name>`."""

    name: str
    value: str
    source: str
    is_verified: bool
    said_at: AwareDatetime
    speaker: Spoken = None

    @property
    def said_by(self) -> Speaker:
        """Who declared it; in a record of before as `is_verified` says."""
        return speaker(self.speaker, is_trusted=self.is_verified)


class TakenCourse(Event):
    """One step of the person's course history."""

    course_id: str
    taken_at: AwareDatetime


class Snapshot(Event):
    """The profile as it is at the decision, without address or name; at most 8 KB encoded.

    Of a trigger that ended where its conversion came, or with its person, it has no lists.
    """

    interests: tuple[Interest, ...] = ()
    signals: tuple[SignalFact, ...] = ()
    facts: tuple[DeclaredFact, ...] = ()
    history: tuple[TakenCourse, ...] = Field(default=(), description="newest first")
    completed: tuple[str, ...] = ()
    recommended: tuple[str, ...] = Field(default=(), description="courses already sent to the person")
    evidence: float = Field(default=0, description="sum of positive interests")
    zone: LocalZone | None = Field(
        default=None, exclude_if=lambda zone: zone is None, description="absent in a record of before"
    )
    version: int = Field(description="events folded into the profile so far")
    hash: str = Field(description="SHA-256 of the encoded profile")


class Recipient(Event):
    """Whom the mail goes to: passed on unread until the composer. Never part of a decision record or a prompt."""

    address: str
    address_key: str
    name: str | None = Field(default=None, description="a verified first name")


class ConsentProof(Event):
    """Why this mail is lawful."""

    basis: Literal["consent"] = "consent"
    purpose: str
    proof: str = Field(description="source and text version")
    captured_at: AwareDatetime


class RecommendationRequest(Event):
    """Profile asks for one email for one person."""

    decision_id: DecisionId
    person: Person
    trigger: Trigger
    experiment: str
    arm: Annotated[str, known(Arm)]
    language: Language
    snapshot: Snapshot
    recipient: Recipient
    consent: ConsentProof
    created_at: AwareDatetime
    not_before: AwareDatetime
    expires_at: AwareDatetime


class Job(Event):
    """The job to be done, as inferred; `cites` are signal ids and `fact:` names."""

    text: str
    stage: Annotated[str, known(BuyingStage)]
    confidence: float = Field(ge=0, le=1)
    cites: tuple[str, ...] = ()


class ImaginedCourse(Event):
    """The perfect course for the job, as if it existed: what retrieval looks for the nearest real one of."""

    title: str
    description: str
    skills: tuple[str, ...] = ()
    level: Level


class Candidate(Event):
    """One real course that came near: its rank in each lane that found it (1 is best), and the fused score."""

    course_id: str
    title: str
    lanes: dict[str, int]
    score: float


class Pick(Event):
    """Which candidate, why, and with what probability this policy would have picked it."""

    course_id: str
    reason: str
    cites: tuple[str, ...] = ()
    propensity: float = Field(gt=0, le=1)
    is_exploration: bool = False


class Shadow(Event):
    """What the rungs without a model would have picked, where nothing is tried out: a model's worth."""

    course_id: str
    title: str
    agrees: bool = Field(description="it is the base choice of this decision too")
    shared: int = Field(ge=0, description="candidates that both ways found")


class Asked(Event):
    """One question as it was asked and answered: kept raw, so that a decision can be explained and replayed."""

    stage: str
    prompt_id: str
    outcome: str = Field(description="`answer`, or the fault")
    model: str = ""
    text: str = ""
    detail: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_micros: int = Field(default=0, ge=0, description="paid for it, in millionths of the currency of the prices")
    is_from_ledger: bool = Field(default=False, description="answered and paid for at an earlier attempt")
    escalated: str = Field(default="", description="smaller models asked first, and why their replies were not kept")
    duration_s: float = 0.0


class Recommendation(Event):
    """One real course for the person's job, and the evidence; the composer needs nothing else."""

    request: RecommendationRequest
    company: Company | None = Field(default=None, description="None: reading sites is off")
    job: Job
    imagined: ImaginedCourse | None
    candidates: tuple[Candidate, ...]
    pick: Pick
    course: Course
    also: Further = ()
    spares: Spares = ()
    rungs: dict[str, str] = Field(description="which rung answered: company, job, imagine, retrieve, pick")
    asked: tuple[Asked, ...] = ()
    generation: str = Field(description="of the index: embedding model, version, tokenizer")
    catalogue: str | None = Field(default=None, description="version of the catalogue: the same courses, the same one")
    shadow: Shadow | None = None
    left_out: LeftOut = ()
    created_at: AwareDatetime
    timings_s: dict[str, float] = {}


Details: TypeAlias = dict[str, JsonValue]
