"""Which language a row is taken in by: its word's, or its text's."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from schemas.course import Course
from services.recommender.core.import_language import (
    COMMON,
    FEWEST_LETTERS,
    HARDLY,
    HOLDS,
    LIKELY,
    SURE,
    SURE_OF_A_TITLE,
    Difference,
    as_taken,
    difference,
)
from services.recommender.core.language_names import NAMES, names_language
from services.runtime.py3langid_language import LANGUAGES, Py3langidLanguage

CourseOf = Callable[..., Course]
COLLEGE = Path(__file__).parents[3] / "bench" / "judged" / "college.jsonl"
SPANISH = {"title": "Gestión del tiempo", "description": "Para quien nunca llega a la hora."}
LIES = {
    "kasse-richtig-fuehren": "de",
    "small-talk-for-the-salon-chair": "en",
    "kitchen-knives-grinding-day": "en",
    "night-school-for-late-readers-of-drawings": "en",
    "estadistica-para-curiosos": "es",
    "reseaux-et-cablage": "fr",
    "oldtimer-stammtisch": "de",
    "service-en-salle": "fr",
    "spielideen-fuer-regentage": "de",
    "gestion-del-tiempo": "es",
    "relances-telephoniques": "fr",
    "werbung-die-wirkt": "de",
    "personal-im-kleinbetrieb": "de",
}


@pytest.fixture(scope="module")
def real() -> Py3langidLanguage:
    """The detector that imports use."""
    return Py3langidLanguage()


def told_of(course: Course, found: Mapping[str, float], pieces: Mapping[str, float] | None = None) -> Difference | None:
    """The difference where the whole text is in these languages, and a piece of it in those."""
    asked: list[str] = []

    def detect(text: str) -> Mapping[str, float]:
        asked.append(text)
        return found if len(asked) == 1 or pieces is None else pieces

    return difference(7, course, detect)


def test_a_sure_text_is_taken(course_of: CourseOf) -> None:
    """The sentence has the id, both languages, which is taken, and why."""
    course = course_of("tiempo", **SPANISH)
    told = told_of(course, {"es": SURE, "en": 1 - SURE - 0.04})
    assert told is not None
    assert (told.line, told.says, told.found, told.taken, told.is_taken) == (7, "en", "es", "es", True)
    assert told.sentence == (
        "tiempo: language: the row says 'en', its text seems to be 'es' (95% sure): 'es' is taken, since the text is "
        "long enough, and sure"
    )
    assert as_taken(course, told) == course_of("tiempo", **SPANISH, language="es")


def test_nobody_is_wholly_sure(course_of: CourseOf) -> None:
    """A probability that rounds to 1 is not said as such."""
    told = told_of(course_of("tiempo", **SPANISH), {"es": 1.0, "en": 0.0})
    assert told is not None
    assert "(99% sure)" in told.sentence


def test_a_text_less_sure_leaves_the_rows_word(course_of: CourseOf) -> None:
    """It is told all the same."""
    course = course_of("tiempo", **SPANISH)
    told = told_of(course, {"es": SURE - 0.01, "en": HARDLY})
    assert told is not None
    assert (told.taken, told.why) == ("en", "95% are asked of title and description")
    assert told.sentence.endswith("'en' stands, since 95% are asked of title and description")
    assert as_taken(course, told) == course


def test_more_is_asked_of_a_title_alone(course_of: CourseOf) -> None:
    """It may be a name."""
    course = course_of("tiempo", title="Gestión del tiempo", description="  ")
    less = told_of(course, {"es": SURE, "en": 0.0})
    enough = told_of(course, {"es": SURE_OF_A_TITLE, "en": 0.0})
    assert (less and less.taken, enough and enough.taken) == ("en", "es")
    assert less is not None
    assert less.why == "97% are asked of a title alone"


def test_a_title_alone_in_the_common_language_is_never_taken(course_of: CourseOf) -> None:
    """A course in Arabic is called "Machine learning" too."""
    told = told_of(course_of("ml", title="Machine learning", description="", language="ar"), {COMMON: 0.99, "ar": 0.0})
    assert told is not None
    assert (told.taken, "title alone" in told.why) == ("ar", True)
    described = course_of("ml", title="Machine learning", description="What a machine learns.", language="ar")
    told = told_of(described, {COMMON: 0.99, "ar": 0.0})
    assert told is not None
    assert told.taken == COMMON


def test_a_text_that_speaks_of_the_rows_language_is_never_taken(course_of: CourseOf) -> None:
    """It says what is spoken there, in another one."""
    course = course_of("it", title="Italian for beginners", description="Said in English.", language="it")
    told = told_of(course, {"en": 0.999, "it": 0.0})
    assert told is not None
    assert (told.taken, "speaks of 'it'" in told.why) == ("it", True)


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ({"en": 0.9, "es": 0.1}, "the text is in the row's language"),
        ({"en": HARDLY + 0.01, "es": 1 - HARDLY - 0.01}, "it may be in the row's language"),
        ({"en": HARDLY, "es": LIKELY - 0.01, "pt": 0.49}, "no language is likely"),
        ({"es": 1.0}, "the row's language is not known"),
        ({}, "the text shows no language"),
    ],
)
def test_what_cannot_be_told_is_not(found: Mapping[str, float], why: str, course_of: CourseOf) -> None:
    """And the row's word stands without a line."""
    assert told_of(course_of("tiempo", **SPANISH), found) is None, why


