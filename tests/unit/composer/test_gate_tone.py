"""How the brand speaks is data: its form of address, the words it does not use, how loud it is, as a rule."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from schemas.program import Brand, Program
from schemas.recommendation import Recommendation
from schemas.signing import content_hash
from schemas.voice import SILENT, Voice
from services.composer.adapters.words_file import proven, read_locales
from services.composer.core.asking import question
from services.composer.core.brief import brief_of
from services.composer.core.gate import judge
from services.composer.core.gate.facts import fact_of
from services.composer.core.gate.known import Known, ground_from
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.gate.tone import tone, whole
from services.composer.core.locale import Locales
from services.composer.core.proving import addressing_otherwise, fit_words, knowing_nothing, proven_copy
from services.composer.core.values import Brief, Copy, Prompt, Sentence
from services.runtime.outcome import Misconfigured
from tests.unit.composer.conftest import BRAND

# The language, what the brand asks for, a line that speaks otherwise, and what is seen in it.
SPEAKS = [
    ("es", ("usted",), "Empieza por tu lista.", "tu (tú)"),
    ("es", ("tú",), "Así escribe usted mejor.", "usted (usted)"),
    ("es", ("tú",), "Un curso para su empresa.", "su empresa (usted or ustedes)"),
    ("es", ("tú",), "Un curso para vuestra tienda.", "vuestra (vosotros)"),
    ("es", ("usted",), "Así lo ven ustedes.", "ustedes (ustedes)"),
    ("de", ("Sie",), "So schreibst du besser.", "du (du)"),
    ("de", ("Sie",), "Ein Kurs für euch.", "euch (ihr)"),
    ("de", ("du",), "So schreiben Sie besser.", "Sie (Sie)"),
    ("fr", ("vous",), "Ce cours t\u2019aide.", "t' (tu)"),
    ("fr", ("tu",), "Un cours pour votre liste.", "votre (vous)"),
    ("pt", ("você",), "Um curso para a tua lista.", "tua (tu)"),
    ("pt", ("tu",), "Um curso para você.", "você (você)"),
    ("it", ("tu",), "Un corso per Lei.", "Lei (Lei)"),
    ("it", ("Lei",), "Un corso per la tua lista.", "tua (tu)"),
    ("nl", ("je",), "Een cursus voor uw lijst.", "uw (u)"),
    ("nl", ("u",), "Een cursus voor jouw lijst.", "jouw (je)"),
]
SHIPPED = {"es": "tú", "de": "Sie", "fr": "vous", "pt": "você", "it": "tu", "nl": "je"}


@pytest.fixture
def known(lexicons: Lexicons) -> Callable[..., Known]:
    """What a line may say that cites these facts, in this language and voice."""

    def build(language: str, voice: dict[str, Any], **facts: str) -> Known:
        cited = tuple(fact_of(name.replace("_", ":"), text) for name, text in facts.items())
        bare = ground_from(language, cited, judge.NO_PROMPT, lexicons).known
        return replace(bare, voice=Voice.model_validate(voice))

    return build


@pytest.fixture
def started(program: Program, prompt: Prompt, lexicons: Lexicons) -> Callable[..., Locales]:
    """The words of this language as the composer starts with them, where the brand has this voice."""

    def start(language: str, voice: dict[str, Any]) -> Locales:
        speaking = _speaking(program, voice, language)
        return proven(read_locales(speaking), speaking.brand, prompt, lexicons)

    return start


@pytest.fixture
def job_told(program: Program, prompt: Prompt, lexicons: Lexicons, locales: Locales) -> Callable[..., Brief]:
    """The brief of this recommendation, where the brand has this voice."""
    return lambda given, voice: brief_of(given, _speaking(program, voice), prompt, lexicons, locales)


@pytest.mark.parametrize(("language", "wanted", "text", "seen"), SPEAKS)
def test_another_form_of_address_is_named_with_its_word(
    language: str, wanted: tuple[str, ...], text: str, seen: str, known: Callable[..., Known]
) -> None:
    """And nothing is where the brand asks for that form, or for none."""
    assert tone(text, known(language, {"address": {language: wanted}})) == f"{seen}, expected {wanted[0]}"
    form = seen.partition("(")[2].rstrip(")").partition(" or ")[0]
    assert tone(text, known(language, {"address": {language: (form,)}})) is None
    assert tone(text, known(language, {})) is None


@pytest.mark.parametrize(
    ("language", "wanted", "text"),
    [
        ("de", "du", "Sie zeigt, wie Kundinnen und ihr Laden eine Liste führen."),
        ("es", "usted", "Una taza de té para él y otra para mí."),
        ("fr", "vous", "Le ton d\u2019une lettre, c\u2019est la moitié du travail."),
        ("it", "tu", "Dice che lei conosce la sua lista."),
    ],
)
def test_what_only_looks_like_another_form_passes(
    language: str, wanted: str, text: str, known: Callable[..., Known]
) -> None:
    """A capital counts inside a sentence alone, an accent counts, and a word of two meanings is none of the list."""
    assert tone(text, known(language, {"address": {language: (wanted,)}})) is None


def test_a_brand_may_speak_two_forms(known: Callable[..., Known]) -> None:
    """Singular and plural."""
    both = known("es", {"address": {"es": ("tú", "vosotros")}})
    assert tone("Tu lista y vuestra tienda.", both) is None
    assert tone("Su empresa y usted.", both) == "usted (usted), expected tú, vosotros"


def test_what_others_said_is_theirs(known: Callable[..., Known]) -> None:
    """A title in quotation marks, a sentence of the course, the lead's own goal; beside them the rule holds."""
    voice = {"exclamation_marks": 0, "address": {"es": ["usted"]}, "avoids": {"es": ["truco"]}}
    cited = known("es", voice, course_title="¡Haz crecer tu truco!", fact_goal="vender en tu barrio")
    for text in ("El curso «¡Haz crecer tu truco!» empieza aquí.", "Para vender en tu barrio, el curso."):
        assert tone(text, cited) is None
    assert tone("Para vender en tu barrio, un truco.", cited) == "truco"
    assert tone("Para vender en tu barrio, tu curso.", cited) == "tu (tú), expected usted"
    assert tone("El curso «¡Haz crecer tu truco!» empieza aquí!", cited) == "1 exclamation marks, expected at most 0"


