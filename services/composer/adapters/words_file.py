"""The words of every language a business writes: as shipped, with what its program folder says otherwise."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from schemas.program import Acts, Brand, Program
from schemas.words import ActWords, Words
from services.composer.adapters.babel_forms import BabelForms
from services.composer.core.gate.known import Known
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.locale import EVERY, Locale, Locales
from services.composer.core.proving import addressing_otherwise, fit_act, fit_words, knowing_nothing, plain_findings
from services.composer.core.values import Prompt
from services.runtime.outcome import Misconfigured
from services.runtime.program import checked, problems_of, read_words

FOLDER = Path(__file__).parents[1] / "words"
MOST_TOLD = 3  # phrases of the wrong form, of what may be all of a language


def read_locales(program: Program, folder: Path = FOLDER) -> Locales:
    """Each language of the brand by its code.

    Raises:
        Misconfigured: a language has no words, or a file of the business's says what it may not.
    """
    return {language: _locale(language, program, folder) for language in program.brand.languages}


def faults(program: Program, prompt: Prompt, lexicons: Lexicons, folder: Path = FOLDER) -> Iterator[str]:
    """What `read_locales` and `proven` have against each language of the brand, and not of the first alone."""
    for language in program.brand.languages:
        said = _said(language, program, folder)
        if said is not None and (problems := problems_of(said, Words)):
            yield from (f"words/{language}.yaml: {each}" for each in problems)
            continue
        try:
            _proven(_locale(language, program, folder), program.brand, prompt, lexicons)
        except Misconfigured as error:
            yield str(error)


def proven(locales: Locales, brand: Brand, prompt: Prompt, lexicons: Lexicons) -> Locales:
    """The same languages, without variants that the gate refuses.

    Raises:
        Misconfigured: of a phrase no variant is left, or the plainest mail would not pass: then some lead got none.
    """
    return {language: _proven(each, brand, prompt, lexicons) for language, each in locales.items()}


def _proven(locale: Locale, brand: Brand, prompt: Prompt, lexicons: Lexicons) -> Locale:
    where, known = f"words/{locale.language}.yaml", knowing_nothing(locale, brand, prompt, lexicons)
    _speaking_as_asked(locale, brand, known)
    words, empty = fit_words(locale, known)
    acts = {place: {event: fit_act(act, known) for event, act in told.items()} for place, told in locale.acts.items()}
    lost = [
        f"acts.{event}.{locale.language}.{key}"
        for told in acts.values()
        for event, (_, keys) in told.items()
        for key in keys
    ]
    if empty or lost:
        raise Misconfigured(
            f"{where}: {', '.join((*empty, *lost))}: expected a phrase that the gate passes; it refuses every one, as "
            "it does banned_claims of brand.yaml: write others in that file of the program folder, or, of acts, in "
            "signals.yaml or the playbook"
        )
    if findings := plain_findings(locale, brand, prompt, lexicons):
        said = "; ".join(f"{each.rule}: {each.detail}" for each in findings)
        raise Misconfigured(
            f"{where}: plain: expected words that the gate always passes; it refuses them ({said}): write others in "
            "that file of the program folder"
        )
    fitted = {place: {event: act for event, (act, _) in told.items()} for place, told in acts.items()}
    return replace(locale, words=words, acts=fitted)


def _speaking_as_asked(locale: Locale, brand: Brand, known: Known) -> None:
    wanted = brand.voice.address.get(locale.language)
    if wanted is None:
        return
    has = tuple(known.lexicon.address)
    if unknown := next((form for form in wanted if form not in has), None):
        raise Misconfigured(
            f"brand.yaml: voice.address.{locale.language}: expected {_forms(has)}, came {unknown!r}: take one of them, "
            f"or write the words that tell it under `address` in lexicons/{locale.language}.yaml of the program folder"
        )
    if other := addressing_otherwise(locale, known):
        raise Misconfigured(
            f"words/{locale.language}.yaml: expected phrases that speak as voice.address of brand.yaml says "
            f"({', '.join(wanted)}); {len(other)} do not: {'; '.join(other[:MOST_TOLD])}: write them so in "
            "that file of the program folder (acts in signals.yaml or the playbook), or ask for the form they speak"
        )


def _forms(has: tuple[str, ...]) -> str:
    return f"one of {', '.join(has)}" if has else "none, for this language has no forms that a rule could tell apart"


def _locale(language: str, program: Program, folder: Path) -> Locale:
    shipped, own = folder / f"{language}.yaml", program.words.get(language)
    said = _said(language, program, folder)
    if said is None:
        has = ", ".join(sorted(path.stem for path in folder.glob("*.yaml")))
        raise Misconfigured(
            f"words/{language}.yaml: not there, and brand.yaml writes in {language}; shipped are {has}: "
            "write that file in the program folder, or take the language out"
        )
    where = f"{shipped}" if own is None else f"words/{language}.yaml of the program folder"
    words = checked(where, said, Words)
    told = {EVERY: program.signals.acts, **{each.name: each.acts for each in program.playbooks}}
    acts = {place: _spoken(each, language) for place, each in told.items()}
    return Locale(language, words, BabelForms(where, words), acts)


def _said(language: str, program: Program, folder: Path) -> dict[str, Any] | None:
    """The words as shipped, and what the business says over them; None where neither has any."""
    shipped, own = folder / f"{language}.yaml", program.words.get(language)
    base: dict[str, Any] = read_words(shipped) if shipped.exists() else {}
    return None if not base and own is None else _over(base, own or {})


def _spoken(acts: Acts, language: str) -> dict[str, ActWords]:
    return {event.casefold(): by_language[language] for event, by_language in acts.items() if language in by_language}


def _over(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """What stands in the business's file instead of what is shipped; a mapping is laid over key by key."""
    return {**base, **{key: _laid(base.get(key), value) for key, value in own.items()}}


def _laid(under: Any, over: Any) -> Any:
    return {**under, **over} if isinstance(under, dict) and isinstance(over, dict) else over
