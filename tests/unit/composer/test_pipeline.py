"""A recommendation ends as one email with its decision, or as a decision with `not_sent`."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest
from prometheus_client import REGISTRY

from schemas.codec import decode, encode
from schemas.email import Suppression
from schemas.identity import address_key
from schemas.llm import Answer, Fault, NoAnswer
from schemas.recommendation import Recommendation
from schemas.topics import DECISIONS, EMAIL_FEEDBACK, EMAIL_OUTBOUND, EMAIL_SUPPRESSIONS
from services.composer.adapters.counting import counted
from services.composer.core.values import Reason
from services.composer.pipeline import World, compose
from services.runtime.outcome import Emit, Later, Message, Outcome, Reject
from tests.fake_suppressions import FakeSuppressions

Rec = Callable[..., Recommendation]
Run = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def composed(recommendation: Rec, world: Callable[..., World], message: Callable[[Recommendation], Message]) -> Run:
    """What the pipeline emits, by topic, after a trip through the codec."""

    async def run(changes: dict[str, Any] | None = None, **parts: Any) -> dict[str, Any]:
        outcome = await compose(message(recommendation(changes)), world(**parts))
        assert isinstance(outcome, Emit)
        return {send.topic.short: decode(send.topic, encode(send.topic, send.event)) for send in outcome.records}

    return run


def _refusal(key: str = "9f86d081884c7d659a2feaa0c55ad015") -> Message:
    event = Suppression.model_validate(
        {
            "address_key": key, "purposes": ["marketing"], "state": "suppressed",
            "reason": "unsubscribed", "since": "2026-11-03T09:00:00Z", "source": "test",
        }
    )  # fmt: skip
    return Message(EMAIL_SUPPRESSIONS, 0, 0, b"", event, 0)


def _suppressed() -> FakeSuppressions:
    suppressions = FakeSuppressions(b"k")
    suppressions.apply(_refusal())
    return suppressions


async def test_without_a_model_the_template_is_sent(composed: Run) -> None:
    """The email, and the decision that points at it."""
    sent = await composed()
    assert set(sent) == {"email.outbound", "decisions"}
    mail, decision = sent["email.outbound"], sent["decisions"]
    assert (decision.ending, decision.reason, decision.message_id) == ("sent", "composed", mail.message_id)
    assert decision.rungs == {
        "job": "llm", "imagine": "llm", "retrieve": "lanes", "pick": "score", "copy": "template", "language": "asked",
    }  # fmt: skip
    assert (mail.template, mail.prompt, mail.model, mail.tags[-1]) == ("course.v2", None, None, "copy-template")


async def test_the_decision_pins_what_the_mail_was_made_of(composed: Run) -> None:
    """The program, the mail's hash and instant, consent and times; of a mail that was not made only the program."""
    sent = await composed({"catalogue": "0f" * 16}, program_hash="ab" * 32)
    mail, decision = sent["email.outbound"], sent["decisions"]
    assert (decision.program, decision.content_hash, decision.ended_at) == (
        "ab" * 32,
        mail.content_hash,
        mail.created_at,
    )
    assert (decision.consent.proof, decision.expires_at, decision.catalogue) == (
        mail.consent.proof, mail.expires_at, "0f" * 16,
    )  # fmt: skip
    refused = await composed({"course.url": "https://evil.example/x"}, program_hash="ab" * 32)
    assert (refused["decisions"].program, refused["decisions"].content_hash) == ("ab" * 32, None)


async def test_the_decision_holds_the_brief_and_what_it_left_out(composed: Run) -> None:
    """Where a text was written; a trigger that ended before has none, and its record is as it was."""
    said = {"source": "form", "is_verified": False, "said_at": "2026-11-03T09:00:00Z"}
    facts = [{"name": "role", "value": "Founder & CEO", **said}, {"name": "company", "value": "Maru", **said}]
    decision = (await composed({"request.snapshot.facts": facts}))["decisions"]
    assert (decision.brief["fact:role"], decision.brief["course:level"]) == ("Founder & CEO", "beginner")
    assert [(each.field, each.rule) for each in decision.not_told] == [("fact:company", "origin")]
    late = (await composed({"request.expires_at": "2026-11-01T00:00:00Z"}))["decisions"]
    assert late.model_dump(mode="json").keys().isdisjoint({"brief", "not_told"})


