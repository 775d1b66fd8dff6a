"""What the steps of one recommender work with."""

from collections.abc import Callable
from dataclasses import dataclass, field

from schemas.llm import Ask, Fault, NoAnswer, Reply
from services.recommender.core.course_statistics import NEUTRAL, CourseStatistics
from services.recommender.core.values import Policy, Prompts
from services.recommender.ports import Catalogue, Clock, Companies, Embedder, Index, Model, Words


@dataclass(frozen=True, slots=True)
class World:
    """What one recommender works with. `model` None: nobody is asked, and the rungs without one decide."""

    model: Model | None
    embedder: Embedder
    words: Words
    index: Index
    catalogue: Catalogue
    clock: Clock
    prompts: Prompts
    policy: Policy
    statistics: CourseStatistics = field(default=NEUTRAL)
    companies: Companies | None = None


async def replied(question: Callable[[], Ask], within_s: float, model: Model | None) -> Reply:
    """The model's reply. Where nobody is to be asked the question is not even made."""
    if model is None:
        return NoAnswer(Fault.OFF, "no model is set")
    return await model.ask(question(), within_s=within_s)
