"""How many of what: a number of what the facts count otherwise is refused, whatever its unit."""

import pytest

from services.composer.core.gate.claims import count
from services.composer.core.gate.facts import fact_of
from services.composer.core.gate.judge import NO_PROMPT
from services.composer.core.gate.known import Known
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.gate.statement import Statement
from services.composer.core.values import Field, Line


def _miscounted(language: str, text: str, fact: str, lexicons: Lexicons) -> str | None:
    facts = (fact_of("course.description", fact),)
    line = Line(Field.SENTENCE, text, ("course.description",))
    return count(Statement(line, Known(language, lexicons, NO_PROMPT, facts)))


@pytest.mark.parametrize(
    ("language", "text", "fact", "found"),
    [
        ("en", "You play five folk tunes.", "Play three folk tunes in first position", "5 folk"),
        ("en", "You play five tunes.", "Play three tunes, then three more", "5 tune"),
        ("de", "Vierzig Spiele.", "Dreißig Spiele für drinnen", "40 spiel"),
        ("fr", "Cinq chansons du soir.", "Trois chansons du soir", "5 chanson"),
        ("ja", "民謡五曲を弾きます。", "民謡三曲を弾きます。", "5 曲"),
        ("ja", "民謡5曲を弾きます。", "民謡三曲を弾きます。", "5 曲"),
        ("en", "You play three folk tunes.", "Play three folk tunes in first position", None),
        ("en", "You play five songs.", "Play three folk tunes in first position", None),
        ("en", "You play the first two folk tunes.", "Play three folk tunes in first position", None),
        ("en", "You play one folk tune.", "Play three folk tunes in first position", None),
        ("en", "Two of the folk tunes.", "Play three folk tunes in first position", None),
        ("en", "It takes five minutes.", "Three minutes", None),
        ("en", "Five", "Three tunes", None),
        ("ja", "三年かけて五十分。", "民謡三曲を弾きます。", None),
    ],
)
def test_a_number_that_the_facts_have_another_of_is_refused(
    language: str, text: str, fact: str, found: str | None, lexicons: Lexicons
) -> None:
    """Part of them, one of them, and what the facts do not count, says nothing; a unit is judged as a quantity."""
    assert _miscounted(language, text, fact, lexicons) == found
