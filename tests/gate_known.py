"""What a test's texts let a line say."""

from collections.abc import Iterable

from services.composer.core.gate.known import Known
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.values import Prompt


def known_from(
    language: str, texts: Iterable[str], banned: tuple[str, ...], prompt: Prompt, lexicons: Lexicons
) -> Known:
    """What may be said, from the texts that may be quoted, each as if the course or the brand said it."""
    return Known(language, lexicons, prompt, banned=banned).saying(texts)
