"""Words that are no part of a mail: to a model, of a model, of the prompt, and claims the brand never makes."""

from collections.abc import Iterable

from services.rules.cited import Cited
from services.rules.folding import read, sentences, squeezed, tokens
from services.rules.lexicon import Lexicon, is_telling

LEAK_WORDS = 8  # so many words of a prompt in a row are no accident
SQUEEZED_LEAST = 8  # letters of a banned claim below which gluing words together would find it by accident


def injection(text: str, language: str, cited: Cited, lexicon: Lexicon) -> str | None:
    """Words that talk to a model; its terms of art (`jailbreak`) where neither course nor brand is about them."""
    return _said(text, language, "injection", lexicon) or _said(text, language, "prompting", lexicon, cited)


def model_refusal(text: str, language: str, cited: Cited, lexicon: Lexicon) -> str | None:
    """Somebody who says "I", or a model speaking of itself, where neither course nor brand does: a brand says "we"."""
    return _said(text, language, "refusal", lexicon, cited) or _said(text, language, "self", lexicon, cited)


def banned_claim(text: str, banned: Iterable[str]) -> str | None:
    """A claim the brand never makes, whatever its case, accents and spacing."""
    said, letters = _phrase(text), squeezed(text)
    for claim in banned:
        tight = squeezed(claim)
        if tight and (_phrase(claim) in said or (len(tight) >= SQUEEZED_LEAST and tight in letters)):
            return claim
    return None


def prompt_leak(text: str, canary: str, prompt_runs: frozenset[tuple[str, ...]]) -> str | None:
    """The prompt's canary, or a long run of its words."""
    if squeezed(canary) and squeezed(canary) in squeezed(text):
        return "the canary"
    shared = runs(text) & prompt_runs
    return " ".join(min(shared)) if shared else None


def runs(text: str) -> frozenset[tuple[str, ...]]:
    """Every run of `LEAK_WORDS` folded words."""
    said = tokens(text)
    return frozenset(said[start : start + LEAK_WORDS] for start in range(len(said) - LEAK_WORDS + 1))


def _phrase(text: str) -> str:
    return f" {' '.join(tokens(text))} "


def _said(text: str, language: str, kind: str, lexicon: Lexicon, cited: Cited | None = None) -> str | None:
    for sentence in sentences(read(text)):
        for each in lexicon.found(sentence):
            is_meant = each.kind == kind and (each.language == language or is_telling((each,)))
            if is_meant and not (cited is not None and cited.speaks_of(each.text)):
                return each.text
    return None
