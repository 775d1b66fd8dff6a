"""The rules of safety as the gate asks them: what no text may hold, whoever wrote it."""

from services.composer.core.gate.known import Known
from services.rules import characters as drawn
from services.rules import confusables, links, speech
from services.rules import contact as reach
from services.rules import markup as marks
from services.rules import request as requests
from services.rules import watching as watched


def characters(text: str, known: Known) -> str | None:
    """Characters nobody sees, marks that draw over others, and letters in a costume."""
    return drawn.hidden(text) or drawn.styled(text, known.language)


def mixed_script(text: str, _: Known) -> str | None:
    """Words that only look as if they were written in Latin letters."""
    return confusables.mixed_script(text)


def encoded_word(text: str, _: Known) -> str | None:
    """What could smuggle a header, and code that only a machine reads."""
    return marks.encoded_word(text)


def link(text: str, known: Known) -> str | None:
    """An address of the web in any spelling."""
    return links.link(text, known.safety.suffix_of)


def markup(text: str, _: Known) -> str | None:
    """HTML, Markdown or chat-template marks."""
    return marks.markup(text)


def placeholder(text: str, _: Known) -> str | None:
    """A slot nobody filled."""
    return marks.placeholder(text)


def contact(text: str, _: Known) -> str | None:
    """An address, a telephone number, an account or a wallet of anybody."""
    return reach.contact(text)


def banned_claim(text: str, known: Known) -> str | None:
    """A claim the brand never makes."""
    return speech.banned_claim(text, known.banned)


def request(text: str, known: Known) -> str | None:
    """Something asked of the reader beside opening the course."""
    return requests.request(text, known.language, known.cited, known.safety.lexicon)


def injection(text: str, known: Known) -> str | None:
    """Words that talk to a model, not to a reader."""
    return speech.injection(text, known.language, known.cited, known.safety.lexicon)


def prompt_leak(text: str, known: Known) -> str | None:
    """The prompt's canary, or a long run of its words."""
    return speech.prompt_leak(text, known.canary, known.prompt_runs)


def watching(text: str, known: Known) -> str | None:
    """Words that tell a reader somebody watches."""
    return watched.watching(text, known.language, known.cited, known.safety.lexicon)


def model_refusal(text: str, known: Known) -> str | None:
    """A model speaking of itself."""
    return speech.model_refusal(text, known.language, known.cited, known.safety.lexicon)
