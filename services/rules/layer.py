"""Safety as one question: which rule of it refuses a text, before it is a fact of anything."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from services.rules.characters import hidden, styled
from services.rules.cited import NOTHING, Cited
from services.rules.confusables import mixed_script
from services.rules.contact import contact
from services.rules.links import link
from services.rules.markup import encoded_word, markup, placeholder
from services.rules.request import request
from services.rules.safety import Safety
from services.rules.speech import injection, model_refusal

_Rule: TypeAlias = Callable[[str, str, Cited, Safety], str | None]
LAYER: Mapping[str, _Rule] = {
    "characters": lambda text, language, _cited, _safety: hidden(text) or styled(text, language),
    "mixed_script": lambda text, _language, _cited, _safety: mixed_script(text),
    "encoded_word": lambda text, _language, _cited, _safety: encoded_word(text),
    "link": lambda text, _language, _cited, safety: link(text, safety.suffix_of),
    "markup": lambda text, _language, _cited, _safety: markup(text),
    "placeholder": lambda text, _language, _cited, _safety: placeholder(text),
    "contact": lambda text, _language, _cited, _safety: contact(text),
    "request": lambda text, language, cited, safety: request(text, language, cited, safety.lexicon),
    "injection": lambda text, language, cited, safety: injection(text, language, cited, safety.lexicon),
    "model_refusal": lambda text, language, cited, safety: model_refusal(text, language, cited, safety.lexicon),
}


def refusing(text: str, language: str, safety: Safety, cited: Cited = NOTHING) -> str | None:
    """The name of the first rule that refuses the text; None where it is safe. What is cited may be talked about."""
    return next((name for name, rule in LAYER.items() if rule(text, language, cited, safety) is not None), None)
