"""Whom a text names, with the keys that the installation's secret gives: of addresses, and of the tokens in mails."""

from schemas.identity import derived_key
from schemas.signing import UNSUBSCRIBE_SEAL, token_fields
from services.console.core.subject import Subject, subject_of
from services.runtime.siv_seal import SivSeal

MAX_TOKEN = 1_500  # characters, as ingest takes one


def subject_named(text: str, secret: bytes) -> Subject | None:
    """The subject whose ids, decisions and places are not known yet; None where the text names nobody."""
    seal, signed = SivSeal(derived_key(secret, UNSUBSCRIBE_SEAL)), derived_key(secret, "unsubscribe")

    def opened(token: str) -> tuple[str, ...] | None:
        if len(token) > MAX_TOKEN or not token.isascii():
            return None
        return seal.open(token) or token_fields(signed, token)

    return subject_of(text, derived_key(secret, "address"), opened)
