"""What a line may say only where the facts say it: each rule in each language, and what it lets stand."""

from collections.abc import Callable

import pytest

from services.composer.core.gate import judge, unsaid
from services.composer.core.gate.facts import fact_of
from services.composer.core.gate.judge import UNSAID, alone, judge_line
from services.composer.core.gate.known import Known
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.values import Field, Prompt
from tests.gate_known import known_from

PROMPT = Prompt("p.v1", "", "")
REFUSED = [
    ("others", "en", "Most learners finish it."),
    ("others", "es", "Tu jefa lo va a notar."),
    ("others", "de", "Viele Betriebe arbeiten schon so."),
    ("others", "fr", "Vos concurrents le font."),
    ("others", "pt", "A sua equipe inteira vai gostar."),
    ("others", "it", "I tuoi colleghi lo conoscono."),
    ("others", "nl", "Je leidinggevende zal het merken."),
    ("others", "ja", "上司にも喜ばれる講座です。"),
    ("audience", "en", "Your customers expect it."),
    ("audience", "fr", "Vos clients le demandent."),
    ("audience", "ja", "お客様に満足していただけます。"),
    ("live", "en", "The tutor answers within a day."),
    ("live", "de", "Die Dozentin beantwortet Fragen."),
    ("live", "es", "Clases en directo con tutoría."),
    ("live", "pt", "Aulas ao vivo com correção."),
    ("live", "it", "Un docente corregge gli esercizi."),
    ("live", "nl", "Een begeleider kijkt het na."),
    ("live", "ja", "講師が質問に答えます。"),
    ("seats", "en", "Only a few seats are left."),
    ("seats", "de", "Noch zwei Plätze frei."),
    ("seats", "fr", "Il reste quelques places."),
    ("seats", "es", "Quedan pocas plazas."),
    ("seats", "pt", "Restam poucas vagas."),
    ("seats", "it", "Restano pochi posti."),
    ("seats", "nl", "Er zijn nog enkele plekken."),
    ("seats", "ja", "残席わずかです。"),
    ("outcome", "en", "You will earn more."),
    ("outcome", "de", "So steigern Sie den Umsatz."),
    ("outcome", "fr", "Vous augmentez vos ventes."),
    ("outcome", "es", "Aumenta tus ventas."),
    ("outcome", "pt", "Aumente as suas vendas."),
    ("outcome", "it", "Aumenti le vendite."),
    ("outcome", "nl", "Zo verhoog je de omzet."),
    ("outcome", "ja", "売上が伸びます。"),
    ("praise", "en", "The award-winning course."),
    ("praise", "de", "Der preisgekrönte Kurs."),
    ("praise", "es", "El curso premiado."),
    ("praise", "ja", "人気の講座です。"),
    ("origin", "en", "Developed with nurses."),
    ("origin", "fr", "Conçu par des experts."),
    ("origin", "it", "Scritto da un maestro."),
    ("origin", "ja", "税理士の監修です。"),
    ("extras", "en", "With lifetime access."),
    ("extras", "pt", "Com acesso vitalício."),
    ("extras", "nl", "Met een examen aan het eind."),
    ("extras", "ja", "印刷できる点検票つき。"),
    ("remembered", "en", "As discussed, here it is."),
    ("remembered", "de", "Wie besprochen: der Kurs."),
    ("remembered", "es", "Nos contaste tu problema."),
    ("remembered", "ja", "先日お話しした講座です。"),
    ("scope", "en", "It suits everyone."),
    ("scope", "de", "Für alle geeignet."),
    ("scope", "it", "Adatto a tutti."),
    ("scope", "ja", "誰でも学べます。"),
    ("prerequisite", "en", "No experience is needed."),
    ("prerequisite", "fr", "Aucune expérience n'est requise."),
    ("prerequisite", "ja", "経験は不要です。"),
    ("level", "en", "A course for beginners."),
    ("level", "de", "Für Fortgeschrittene."),
    ("level", "ja", "上級者向けです。"),
    ("spoken", "en", "It is taught in German."),
    ("spoken", "es", "Se imparte en inglés."),
    ("spoken", "ja", "英語で学びます。"),
]  # fmt: skip


