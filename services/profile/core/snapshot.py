"""The profile as it is at a decision: without address or name, at most 8 KB."""

import hashlib
from typing import Any

from schemas.recommendation import Snapshot
from services.profile.core.facet import Look
from services.profile.core.facets.interests import evidence
from services.profile.core.person import Person, encode, facets
from services.profile.core.rules import Rules

MOST_BYTES = 8 * 1024


def snapshot(person: Person, now_ms: int, rules: Rules, key: str) -> Snapshot:
    """The person as the later stages may see them; what is lightest or oldest is left out beyond 8 KB."""
    digest, share = _hash(person), 1
    while True:
        look = Look(key, now_ms, person.newest_ms, rules, share)
        taken = Snapshot(**shown(person, look), version=person.events, hash=digest)
        if len(taken.model_dump_json().encode()) <= MOST_BYTES:
            return taken
        share *= 2


def bare(person: Person, now_ms: int, rules: Rules) -> Snapshot:
    """Which state it was, and its evidence, without lists: of a trigger that ends where its conversion came.

    Nothing was weighed then, so the reason says all.
    """
    weight_of = person.interests.weights(now_ms, person.newest_ms, rules.half_life_ms)
    return Snapshot(evidence=round(evidence(weight_of), 6), version=person.events, hash=_hash(person))


def shown(person: Person, look: Look) -> dict[str, Any]:
    """The fields of a snapshot that the facets fill."""
    fields: dict[str, Any] = {}
    for facet in facets(person):
        fields.update(facet.show(look))
    return fields


def _hash(person: Person) -> str:
    return hashlib.sha256(encode(person)).hexdigest()