@pytest.mark.parametrize(
    ("language", "avoided", "text", "passes"),
    [
        ("en", "leverage", "Leverage your list.", "A lever age of lists."),
        ("es", "fórmula mágica", "La FORMULA magica.", "La fórmula."),
        ("ja", "絶対", "絶対に役立つ講座です。", "役立つ講座です。"),
    ],
)
def test_a_word_the_brand_does_not_use_is_refused(
    language: str, avoided: str, text: str, passes: str, known: Callable[..., Known]
) -> None:
    """In its language, as whole words where words stand apart, whatever its case and accents."""
    voice = {"avoids": {language: [avoided]}}
    assert tone(text, known(language, voice)) == avoided
    assert tone(passes, known(language, voice)) is None
    assert tone(text, known("pt", voice)) is None


def test_exclamation_marks_are_counted_in_a_line_and_in_a_mail(
    brief: Callable[..., Brief], prompt: Prompt, known: Callable[..., Known]
) -> None:
    """Whole-width ones too; of a mail all a model's lines together, the house's never."""
    assert tone("見てください!", known("ja", {"exclamation_marks": 0})) == "1 exclamation marks, expected at most 0"
    assert tone("One! Two!", known("en", {"exclamation_marks": 2})) is None
    loud = Copy("A list!", "Its mails!", (Sentence("One.", ("course:title",)),), "See it")
    speaking = replace(brief(), voice=Voice(exclamation_marks=1))
    assert whole(loud, speaking) == "2 exclamation marks, expected at most 1"
    assert whole(loud, brief()) is None
    assert whole(replace(loud, author="house"), speaking) is None
    named = {each.rule for each in judge.judge(loud, speaking, prompt)}
    assert "tone" in named


