"""The words of a language are a file; a business adds languages and replaces phrases."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas.program import Program
from schemas.words import ActWords, Words
from services.composer.__main__ import serve
from services.composer.adapters.words_file import FOLDER, proven, read_locales
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.values import Prompt
from services.composer.settings import ComposerSettings
from services.runtime.outcome import Misconfigured
from services.runtime.program import read_program, read_words
from tests.eight_languages import business
from tests.processes import new_process

ACADEMY = Path(__file__).parents[3] / "examples" / "academy"


def _writing(program: Program, *languages: str, banned: tuple[str, ...] = (), **words: Any) -> Program:
    brand = program.brand.model_copy(update={"languages": languages, "banned_claims": banned})
    return program.model_copy(update={"brand": brand, "words": words})


def test_a_business_replaces_what_it_names(program: Program) -> None:
    """The rest is as shipped."""
    own = read_locales(_writing(program, "en", en={"closing": ["Yours,"]}))["en"].words
    shipped = read_locales(_writing(program, "en"))["en"].words
    assert own.closing == ("Yours,",)
    assert own.model_copy(update={"closing": shipped.closing}) == shipped


NOTES = {
    "en": "note", "es": "nota", "de": "notiz", "fr": "note", "pt": "nota", "it": "appunt", "nl": "notit",
    "ja": "ヒント",
}  # fmt: skip
BESIDE_NOTES = {"source", "lesson", "lesson_title", "lesson_titles"}  # said only where there are some


@pytest.mark.parametrize("language", NOTES)
def test_a_phrase_that_speaks_of_notes_needs_some(language: str, program: Program) -> None:
    """A mail without notes, as about a course in another language, promises none."""
    words = read_locales(_writing(program, language))[language].words
    acts = [words.act, *(each[language] for each in program.signals.acts.values() if language in each)]
    said = [words.model_dump(mode="json", exclude=BESIDE_NOTES), *(each.model_dump(mode="json") for each in acts)]
    speaking = [text for text in _texts(said) if NOTES[language] in text.casefold()]
    assert speaking
    assert [text for text in speaking if not re.search(r"\{(count|Count|note)\}", text)] == []


def test_a_business_replaces_one_phrase_of_several(program: Program) -> None:
    """A mapping is laid over key by key: the rest of the plainest mail is as shipped."""
    own = read_locales(_writing(program, "en", en={"plain": {"subject": "A course for you, perhaps"}}))["en"].words
    shipped = read_locales(_writing(program, "en"))["en"].words.plain
    assert own.plain == shipped.model_copy(update={"subject": "A course for you, perhaps"})


async def test_the_composer_does_not_start_without_the_words_of_a_language(tmp_path: Path) -> None:
    """Before anything is waited for, and by the name of the file that lacks."""
    folder = tmp_path / "program"
    shutil.copytree(ACADEMY, folder)
    brand = (folder / "brand.yaml").read_text(encoding="utf-8")
    danish = re.sub(r"address: \{.*?\}", "address: {}", re.sub(r"languages: \[.*?\]", "languages: [da]", brand))
    (folder / "brand.yaml").write_text(danish, encoding="utf-8")
    settings = ComposerSettings.model_validate(
        {"kafka_bootstrap_servers": "127.0.0.1:9", "secret": "a secret of a test", "program": str(folder)}
    )
    with pytest.raises(Misconfigured, match=r"^words/da\.yaml: not there, and brand\.yaml writes in da; shipped are"):
        await serve(settings, new_process("composer"))


def test_a_language_of_the_brand_without_words_is_refused(program: Program) -> None:
    """By the name of the file that lacks, with what to do."""
    with pytest.raises(Misconfigured, match=r"^words/sv\.yaml: not there, and brand\.yaml writes in sv; shipped are"):
        read_locales(_writing(program, "en", "sv"))


def test_a_business_brings_a_language_of_its_own(program: Program) -> None:
    """A whole file; one that lacks a key says which."""
    whole = yaml.safe_load((FOLDER / "en.yaml").read_text(encoding="utf-8"))
    made = read_locales(_writing(program, "sv", sv={**whole, "locale": "sv"}))
    assert made["sv"].forms.joined(("a", "b")) == "a och b"
    with pytest.raises(
        Misconfigured, match=r"^words/sv\.yaml of the program folder: closing: expected, and nothing came"
    ):
        read_locales(_writing(program, "sv", sv={key: value for key, value in whole.items() if key != "closing"}))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"closng": ["x"]}, "closng: expected no field of this name"),
        ({"closing": []}, "closing: expected at least 1, 0 came"),
        ({"closing": ["{name},"]}, r"closing\.0: .*expected no slot but none; \{name\} came"),
        ({"source": ["From {tittle}."]}, r"source\.0: .*expected no slot but .*\{title\}.*; \{tittle\} came"),
        ({"source": ["From {title!r}."]}, r"source\.0: .*expected no slot but"),
        ({"source": ["From {title"]}, r"source\.0: .*expected slots in braces"),
        ({"locale": "en_XX"}, "locale: expected one of CLDR, such as en_GB; en_XX came"),
        ({"locale": "pl"}, "lessons: expected few, many as well"),
        ({"lessons": {"one": "{n} lesson", "few": "{n}", "many": "{n}", "some": "{n}"}}, r"lessons\.some"),
    ],
)
def test_what_a_business_writes_wrong_is_named(program: Program, words: dict[str, Any], said: str) -> None:
    """The file, the key, what was expected and what came."""
    with pytest.raises(Misconfigured, match=rf"^words/en\.yaml of the program folder: {said}"):
        read_locales(_writing(program, "en", en=words))


def test_a_phrase_that_the_brand_bans_is_never_chosen(program: Program, prompt: Prompt, lexicons: Lexicons) -> None:
    """Of the variants those stay that the gate passes."""
    banning = _writing(program, "en", banned=("kind regards",))
    closing = proven(read_locales(banning), banning.brand, prompt, lexicons)["en"].words.closing
    assert closing == tuple(
        each for each in read_locales(banning)["en"].words.closing if "kind regards" not in each.lower()
    )


def test_words_that_leave_a_place_empty_are_refused(program: Program, prompt: Prompt, lexicons: Lexicons) -> None:
    """At the start, by the key, not at the first mail."""
    banning = _writing(program, "en", en={"closing": ["With kind regards,"]}, banned=("kind regards",))
    with pytest.raises(Misconfigured, match=r"^words/en\.yaml: closing: expected a phrase that the gate passes"):
        proven(read_locales(banning), banning.brand, prompt, lexicons)


def test_plain_words_that_would_not_pass_are_refused(program: Program, prompt: Prompt, lexicons: Lexicons) -> None:
    """The plainest mail has to pass whatever comes, so it is proved before anything does."""
    banning = _writing(program, "en", banned=("that may help",))
    with pytest.raises(Misconfigured, match=r"^words/en\.yaml: plain: .*banned_claim: that may help"):
        proven(read_locales(banning), banning.brand, prompt, lexicons)


@pytest.mark.parametrize("language", sorted(path.stem for path in Path(FOLDER).glob("*.yaml")))
def test_every_shipped_phrase_passes_the_gate(
    program: Program, prompt: Prompt, lexicons: Lexicons, language: str
) -> None:
    """None of them is dropped, and the plainest mail of each language passes."""
    writing = _writing(program, language)
    shipped = read_locales(writing)
    assert proven(shipped, writing.brand, prompt, lexicons)[language].words == shipped[language].words


def test_every_phrase_of_an_act_of_the_academy_passes_the_gate(prompt: Prompt, lexicons: Lexicons) -> None:
    """None is left out without anybody having seen it."""
    academy = read_program(ACADEMY)
    shipped = read_locales(academy.model_copy(update={"brand": business().brand}))
    fitted = proven(shipped, academy.brand, prompt, lexicons)
    assert {language: each.acts for language, each in fitted.items()} == {
        language: each.acts for language, each in shipped.items()
    }


def test_every_act_of_the_academy_is_named_in_every_shipped_language() -> None:
    """None is spoken of neutrally where another language names it."""
    shipped = {path.stem for path in Path(FOLDER).glob("*.yaml")}
    acts = read_program(ACADEMY).signals.acts
    assert {event: set(told) for event, told in acts.items()} == dict.fromkeys(acts, shipped)


def test_an_act_that_the_gate_refuses_whole_is_named(program: Program, prompt: Prompt, lexicons: Lexicons) -> None:
    """At the start, by event, language and key."""
    banning = _writing(program, "en", banned=("put it into practice",))
    with pytest.raises(Misconfigured, match=r"^words/en\.yaml: acts\.guide downloaded\.en\.fit: expected a phrase"):
        proven(read_locales(banning), banning.brand, prompt, lexicons)


def test_no_event_of_a_business_stands_in_the_code() -> None:
    """What the lead did, and how a mail speaks of it, is data."""
    events = {name for each in read_program(ACADEMY).playbooks for name in each.entry}
    code = "".join(path.read_text(encoding="utf-8") for path in Path(FOLDER).parent.rglob("*.py"))
    shipped = "".join(path.read_text(encoding="utf-8") for path in Path(FOLDER).glob("*.yaml"))
    assert [event for event in sorted(events) if event.casefold() in (code + shipped).casefold()] == []


@pytest.mark.parametrize("language", sorted(path.stem for path in Path(FOLDER).glob("*.yaml")))
def test_no_shipped_phrase_has_a_straight_quotation_mark(language: str) -> None:
    """Nor an apostrophe: each language has its own, and French a space that does not break before its colons."""
    words = read_words(FOLDER / f"{language}.yaml")
    phrases = [text for key, value in words.items() if key not in {"language", "quotes"} for text in _texts(value)]
    assert [text for text in phrases if "'" in text or '"' in text] == []
    assert [text for text in phrases if language == "fr" and re.search(r"[^\u00a0][:;?!]", text)] == []


def _texts(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for each in value for text in _texts(each)]
        case dict():
            return [text for each in value.values() for text in _texts(each)]
        case _:
            return []


def test_the_page_tells_every_key_and_slot() -> None:
    """What a business may write, on one page beside the files."""
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    keys = {*Words.model_fields, *ActWords.model_fields} - {"language"}
    shipped = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.yaml"))
    assert [key for key in sorted(keys) if f"`{key}`" not in page and f"`{key}: false`" not in page] == []
    assert {slot for slot in re.findall(r"{\w+}", shipped) if f"`{slot}`" not in page} == set()
