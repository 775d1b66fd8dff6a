"""Watching is a verb about the reader: what they did unasked, or our seeing it."""

import pytest

from services.rules.cited import NOTHING, cited_of
from services.rules.watching import watching
from services.runtime.safety import read_safety

LEXICON = read_safety().lexicon
WATCHED = (
    ("en", "We noticed that you like bread."),
    ("en", "You opened our mail twice."),
    ("en", "You searched for glue last night."),
    ("es", "Hemos visto que te gusta el pan."),
    ("es", "Abriste la página a las dos."),
    ("de", "Uns ist aufgefallen, dass Sie zögern."),
    ("de", "Du warst gestern auf der Preisseite."),
    ("fr", "Nous avons remarqué votre intérêt."),
    ("fr", "Vous avez ouvert la page deux fois."),
    ("pt", "Sabemos que você gosta de pão."),
    ("pt", "Abriste a página duas vezes."),
    ("it", "Abbiamo notato il Suo interesse."),
    ("it", "Hai aperto la pagina due volte."),
    ("nl", "Het viel ons op dat u twijfelt."),
    ("nl", "Je bleef lang op de pagina."),
    ("ja", "昨夜ページを閲覧されていました。"),
    ("ja", "ご覧になったことは記録に残っています。"),
)
TOLD = (
    ("en", "You registered for our webinar on Monday."),
    ("en", "Watch the lessons in any order."),
    ("en", "Your clicks cost money."),
    ("en", "You searched for sourdough."),
    ("es", "Descargaste nuestra guía el lunes."),
    ("nl", "Je zocht bij ons op ‘koud bellen’."),
    ("pt", "Você pesquisou «mobilidade»."),
    ("ja", "「記録」を検索された方へ。"),
)


@pytest.mark.parametrize(("language", "text"), WATCHED)
def test_talk_of_watching_is_named(language: str, text: str) -> None:
    """Our seeing, and what was done unasked with its page or its hour."""
    assert watching(text, language, NOTHING, LEXICON)


@pytest.mark.parametrize(("language", "text"), TOLD)
def test_what_a_reader_did_on_purpose_may_be_named(language: str, text: str) -> None:
    """Registering, asking, downloading, searching; and the lessons are there to be watched."""
    assert watching(text, language, NOTHING, LEXICON) is None


def test_a_quoted_title_watches_nobody() -> None:
    """The course is called so."""
    assert watching("“We saw you” is a course.", "en", cited_of(["We saw you"]), LEXICON) is None


def test_a_single_word_of_another_language_watches_nobody() -> None:
    """`visite` is Italian for something else."""
    assert watching("Notamos", "en", NOTHING, LEXICON) is None