@pytest.mark.parametrize(
    ("where", "language", "pieces"),
    [("TONE", "de", ("Ein Kurs für dich", "Mit Ihrer Liste")), ("WHOLE", "en", ("A list!", "A mail!"))],
)
def test_the_rule_switched_off_lets_its_mail_through(
    where: str, language: str, pieces: tuple[str, str], brief: Callable[..., Brief], monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of a line, and that of a whole mail, whose lines each keep to the number."""
    voice = Voice.model_validate({"exclamation_marks": 1, "address": {"de": ["Sie"]}})
    speaking = replace(brief(), voice=voice, locale=replace(brief().locale, language=language))
    spoken = Copy(*pieces, (), "See it")
    assert "tone" in {each.rule for each in judge.judge(spoken, speaking, judge.NO_PROMPT)}
    left = {rule: each for rule, each in getattr(judge, where).items() if rule != "tone"}
    monkeypatch.setattr(judge, where, left)
    assert "tone" not in {each.rule for each in judge.judge(spoken, speaking, judge.NO_PROMPT)}


def test_the_writer_is_told_the_voice_as_data(brief: Callable[..., Brief], prompt: Prompt) -> None:
    """The words with what may not be said; nothing of a voice that says nothing, or nothing for this language."""
    voice = Voice.model_validate(
        {"exclamation_marks": 1, "address": {"en": ["you", "ye"], "es": ["tú"]}, "avoids": {"en": ["hack"]}}
    )
    told = orjson.loads(question(replace(brief(), voice=voice), prompt).user)
    assert told["never_say"] == [*brief().banned, "hack"]
    assert (told["address"], told["most_exclamation_marks"]) == ("you, ye", 1)
    silent = orjson.loads(question(brief(), prompt).user)
    assert silent["never_say"] == [*brief().banned]
    assert not {"address", "most_exclamation_marks"} & set(silent)


def test_a_job_that_does_not_speak_as_the_brand_is_left_out(
    recommendation: Callable[..., Recommendation], job_told: Callable[..., Brief]
) -> None:
    """A model wrote it and the house's own words quote it; the record says by which rule."""
    loud = recommendation({"job.text": "Set up automated email sequences now!"})
    assert job_told(loud, {}).job
    brief = job_told(loud, {"exclamation_marks": 0})
    assert brief.job is None
    assert [each.rule for each in brief.not_told if each.field == "fact:job"] == ["tone"]
    assert brief.voice == Voice(exclamation_marks=0)


@pytest.mark.parametrize(("language", "form"), SHIPPED.items())
def test_each_file_of_words_speaks_one_form(
    language: str, form: str, started: Callable[..., Locales], lexicons: Lexicons
) -> None:
    """A brand that asks for it starts; one that asks for another is told the file, the form and a phrase."""
    speaking = started(language, {"address": {language: [form]}})[language]
    assert speaking.words == started(language, {})[language].words
    for other in set(lexicons.of(language).address) - {form}:
        with pytest.raises(Misconfigured, match=rf"^words/{language}\.yaml: expected phrases .*\({other}\); .*{form}"):
            started(language, {"address": {language: [other]}})


@pytest.mark.parametrize(
    ("language", "form", "said"),
    [
        ("es", "du", "expected one of tú, usted, vosotros, ustedes, came 'du'"),
        ("ja", "あなた", "expected none, for this language has no forms that a rule could tell apart, came 'あなた'"),
    ],
)
def test_a_form_that_no_lexicon_tells_is_refused_at_the_start(
    language: str, form: str, said: str, started: Callable[..., Locales]
) -> None:
    """Else the rule would be silent, and nobody would know."""
    with pytest.raises(Misconfigured, match=rf"^brand\.yaml: voice\.address\.{language}: {said}"):
        started(language, {"address": {language: [form]}})


def test_an_act_in_another_form_is_named(program: Program, prompt: Prompt, lexicons: Lexicons) -> None:
    """By event, language and key: the words of a language may be right and those of the business not."""
    asking = _speaking(program, {"address": {"es": ["usted"]}}, "es")
    spanish = read_locales(asking)["es"]
    found = addressing_otherwise(spanish, knowing_nothing(spanish, asking.brand, prompt, lexicons))
    assert "acts.guide downloaded.es.thanks.1: te (tú), expected usted" in found
    assert "language: tú (tú), expected usted" in found


def test_a_phrase_of_the_house_that_breaks_the_voice_is_never_chosen(
    program: Program, prompt: Prompt, lexicons: Lexicons
) -> None:
    """Of those beside the copy too; the mail that is left is silent and plain."""
    avoiding = _speaking(program, {"avoids": {"en": ["hello there", "worth a look"]}}, "en")
    locale = read_locales(avoiding)["en"]
    words, empty = fit_words(locale, knowing_nothing(locale, avoiding.brand, prompt, lexicons))
    assert words.greeting == tuple(each for each in locale.words.greeting if each != "Hello there,")
    assert not any(each.startswith("Worth a look") for each in words.subjects)
    assert empty == ()


def test_the_lowest_rung_is_a_mail_in_any_voice(brief: Callable[..., Brief], prompt: Prompt) -> None:
    """The rule judges what a model says: a quoted title with a mark is the catalogue's."""
    loud = replace(brief({"course.title": "Email, now!"}), voice=Voice(exclamation_marks=0))
    copy, findings = proven_copy(loud, prompt)
    assert copy.author == "house"
    assert findings == ()


def test_a_voice_of_a_language_that_is_not_the_brands_is_refused() -> None:
    """A slip of the pen would silently hold nobody to anything."""
    assert Brand.model_validate({**BRAND, "voice": {"address": {"es": ["tú"]}}}).voice.languages == {"es"}
    with pytest.raises(ValidationError, match=r"voice: expected languages of the brand \(en, es\), came 'ge'"):
        Brand.model_validate({**BRAND, "voice": {"avoids": {"ge": ["Hack"]}}})


def test_a_brand_that_says_nothing_of_it_is_as_it_was(program: Program) -> None:
    """Its hash too, by which decisions name the program."""
    assert program.brand.voice == SILENT
    assert "voice" not in program.model_dump(mode="json")["brand"]
    spoken = _speaking(program, {"exclamation_marks": 0})
    assert content_hash(spoken.model_dump(mode="json")) != content_hash(program.model_dump(mode="json"))


def _speaking(program: Program, voice: dict[str, Any], *languages: str) -> Program:
    update = {"voice": Voice.model_validate(voice), "languages": languages or program.brand.languages}
    return program.model_copy(update={"brand": program.brand.model_copy(update=update)})