def test_a_short_text_is_not_asked_about(course_of: CourseOf) -> None:
    """Letters count; figures and signs do not."""
    sure = {"es": 1.0, "en": 0.0}
    short = "a" * (FEWEST_LETTERS - 1)
    assert told_of(course_of("one", title=f"{short} 2026!", description=""), sure) is None
    assert told_of(course_of("one", title=f"{short}a", description=""), sure) is not None


def test_a_withdrawn_course_is_not_asked_about(course_of: CourseOf) -> None:
    """Nobody is shown it."""
    assert told_of(course_of("tiempo", **SPANISH, status="withdrawn"), {"es": 1.0, "en": 0.0}) is None


def test_a_text_in_two_languages_is_in_the_rows(course_of: CourseOf) -> None:
    """If a piece of it is, and surely enough."""
    course = course_of("tiempo", title="Time management | Gestión del tiempo", description="")
    whole = {"es": 0.999, "en": 0.001}
    assert told_of(course, whole, {"en": HOLDS, "es": 0.2}) is None
    told = told_of(course, whole, {"en": HOLDS - 0.01, "es": 0.2})
    assert told is not None
    assert told.taken == "es"


def test_only_the_beginning_of_a_long_text_is_read(course_of: CourseOf) -> None:
    """A row costs little, however long it is."""
    asked: list[str] = []

    def detect(text: str) -> Mapping[str, float]:
        asked.append(text)
        return {"es": 1.0, "en": 0.0}

    difference(1, course_of("long", description="palabra " * 1_000), detect)
    assert max(map(len, asked)) == 1_000


def test_of_the_thin_catalogue_lies_are_found_and_no_right_label_is_changed(real: Py3langidLanguage) -> None:
    """Nine of thirteen are taken by their text, three more are told; of 679 right ones not one is even told."""
    courses = [Course.model_validate_json(line) for line in COLLEGE.read_bytes().splitlines()]
    told = [each for line, course in enumerate(courses, 1) if (each := difference(line, course, real)) is not None]
    assert {each.id: each.found for each in told}.items() <= LIES.items()
    assert (len(told), sum(each.is_taken for each in told)) == (12, 9)
    assert [courses[each.line - 1].id for each in told] == [each.id for each in told]


@pytest.mark.parametrize(
    ("language", "title", "description"),
    [
        ("zh", "Japanese culture |日语与日本文化", "Do you have interests in the Japanese life styles?"),
        ("en", "Writing papers | 英文科技论文写作与学术报告", "Learn how to write. 以读促写 以写辅读 掌握正确的阅读"),
        (
            "en",
            "Fundamentals of economics | Fundamentos de economía",
            "Learn how markets work. | Aprende los mercados.",
        ),
        ("ca", "Gestió del temps", "Per a qui mai no arriba a l'hora, amb exercicis de casa."),
        ("en", "heinrich schliemann", ""),
        ("es", "web hosting course", ""),
    ],
)
def test_right_labels_of_odd_rows_stand(
    language: str, title: str, description: str, real: Py3langidLanguage, course_of: CourseOf
) -> None:
    """Texts in two languages, of a language there is no model of, names, and English titles over other courses."""
    told = difference(1, course_of("odd", title=title, description=description, language=language), real)
    assert told is None or told.taken == language


@pytest.mark.parametrize(
    "text",
    [
        "", "\x00" * 20, "a title\x00 of the kind that is odd", "\ud800 a lone one, and more \udcff", "漢" * 8_000,
        "el tiempo " * 800, "Excel エクセル эксель إكسل and more of it", "|.|!?" * 50, "🎓" * 50, "a\u0301" * 4_000,
    ],
)  # fmt: skip
def test_no_text_raises(text: str, real: Py3langidLanguage, course_of: CourseOf) -> None:
    """What the schema would refuse is no matter here."""
    for title, description in ((text, ""), ("A title", text), (text, text)):
        course = course_of("odd").model_copy(update={"title": title, "description": description})
        told = difference(1, course, real)
        assert told is None or told.says == "en"


def test_every_language_of_the_detector_has_names() -> None:
    """In small letters, since texts are made small."""
    assert NAMES.keys() == set(LANGUAGES)
    assert [each for each in NAMES.values() if each != each.casefold()] == []


@pytest.mark.parametrize(
    ("text", "language", "is_named"),
    [
        ("Android apps in ARABIC", "ar", True),
        ("Inglés empresarial", "en", True),
        ("日本語会話 中級", "ja", True),
        ("คอร์สภาษาไทยออนไลน์", "th", True),
        ("Thailand by train", "th", False),
        ("Polished concrete", "pl", False),
        ("Gestió en català", "ca", False),
        ("", "en", False),
    ],
)
def test_a_language_is_named_by_a_whole_word(text: str, language: str, *, is_named: bool) -> None:
    """Where words are written apart."""
    assert names_language(text, language) == is_named