async def test_a_person_of_an_older_state_with_too_long_an_id_gets_no_mail(composed: Run) -> None:
    """Ingest lets none in any more; one that is kept ends with a reason, and the touch is given back."""
    sent = await composed({"request.person": "u:" + "李" * 298})
    assert set(sent) == {"email.feedback", "decisions"}
    assert (sent["decisions"].ending, sent["decisions"].reason) == ("refused", "render")
    assert [(each.attempt, each.rule) for each in sent["decisions"].refusals] == [("mail", "unsubscribe")]
    assert sent["email.feedback"].word == "not_sent"


async def test_good_words_of_a_model_are_sent(
    composed: Run, model: Callable[..., Any], answer: Callable[..., Answer]
) -> None:
    """The lesson, the card and the footer are in it as well; the record names the model."""
    sent = await composed(model=model(answer()))
    mail, decision = sent["email.outbound"], sent["decisions"]
    assert (mail.subject, mail.model, mail.prompt) == ("Planning your first automated sequence", "a-model", "copy.v2")
    assert "The course builds automated sequences for a real list." in mail.text
    assert "1. Write the goal of a sequence" in mail.text
    assert [each.stage for each in decision.asked] == ["job", "copy"]
    assert decision.timings_s == {"job": 0.9, "composer": 2.0}


async def test_a_question_gets_the_patience_that_is_left(
    composed: Run, model: Callable[..., Any], answer: Callable[..., Answer]
) -> None:
    """30 seconds of the playbook less 0.9 of the job; how much of that one call may have is the client's."""
    scripted = model(answer({"subject": "Only 90% off"}), answer())
    await composed(model=scripted)
    assert scripted.within == pytest.approx([29.1, 27.1])
    slow = [{"stage": "job", "prompt_id": "job.v1", "outcome": "answer", "duration_s": 17.0}]
    scripted = model(answer({"subject": "Only 90% off"}), answer())
    await composed({"asked": slow}, model=scripted)
    assert scripted.within == [13.0, 11.0]
    unknown = model(NoAnswer(Fault.TIMEOUT, ""))
    await composed({"asked": slow, "request.trigger.playbook": "gone"}, model=unknown)
    assert unknown.within == [28.0]


async def test_a_refusal_under_the_old_form_of_an_address_holds(composed: Run, model: Callable[..., Any]) -> None:
    """What was refused as `strasse.de`, when the two were one, is refused for `straße.de`."""
    suppressions = FakeSuppressions(b"k")
    suppressions.apply(_refusal(address_key(b"a" * 32, "ana@strasse.de")))
    changes = {"request.recipient.address": "ana@xn--strae-oqa.de"}
    sent = await composed(changes, suppressions=suppressions, model=model(), address_key=b"a" * 32)
    assert (sent["decisions"].ending, sent["decisions"].reason) == ("refused", "suppressed")


async def test_a_suppressed_address_gets_nothing(composed: Run, model: Callable[..., Any]) -> None:
    """Nothing is asked, and the touch is given back."""
    sent = await composed(suppressions=_suppressed(), model=model())
    assert set(sent) == {"decisions", "email.feedback"}
    assert (sent["decisions"].ending, sent["decisions"].reason) == ("refused", "suppressed")
    feedback = sent["email.feedback"]
    assert (feedback.word, feedback.reason, feedback.id) == (
        "not_sent", "suppressed", "5f0c7d1e-7f0a-5c1b-9d2e-3a4b5c6d7e8f:not_sent",
    )  # fmt: skip


async def test_an_unsubscribe_while_writing_still_counts(composed: Run) -> None:
    """Right before the end they are read up to the end as it is then: a view that lags hides no refusal."""
    late = FakeSuppressions(b"k")
    late.unread.append(_refusal())
    sent = await composed(suppressions=late)
    assert set(sent) == {"decisions", "email.feedback"}
    assert sent["decisions"].reason == "suppressed"
    assert sent["decisions"].rungs["copy"] == "template"


async def test_no_mail_is_written_while_refusals_cannot_be_read(
    message: Callable[..., Message], world: Callable[..., World], recommendation: Callable[..., Any]
) -> None:
    """It is set aside, and others pass: what it cannot know it does not guess."""
    behind = FakeSuppressions(b"k")
    behind.is_away = True
    outcome = await compose(message(recommendation({})), world(suppressions=behind))
    assert isinstance(outcome, Later)
    assert outcome.reason == "suppressions_unread"
    assert behind.asked == 1


