"""Which arm of an experiment a mailbox is in: a stable hash, so that every replica and every replay agrees.

It is drawn by the key of the address, so that all who use it are in one; of a person without one by the person.
"""

import hashlib

from schemas.program import Experiment
from schemas.recommendation import Arm


def share(experiment: str, drawn_by: str) -> float:
    """A number in [0, 1), evenly spread over addresses and independent between experiments."""
    return int.from_bytes(hashlib.sha256(f"{experiment}|{drawn_by}".encode()).digest()[:8], "big") / 2**64


def arm(experiment: Experiment, drawn_by: str) -> Arm:
    """Held out below `holdout`, usual in the `usual` above it, the treatment elsewhere."""
    at = share(experiment.name, drawn_by)
    if at < experiment.holdout:
        return "holdout"
    return "usual" if at < experiment.holdout + experiment.usual else "treatment"
