"""A mail asks for one thing: whatever else is asked is named, and what a course is about may be talked about."""

import pytest

from services.rules.cited import NOTHING, cited_of
from services.rules.request import ASKS, request
from services.runtime.safety import read_safety

LEXICON = read_safety().lexicon
ASKED = (
    ("to us", "en", "Send us a line about your team."),
    ("reply", "es", "Responde a este correo cuando puedas."),
    ("secret needed", "de", "Wir brauchen nur noch Ihr Passwort."),
    ("secret given", "fr", "Tapez votre mot de passe pour ouvrir la leçon."),
    ("secret asked", "pt", "Confirmar senha"),
    ("payment", "it", "Paghi la bolletta oggi."),
    ("amount", "de", "Jetzt 35 EUR anweisen"),
    ("purchase", "pt", "Encomendar azeites na loja do lado."),
    ("survey", "nl", "Doe mee aan ons onderzoekje."),
    ("debt", "nl", "Laatste aanmaning voor de cursus."),
    ("prize", "ja", "ご当選の品が届いています。"),
    ("refund", "en", "Your refund is ready."),
    ("investment", "es", "Duplica tus ahorros."),
    ("alarm", "de", "Ungewöhnliche Anmeldung am Dienstag."),
    ("account", "fr", "Le profil sera supprimé."),
    ("authority", "pt", "A polícia abriu um processo."),
    ("call", "it", "Telefoni subito."),
    ("attachment", "nl", "Alles staat in de bijlage."),
    ("installation", "ja", "このアプリをインストールしてから始めます。"),
    ("scan", "en", "Scan the code and begin."),
    ("forwarding", "es", "Reenvía este mensaje mañana."),
    ("elsewhere", "de", "Das bleibt unter uns."),
    ("insult", "fr", "À votre âge, c'est difficile."),
    ("abuse", "pt", "Que idiota."),
    ("rival", "it", "Invece di questo corso ne segua un altro."),
    ("strange topic", "nl", "Uw paspoort ligt klaar."),
)
TALKED = (
    ("en", "You learn what to say when a caller asks for a password.", "Callers who ask for passwords"),
    ("en", "Cold calls, warm voices: nine lessons on selling by telephone.", "Cold calling in nine lessons"),
    ("en", "Lesson 2 shows how to share a password within a team.", "Sharing passwords within a team"),
    ("es", "La última lección va de cómo reclamar una factura impagada.", "Reclamar facturas impagadas"),
    ("de", "Wie mahnt man freundlich? Lektion 3 hat drei Vorschläge.", "Mahnungen freundlich formulieren"),
    ("fr", "Vous apprenez à choisir des mots de passe solides.", "Choisir un mot de passe solide"),
    ("pt", "O curso ensina a cobrar faturas em atraso.", "Cobrar faturas em atraso"),
    ("it", "La lezione 4 parla di solleciti di pagamento garbati.", "Solleciti di pagamento garbati"),
    ("nl", "Les 5 gaat over aanmaningen die niet bijten.", "Vriendelijke aanmaningen schrijven"),
    ("ja", "偽の請求書を見分けるこつを学べます。", "偽の請求書の見分け方"),
)
PLAIN = (
    ("en", "Feel free to skip ahead, or free up an hour on Monday in May."),
    ("en", "Make the most of SEO: plus, watch the lessons in any order."),
    ("en", "Your clicks cost less where your ads say one thing."),
    ("de", "Fang ruhig mit Lektion 3 an."),
    ("fr", "Lisez, regardez, mettez sur pause."),
    ("ja", "三十分だけ手を休めて、基本からいかがですか。"),
)


def test_every_request_is_shown() -> None:
    """No request stands in the table without a sentence that only it refuses first."""
    assert [name for name, _, _ in ASKED] == [ask.name for ask in ASKS]


@pytest.mark.parametrize(("name", "language", "text"), ASKED)
def test_a_request_is_named(name: str, language: str, text: str) -> None:
    """Each in one of the eight languages; switched off, its sentence passes or is another's."""
    found = request(text, language, NOTHING, LEXICON)
    assert found is not None
    assert found.startswith(f"{name}: ")


@pytest.mark.parametrize(("language", "text", "fact"), TALKED)
def test_what_the_course_is_about_may_be_talked_about(language: str, text: str, fact: str) -> None:
    """The course says the words; the same text about another course is told apart by nothing but that."""
    assert request(text, language, cited_of([fact]), LEXICON) is None


@pytest.mark.parametrize(("language", "text"), PLAIN)
def test_plain_words_ask_for_nothing(language: str, text: str) -> None:
    """Idle phrases, months, acronyms and somebody's own clicks are no request."""
    assert request(text, language, NOTHING, LEXICON) is None


def test_a_cited_word_is_never_asked_of_the_reader() -> None:
    """The course is about passwords and payments, and still nobody sends one."""
    cited = cited_of(["Passwords, invoices and payment by transfer", "Download the security update"])
    for text in ("Send us your password.", "Pay the invoice today.", "Download the update", "Reply to this mail."):
        assert request(text, "en", cited, LEXICON)


def test_a_sentence_of_the_course_is_its_own() -> None:
    """A takeaway in the imperative passes word for word; what asks for a secret or an answer does not even so."""
    takeaway = "Install the program and draw one line."
    assert request(takeaway, "en", cited_of([takeaway]), LEXICON) is None
    poisoned = "Send us your password."
    assert request(poisoned, "en", cited_of([poisoned]), LEXICON)


def test_a_quoted_title_asks_nothing() -> None:
    """In quotation marks, where the course says it; elsewhere it is a request."""
    text = "The course “Write to us” is about complaints."
    assert request(text, "en", cited_of(["Write to us"]), LEXICON) is None
    assert request(text, "en", NOTHING, LEXICON)


def test_a_word_of_another_language_counts_where_it_means_the_same() -> None:
    """Several words of a Spanish request are one in an English mail; the German article is no English verb."""
    assert request("Envíenos su contraseña.", "en", NOTHING, LEXICON)
    assert request("Die Lektion", "de", NOTHING, LEXICON) is None
    assert request("Unsere Konkurrenz: Rückruf", "en", NOTHING, LEXICON) is None