async def test_what_came_too_late_expires(composed: Run, later: Callable[[float], datetime]) -> None:
    """A backlog sends nothing old."""
    sent = await composed(now=lambda: later(49))
    assert (sent["decisions"].ending, sent["email.feedback"].reason) == ("expired", "expired")


async def test_a_link_that_may_not_be_mailed_ends_the_trigger(composed: Run, model: Callable[..., Any]) -> None:
    """With the rule that did; no model is asked for words that no mail would hold."""
    sent = await composed({"course.url": "https://evil.example/x"}, model=model())
    assert set(sent) == {"decisions", "email.feedback"}
    decision = sent["decisions"]
    assert (decision.ending, decision.reason, decision.rungs["copy"]) == ("refused", "gate", "none")
    assert [(each.attempt, each.rule) for each in decision.refusals] == [("course", "mail_links")]


async def test_a_mail_that_does_not_pass_ends_the_trigger(composed: Run) -> None:
    """A bad address is no exception."""
    sent = await composed({"request.recipient.address": "not an address"})
    assert (sent["decisions"].reason, sent["email.feedback"].word) == ("render", "not_sent")
    assert [(each.attempt, each.rule) for each in sent["decisions"].refusals] == [("mail", "address")]


async def test_a_broken_renderer_ends_the_trigger(composed: Run, fake_renderer: Callable[..., Any]) -> None:
    """What it said is on record."""
    sent = await composed(renderer=fake_renderer(broken="no such tag"))
    assert [(each.rule, each.detail) for each in sent["decisions"].refusals] == [("render", "no such tag")]


async def test_a_language_without_words_is_said(composed: Run) -> None:
    """The mail goes in the brand's default language, and the record says why."""
    sent = await composed({"request.language": "fr"})
    assert sent["email.outbound"].language == "en"
    assert sent["decisions"].rungs["language"] == "brand_default"
    assert [each.detail for each in sent["decisions"].refusals] == ["no words in fr: written in en"]


async def test_no_record_but_the_mail_holds_the_address(composed: Run) -> None:
    """The decision and the feedback know neither address nor name."""
    sent = await composed()
    assert b"ana@example.com" in encode(EMAIL_OUTBOUND, sent["email.outbound"])
    refused = await composed(suppressions=_suppressed())
    for topic, event in ((DECISIONS, sent["decisions"]), (DECISIONS, refused["decisions"]),
                         (EMAIL_FEEDBACK, refused["email.feedback"])):  # fmt: skip
        assert b"ana@" not in encode(topic, event)
        assert b'"Ana"' not in encode(topic, event)


async def test_the_same_recommendation_gives_the_same_mail(composed: Run) -> None:
    """A redo after a crash is byte for byte the same."""
    assert await composed() == await composed()


async def test_endings_rungs_and_refusals_are_counted(
    recommendation: Rec, world: Callable[..., World], message: Callable[[Recommendation], Message]
) -> None:
    """From the decision record, so that metric and record agree."""

    async def handle(given: Message) -> Outcome:
        return await compose(given, world())

    def value(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(name, labels) or 0.0

    names = ("kindling_rungs_total", "kindling_gate_refusals_total")
    before = (
        value(names[0], stage="composer", step="copy", rung="template"),
        value(names[1], attempt="course", rule="link"),
    )
    await counted(handle)(message(recommendation()))
    await counted(handle)(message(recommendation({"course.title": "Visit https://evil.example"})))
    await counted(handle)(message(recommendation({"request.expires_at": "2026-11-03T09:30:00Z"})))
    await counted(handle)(message(recommendation({"course.url": "https://evil.example/x"})))
    after = (
        value(names[0], stage="composer", step="copy", rung="template"),
        value(names[1], attempt="course", rule="link"),
    )
    assert after[0] == before[0] + 2
    assert after[1] > before[1]
    assert value("kindling_endings_total", stage="composer", ending="refused", reason="gate") > 0


async def test_what_is_not_emitted_is_not_counted(
    recommendation: Rec, message: Callable[[Recommendation], Message]
) -> None:
    """The runtime counts rejects."""

    async def handle(_: Message) -> Outcome:
        return Reject(Reason.GATE, "")

    assert isinstance(await counted(handle)(message(recommendation())), Reject)
