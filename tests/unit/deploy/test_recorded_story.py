"""The recorded answers, played for every lead of the story who gets a mail: none is refused, none is left over."""

import asyncio
import io
from typing import Any

import pytest

from bench.mails.played import Late, Run, nobody, played
from bench.mails.story import ACADEMY
from deploy.local.anew import anew
from deploy.local.answers import MODEL_NAME
from deploy.local.show import console_of, print_email
from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder


@pytest.fixture(scope="module", params=[FakeEmbedder, Late], ids=["vectors", "words alone"])
def run(request: pytest.FixtureRequest) -> Run:
    """The academy's story, played once with vectors, and once by words alone: neither may leave an answer over."""
    return asyncio.run(played(ACADEMY, request.param()))


def test_every_lead_is_written_to_with_the_recorded_answers(run: Run) -> None:
    """Where the gate, a prompt or the catalogue has moved on, this says which answer to write anew."""
    assert anew(run.conversions.values(), run.missing, ACADEMY) == []


def test_every_answer_is_used(run: Run) -> None:
    """No file is of a lead who gets no mail, and no answer of a prompt that nobody asks.

    A reader is not asked of a copy that cannot go, as the composer has no words of its language yet.
    """
    book = run.recorded.book
    silent = {name for name, each in run.conversions.items() if each.decision.rungs["language"] != "asked"}
    written = {(lead, prompt) for lead, each in book.leads.items() for prompt in each.answers}
    assert written - run.recorded.used.keys() == {(lead, "reader.v1") for lead in silent}
    assert run.recorded.used.keys() <= written


def test_every_mail_is_about_the_topic_that_the_story_says(run: Run) -> None:
    """All end as told, by the model's own pick; nothing is tried out, as no second answer fits as well as the first."""
    ended = {name: (each.end, each.is_off_topic) for name, each in run.conversions.items()}
    assert ended == dict.fromkeys(run.conversions, ("email", False))
    assert run.conversions.keys() == run.recorded.book.leads.keys()
    assert {each.decision.pick.propensity for each in run.conversions.values()} == {1.0}


def test_the_model_is_named_recorded_wherever_a_model_is(run: Run) -> None:
    """In the record of each question, and in the line below each mail."""
    for each in run.conversions.values():
        assert {one.model for one in each.decision.asked} == {MODEL_NAME}
        shown = io.StringIO()
        print_email(console_of(shown), each)
        if each.decision.rungs["language"] == "asked":
            assert "pick:recorded copy:recorded" in shown.getvalue()


@pytest.mark.parametrize("embedder", [FakeEmbedder, Late], ids=["vectors", "words alone"])
async def test_without_a_model_too_every_course_is_about_the_topic(embedder: type[FakeEmbedder]) -> None:
    """So no mail is a surprise by its topic with `--no-llm`."""
    run = await played(ACADEMY, embedder(), nobody)
    chosen = {name: each.decision.course.topics for name, each in run.conversions.items()}
    assert [name for name, topics in chosen.items() if run.conversions[name].lead.topic not in topics] == []
    assert not run.recorded.used


def test_two_mails_share_no_sentence(run: Run) -> None:
    """The answers are written for the lead, not from a mould."""
    copies: list[Any] = [each.answers["copy.v2"]["sentences"] for each in run.recorded.book.leads.values()]
    texts = [sentence["text"] for copy in copies for sentence in copy]
    assert len(set(texts)) == len(texts) >= 3 * len(copies)
