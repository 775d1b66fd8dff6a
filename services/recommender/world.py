"""What the steps of one recommender work with."""

from dataclasses import dataclass, field

from services.recommender.core.standing import NEUTRAL, Standing
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
    standing: Standing = field(default=NEUTRAL)
    companies: Companies | None = None
