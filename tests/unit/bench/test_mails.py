"""The page of the mails is what the story comes to now, and every mail on it is judged as it is."""

import asyncio
from pathlib import Path

import pytest

from bench.mails.judged import Judgement, Judgements, read_judgements
from bench.mails.page import Shown, page_of
from bench.mails.workload import ABROAD, DOCS, JUDGED, LANGUAGE, PAGE, PICTURED, TEMPLATES, mails
from services.runtime.outcome import Misconfigured

MOST_BYTES = 200_000  # of a picture: the page opens at once
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def shown() -> list[Shown]:
    """The story's mails, played once."""
    return asyncio.run(mails())


@pytest.fixture(scope="module")
def judgements() -> Judgements:
    """As the file beside the page has them."""
    return read_judgements(DOCS / JUDGED)


def test_the_page_is_what_the_story_comes_to(shown: list[Shown], judgements: Judgements) -> None:
    """Where it is behind, `make bench ARGS="mails"` writes it anew; a mail with a new subject is judged first."""
    assert (DOCS / PAGE).read_text(encoding="utf-8") == page_of(shown, judgements, PICTURED)


def test_the_mails_are_in_five_languages_by_both_writers(shown: list[Shown]) -> None:
    """Every recorded mail, a template in each of the story's languages, and one in a language more."""
    assert {each.language for each in shown if each.writer == "recorded"} == {"en", "es", "de", "fr"}
    templates = {each.conversion.lead.name: each.language for each in shown if each.writer == "template"}
    assert templates == dict(zip(TEMPLATES, ("en", "es", "de", "fr"), strict=True)) | {ABROAD: LANGUAGE}
    assert len(shown) >= 20


def test_no_link_on_the_page_unsubscribes_anybody(shown: list[Shown], judgements: Judgements) -> None:
    """The token of each mail is cut away."""
    page = page_of(shown, judgements, PICTURED)
    tokens = [each.conversion.email.unsubscribe.url.rsplit("/", 1)[1] for each in shown]
    assert [token for token in tokens if len(token) < 40 or token in page] == []


def test_every_judgement_is_of_a_mail_on_the_page(shown: list[Shown], judgements: Judgements) -> None:
    """None is left over."""
    judged = {(lead, writer) for lead, by_writer in judgements.mails.items() for writer in by_writer}
    assert judged == {(each.conversion.lead.name, each.writer) for each in shown}


def test_a_mail_with_another_subject_is_judged_anew() -> None:
    """A judgement is not kept for a mail nobody has judged."""
    said = Judgement(subject="One list", opens="likely", why="It is theirs.")
    judgements = Judgements(version=1, mails={"Maya": {"recorded": said}})
    assert judgements.of("Maya", "recorded", "One list") is said
    for lead, writer, subject in (("Maya", "recorded", "Two lists"), ("Maya", "template", "One list")):
        with pytest.raises(Misconfigured, match="judge it anew"):
            judgements.of(lead, writer, subject)


@pytest.mark.parametrize("name", ["light", "dark", "phone"])
def test_each_picture_of_the_page_is_small(name: str) -> None:
    """A picture that the page shows is there, and below 200 kB."""
    path = Path(DOCS / f"mails-{name}.png")
    picture = path.read_bytes()
    assert f"({path.name})" in (DOCS / PAGE).read_text(encoding="utf-8")
    assert picture.startswith(PNG)
    assert len(picture) < MOST_BYTES
