"""Which arm of an experiment a person is in: a stable hash, so that every replica and every replay agrees."""

import hashlib

from schemas.program import Experiment
from schemas.recommendation import Arm


def share(experiment: str, person: str) -> float:
    """A number in [0, 1), evenly spread over persons and independent between experiments."""
    return int.from_bytes(hashlib.sha256(f"{experiment}|{person}".encode()).digest()[:8], "big") / 2**64


def arm(experiment: Experiment, person: str) -> Arm:
    """Held out below `holdout`, usual in the `usual` above it, the treatment elsewhere."""
    at = share(experiment.name, person)
    if at < experiment.holdout:
        return "holdout"
    return "usual" if at < experiment.holdout + experiment.usual else "treatment"
