"""What an address refuses, folded from its suppressions. It only ever tightens, save by a signed lift."""

from schemas.email import Suppression
from schemas.signing import is_signed


def fold(refused: frozenset[str], suppression: Suppression, key: bytes) -> frozenset[str]:
    """The purposes refused after this record; a lift without our signature changes nothing. Law: idempotent."""
    purposes = frozenset(suppression.purposes)
    if suppression.state == "suppressed":
        return refused | purposes
    if not _is_lift(suppression, key):
        return refused
    return frozenset() if "*" in purposes else refused - purposes


def _is_lift(suppression: Suppression, key: bytes) -> bool:
    signed = suppression.model_dump(mode="json", exclude={"signature"})
    return suppression.signature is not None and is_signed(key, signed, suppression.signature)
