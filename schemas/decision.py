"""decisions: one record with everything that led to a mail, or to none."""

from operator import not_
from typing import Annotated, Literal, TypeAlias

from pydantic import AwareDatetime, Field

from schemas.company import Company
from schemas.course import Course, Language
from schemas.recommendation import (
    Arm,
    Asked,
    Candidate,
    ConsentProof,
    DecisionId,
    Further,
    ImaginedCourse,
    Job,
    LeftOut,
    Person,
    Pick,
    Shadow,
    Snapshot,
    Trigger,
)
from schemas.values import Event, known

Ending: TypeAlias = Literal["sent", "refused", "expired", "held_out", "not_asked", "waiting", "dead_lettered"]
Stage: TypeAlias = Literal["profile", "recommender", "composer"]


class Refusal(Event):
    """One rule of the gate that refused one attempt, what it saw, and in which line; of a whole mail in none."""

    attempt: str
    rule: str
    detail: str
    about: str = ""


class NotTold(Event):
    """What the brief of a mail left out, and the rule by name: `origin` where nobody is to be told what such say."""

    field: str
    rule: str


class Decision(Event):
    """How one trigger ended, and why: without address or name. `waiting` ends one attempt; the next has its own id."""

    decision_id: DecisionId
    person: Person
    stage: Annotated[str, known(Stage)]
    ending: Annotated[str, known(Ending)]
    reason: str = Field(description="the named rule that decided; `composed` for a mail")
    trigger: Trigger
    experiment: str
    arm: Annotated[str, known(Arm)]
    language: Language
    snapshot: Snapshot
    company: Company | None = None
    job: Job | None = None
    imagined: ImaginedCourse | None = None
    candidates: tuple[Candidate, ...] = ()
    pick: Pick | None = None
    course: Course | None = None
    also: Further = ()
    rungs: dict[str, str] = {}
    asked: tuple[Asked, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    brief: dict[str, str] = Field(
        default={}, exclude_if=not_, description="what the mail's text was allowed to say: facts by id"
    )
    not_told: tuple[NotTold, ...] = Field(default=(), exclude_if=not_, description="what the brief left out, and why")
    message_id: str | None = None
    generation: str | None = Field(default=None, description="of the index: embedding model, version, tokenizer")
    catalogue: str | None = Field(default=None, description="version of the catalogue")
    program: str | None = Field(default=None, description="SHA-256 of the program the words were made by")
    content_hash: str | None = Field(default=None, description="of the mail, as in `email.outbound`")
    shadow: Shadow | None = None
    left_out: LeftOut = ()
    consent: ConsentProof | None = None
    not_before: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    retry_at: AwareDatetime | None = Field(default=None, description="of `waiting`: when it is decided again")
    ended_at: AwareDatetime
    timings_s: dict[str, float] = {}
