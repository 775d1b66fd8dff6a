"""The values the recommender's parts hand each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from schemas.company import Company
from schemas.course import Course, Level
from schemas.decision import Refusal
from schemas.program import Topic
from schemas.recommendation import Asked, Candidate, ImaginedCourse, Job, Pick
from services.rules.addresses import DEFAULT, AddressRules
from services.rules.safety import WORDLESS, Safety

Vector: TypeAlias = tuple[float, ...]
"""A dense embedding, unit length unless a function says otherwise."""
Scores: TypeAlias = Mapping[str, float]
"""Course id → what one retriever says for it; what is absent it says nothing of."""
Ranks: TypeAlias = Mapping[str, Mapping[str, int]]
"""Retriever → course id → its place in that list, from 1."""
LEVELS: tuple[Level, ...] = ("beginner", "intermediate", "advanced")


@dataclass(frozen=True, slots=True)
class Terms:
    """A sparse vector: term ids, each once and in ascending order, and their weights."""

    ids: tuple[int, ...] = ()
    weights: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One open course as the index holds it. `content_hash` changes with whatever the entry is made of.

    Without a vector it is found by words alone, and its hash is the one of `words_only`.
    """

    course_id: str
    content_hash: str
    language: str
    level: Level
    topics: tuple[str, ...]
    vector: Vector | None
    terms: Terms


@dataclass(frozen=True, slots=True)
class Stored:
    """A course's text as a vector; the hash is of the text."""

    course_id: str
    text_hash: str
    vector: Vector


@dataclass(frozen=True, slots=True)
class Filter:
    """Which courses a search may find; no topics: of any topic."""

    languages: tuple[str, ...]
    without: frozenset[str] = frozenset()
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """One ranked list asked of the index: near a vector (cosine), or by words (BM25)."""

    near: Vector | Terms
    where: Filter
    limit: int


class Hit(NamedTuple):
    """A course a search found, and its score there. A decision makes about a thousand: a tuple is made fastest."""

    course_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file: its id with version, and the text that never changes."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Prompts:
    """The prompts in force."""

    job_imagine: Prompt
    pick: Prompt
    company: Prompt


@dataclass(frozen=True, slots=True)
class Understanding:
    """The job, the course imagined for it, and which rung answered each. `spent_s` is what is gone of the patience.

    `level` is the person's own, as the rules see it: the highest of a course they took, else a beginner's.
    """

    job: Job
    imagined: ImaginedCourse | None
    rungs: Mapping[str, str]
    level: Level = "beginner"
    asked: tuple[Asked, ...] = ()
    spent_s: float = 0.0
    company: Company | None = None

    @property
    def is_advised(self) -> bool:
        """A model imagined the course."""
        return self.rungs.get("imagine") == "llm"


@dataclass(frozen=True, slots=True)
class Ranking:
    """Courses in order, best first, the place of each in every list, and which rung found them."""

    hits: Sequence[Hit]
    ranks: Ranks
    rung: str


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The courses to pick from, best first, as candidates and in full, and which rung found them.

    `appeals` are what a score is weighed by where no model picks; a course that is absent has 1.
    """

    candidates: tuple[Candidate, ...]
    courses: Mapping[str, Course]
    rung: str
    appeals: Mapping[str, float] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """The choice where no model picks: the greatest score weighed by its appeal; of equals the first.

        Raises:
            ValueError: there is no candidate.
        """
        return max(self.candidates, key=lambda each: each.score * self.appeals.get(each.course_id, 1.0)).course_id


@dataclass(frozen=True, slots=True)
class Found:
    """The courses to pick from, and those there would be had no model imagined one: the same where none did."""

    chosen: Shortlist
    alone: Shortlist


@dataclass(frozen=True, slots=True)
class Picks:
    """Up to three candidates as a model orders them, each with `yes`, `partly` or `no`; the reason is of the first."""

    fits: Mapping[str, str]
    reason: str
    cites: tuple[str, ...]

    @property
    def fitting(self) -> tuple[str, ...]:
        """The ids that the model does not call `no`, in its order."""
        return tuple(each for each, fit in self.fits.items() if fit != "no")

    @property
    def unfit(self) -> frozenset[str]:
        """The ids that it calls `no`."""
        return frozenset(self.fits) - frozenset(self.fitting)


@dataclass(frozen=True, slots=True)
class Selected:
    """The course chosen, which rung chose it, and the question if one was asked.

    Attributes:
        course: the one chosen; `propensity` is the probability with which this policy chooses it.
        base: the id that is chosen where nothing is tried out.
        rung: `llm`, `posterior`, `popular` or `otherwise`.
        beside: what fits beside it, in order.
        unfit: ids that are never shown.
        picks: what the model said, where its reply was valid.
    """

    course: Course
    base: str
    rung: str
    beside: tuple[Course, ...] = ()
    unfit: frozenset[str] = frozenset()
    asked: tuple[Asked, ...] = ()
    picks: Picks | None = None
    propensity: float = 1.0
    is_exploration: bool = False


@dataclass(frozen=True, slots=True)
class NoneFits:
    """Nothing is chosen: there was no candidate, or the model calls none fitting.

    Attributes:
        rung: which rung said so; empty where there was nothing to ask about.
        refusals: what was kept back.
        unfit: the candidates, none of which is to be shown.
        is_any: there is a course that this person may get, but none of those found fits.
    """

    asked: tuple[Asked, ...] = ()
    rung: str = ""
    refusals: tuple[Refusal, ...] = ()
    unfit: frozenset[str] = frozenset()
    is_any: bool = False


@dataclass(frozen=True, slots=True)
class Picked:
    """The pick, which rung made it, and the question if one was asked.

    Attributes:
        pick: the course, its reason, what it cites, and its propensity.
        shown: the courses of the mail in full, the pick first.
        spares: what is tried in its place where it cannot be mailed, in order.
        base: the id that is picked where nothing is tried out.
    """

    pick: Pick
    shown: tuple[Course, ...]
    spares: tuple[Course, ...]
    base: str
    rung: str
    asked: tuple[Asked, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """What the business and the operator chose; `patience_s` is for all calls of a decision.

    By playbook: its own patience, the courses its mails show, the share of mails that try another course, and the
    course that goes where none fits. `addresses`: which of them get no mail. `safety` judges words of others before
    they are a fact of a prompt.
    """

    topics: Mapping[str, Topic]
    default_language: str
    patience_s: float
    playbook_patience_s: Mapping[str, float]
    playbook_courses: Mapping[str, int] = field(default_factory=dict)
    playbook_explore: Mapping[str, float] = field(default_factory=dict)
    playbook_otherwise: Mapping[str, str] = field(default_factory=dict)
    safety: Safety = WORDLESS
    addresses: AddressRules = DEFAULT

    def courses_for(self, playbook: str) -> int:
        """How many courses a mail of the playbook shows."""
        return self.playbook_courses.get(playbook, 1)

    def patience_for(self, playbook: str) -> float:
        """Seconds: the playbook's own patience, at most the operator's."""
        return min(self.patience_s, self.playbook_patience_s.get(playbook, self.patience_s))