@pytest.fixture
def known(lexicons: Lexicons) -> Callable[..., Known]:
    """What these course texts let a text say, in this language."""
    return lambda language, *texts: known_from(language, texts, (), PROMPT, lexicons)


@pytest.mark.parametrize(("rule", "language", "text"), REFUSED)
def test_what_no_fact_says_is_refused(rule: str, language: str, text: str, known: Callable[..., Known]) -> None:
    """By the rule of that name, and not where a fact says the very same."""
    assert UNSAID[rule](alone(text, known(language, "Soil")))
    assert UNSAID[rule](alone(text, known(language, text))) is None


@pytest.mark.parametrize("rule", UNSAID)
def test_a_rule_that_is_switched_off_lets_its_line_through(
    rule: str, lexicons: Lexicons, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each rule has a line here that it alone is asked about by name."""
    language, text = next((language, text) for name, language, text in REFUSED if name == rule)
    facts = (fact_of("course.title", "Soil"),)
    assert rule in {each.rule for each in judge_line(Field.SENTENCE, language, text, facts, lexicons)}
    monkeypatch.setattr(judge, "UNSAID", {name: each for name, each in UNSAID.items() if name != rule})
    assert rule not in {each.rule for each in judge_line(Field.SENTENCE, language, text, facts, lexicons)}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Make the most of it and feel free to skip."),
        ("en", "Free up an hour."),
        ("fr", "Des biscuits sans sucre."),
        ("es", "En tu tiempo libre."),
        ("de", "Frei sprechen vor der Kamera."),
        ("ja", "無料配布のチラシ。"),
    ],
)
def test_phrases_that_say_nothing_pass(language: str, text: str, known: Callable[..., Known]) -> None:
    """By phrase and place: the same word elsewhere is a cue."""
    rules = {"claim": unsaid.claim, **UNSAID}
    assert [name for name, rule in rules.items() if rule(alone(text, known(language, "Soil")))] == []


def test_a_cue_stands_on_the_facts_that_may_say_it(lexicons: Lexicons) -> None:
    """The course in the common language too; a guide that was free makes no course free; an audience has wishes."""

    def rules(language: str, text: str, **facts: str) -> set[str]:
        cited = tuple(fact_of(name.replace("_", "."), each) for name, each in facts.items())
        return {each.rule for each in judge_line(Field.SENTENCE, language, text, cited, lexicons)}

    assert "claim" not in rules("de", "Am Ende steht ein Zertifikat.", course_title="Soil, with a certificate")
    assert "claim" in rules("en", "Your free soil course.", course_title="Soil", act="Downloaded the free guide")
    assert "claim" not in rules("en", "You have the free guide.", course_title="Soil", act="Downloaded the free guide")
    assert "audience" not in rules("en", "Your customers want soil.", company_audience="Gardeners", course_title="Soil")
    assert "remembered" not in rules("en", "You told us of soil.", act="Asked: what is soil?", course_title="Soil")
    assert "remembered" in rules("en", "You told us of soil.", act="Downloaded a guide", course_title="Soil")
    assert "extras" not in rules("en", "An exam about soil.", course_description="Soil, with an exam")


def test_a_fact_that_is_quoted_says_nothing_new(known: Callable[..., Known]) -> None:
    """A title may hold any word, and a text that quotes it whole says no more than that there is such a course."""
    title = "Free trial seats for beginners"
    for rule in (unsaid.claim, *UNSAID.values()):
        assert rule(alone(f"The course “{title}” is here.", known("en", title))) is None


def test_a_language_without_words_has_no_cues(known: Callable[..., Known]) -> None:
    """Its brand is refused at start; nothing is guessed."""
    assert [rule(alone("De fleste elever bliver f\u00e6rdige.", known("da", "Jord"))) for rule in UNSAID.values()] == [
        None
    ] * len(UNSAID)


@pytest.mark.parametrize(
    ("language", "text", "goal"),
    [
        ("en", "You wrote that you would like to keep bees.", "keep bees"),
        ("es", "Nos pediste algo sobre abejas.", "cuidar abejas"),
        ("de", "Sie haben nach Bienen gefragt.", "Bienen halten"),
        ("fr", "Vous avez demandé des abeilles.", "élever des abeilles"),
        ("nl", "U gaf aan dat u bijen wilt houden.", "bijen houden"),
    ],
)
def test_what_a_reader_asked_stands_where_a_fact_is_what_they_want(
    language: str, text: str, goal: str, lexicons: Lexicons
) -> None:
    """A form was filled in; without it nobody wrote anything."""
    told = _rules(language, text, lexicons, goal=goal)
    assert "remembered" not in told
    assert "remembered" in _rules(language, text, lexicons, topic=goal)


@pytest.mark.parametrize(
    ("language", "text", "level"),
    [
        ("en", "No experience is needed.", "beginner"),
        ("de", "Vorkenntnisse sind nicht nötig.", "Einsteiger"),
        ("fr", "Aucune expérience n'est requise.", "beginner"),
        ("ja", "経験は不要です。", "初心者"),
    ],
)
def test_a_course_for_beginners_needs_no_experience(language: str, text: str, level: str, lexicons: Lexicons) -> None:
    """Whichever language names the level."""
    refused = {"scope", "prerequisite"}
    assert not refused & _rules(language, text, lexicons, course_level=level)
    assert refused & _rules(language, text, lexicons, course_title="Soil")


@pytest.mark.parametrize(
    ("language", "level", "text"),
    [
        ("en", "intermediate", "For those who never held a spade."),
        ("en", "beginner", "A masterclass on soil."),
        ("de", "Fortgeschrittene", "Für alle, die noch nie einen Spaten gehalten haben."),
        ("es", "avanzado", "Para quien nunca ha cogido una pala."),
        ("fr", "avancé", "Pour qui n'a jamais tenu une bêche."),
        ("it", "avanzato", "Per chi non ha mai usato una vanga."),
        ("nl", "gevorderden", "Voor wie nooit een schop heeft vastgehouden."),
        ("pt", "avançado", "Para quem nunca usou uma pá."),
        ("ja", "中級", "予備知識ゼロの方へ。"),
    ],
)
def test_a_level_said_in_other_words_contradicts_the_level_of_the_facts(
    language: str, level: str, text: str, lexicons: Lexicons
) -> None:
    """Beside a fact with another level; without one it is a matter of other rules."""
    assert "level" in _rules(language, text, lexicons, course_level=level)
    assert "level" not in _rules(language, text, lexicons, course_title="Soil")


@pytest.mark.parametrize(
    ("language", "text", "act"),
    [
        ("en", "Your free trial goes on here.", "Started a free trial"),
        ("it", "La prova gratuita continua qui.", "Ha attivato la prova gratuita"),
        ("pt", "O teste gratuito continua aqui.", "Ativou o teste gratuito"),
        ("ja", "無料体験の続きです。", "無料体験を開始"),
    ],
)
def test_what_a_reader_took_may_be_named_as_it_is(language: str, text: str, act: str, lexicons: Lexicons) -> None:
    """With the word beside it: a free trial is not a free course."""
    assert "claim" not in _rules(language, text, lexicons, act=act)
    free = {"en": "It is free.", "it": "È gratuita.", "pt": "É gratuito.", "ja": "受講は無料です。"}[language]
    assert "claim" in _rules(language, free, lexicons, act=act)


def test_what_a_line_quotes_of_the_facts_says_nothing_new(lexicons: Lexicons) -> None:
    """In quotation marks, also where the fact says more than that."""
    act = 'Downloaded guide "Cut your costs by half"'
    assert "outcome" not in _rules("en", 'You have our guide "Cut your costs by half".', lexicons, act=act)
    assert "outcome" in _rules("en", "You cut your costs.", lexicons, act=act)


def _rules(language: str, text: str, lexicons: Lexicons, **facts: str) -> set[str]:
    cited = tuple(fact_of(name.replace("_", "."), each) for name, each in facts.items())
    return {each.rule for each in judge_line(Field.SENTENCE, language, text, cited, lexicons)}
