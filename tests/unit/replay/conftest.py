"""A whole decision made with scripted replies: recommender and composer, the academy's program, five courses."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bench.lexicons import shipped_lexicons
from schemas.course import Course
from schemas.decision import Decision
from schemas.email import OutboundEmail
from schemas.identity import derived_key
from schemas.program import Program
from schemas.recommendation import RecommendationRequest
from schemas.replay import Case
from schemas.signing import UNSUBSCRIBE_SEAL, content_hash
from schemas.topics import CATALOG_COURSES, RECOMMENDATION_REQUESTS, RECOMMENDATIONS
from services.composer.adapters.mail_renderer import MailRenderer
from services.composer.adapters.prompt_file import read_prompt
from services.composer.adapters.recomposing import NothingSuppressed, recomposed
from services.composer.adapters.words_file import read_locales
from services.composer.pipeline import World as Composer
from services.composer.pipeline import compose
from services.console.adapters.fake_stages import FakeStages
from services.console.pipeline import from_record
from services.recommender.adapters.catalogue.catalogue import ViewedCatalogue
from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder
from services.recommender.adapters.embedding.fake_words import FakeWords
from services.recommender.adapters.fake_clock import FakeClock
from services.recommender.adapters.index.fake_index import FakeIndex
from services.recommender.adapters.index.sync import IndexKeeper
from services.recommender.adapters.prompt_files import read_prompts
from services.recommender.core.replay import rederived
from services.recommender.core.values import Policy
from services.recommender.pipeline import recommend
from services.recommender.world import World as Recommender
from services.runtime.llm_recorded import Recorded, recorded
from services.runtime.llm_scripted import Scripted
from services.runtime.outcome import Emit, Message
from services.runtime.program import read_program
from services.runtime.siv_seal import SivSeal

ROOT = Path(__file__).parents[3]
ACADEMY = ROOT / "examples" / "academy"
EXAMPLE = ROOT / "schemas" / "examples" / "recommendation.requests" / "conversion.json"
SECRET = "a secret of the replays"
NOW = datetime(2026, 11, 3, 9, 31, tzinfo=UTC)
TAKEAWAYS = (
    "Write the goal of a sequence as one sentence before its first mail and cut each mail that does not serve it.",
    "Ask one short question in the second mail and answer every reply by hand.",
)
DESCRIPTION = (
    "The days after a sign-up decide whether a new subscriber opens the next mail. "
    "This course takes one real list and builds three automated sequences for it, from welcome to win-back."
)
JOB: dict[str, Any] = {
    "cites": ["s1"],
    "job": "Set up the first automated email sequences without a big team.",
    "stage": "exploring",
    "confidence": 0.8,
    "title": "Automated email sequences for small teams",
    "description": "Plan, build and measure the first automated sequences of a small team.",
    "skills": ["sequence planning"],
    "level": "beginner",
}
PICK: dict[str, Any] = {
    "picks": [{"course_id": "automation-foundations", "fits": "yes"}],
    "cites": ["s1"],
    "reason": "It builds the sequences step by step.",
}
COPY: dict[str, Any] = {
    "subject": "Planning your first automated sequence",
    "preheader": "Start with the goal, then write the welcome mails",
    "sentences": [
        {"text": "Thank you for downloading the checklist.", "cites": ["fact:conversion"]},
        {"text": "You may want to set up your first sequence with a small team.", "cites": ["fact:job"]},
        {"text": "The course builds automated sequences for a real list.", "cites": ["course:description.1"]},
    ],
    "call_to_action": "See the course",
}
READING: dict[str, Any] = {"verdicts": [{"line": number, "verdict": "supported", "why": ""} for number in range(1, 7)]}
Replies = Mapping[str, Sequence[str]]


@pytest.fixture(scope="session")
def secret() -> str:
    """The secret of the decisions."""
    return SECRET


@pytest.fixture(scope="session")
def program() -> Program:
    """The academy."""
    return read_program(ACADEMY)


@pytest.fixture(scope="session")
def replies() -> Callable[..., dict[str, list[str]]]:
    """Good replies to every question; a name of a stage changes fields of its reply. Who names no reader has none."""

    def build(**changes: Mapping[str, Any]) -> dict[str, list[str]]:
        stages: dict[str, tuple[str, dict[str, Any]]] = {
            "job": ("job+imagine", JOB),
            "pick": ("pick", PICK),
            "copy": ("copy", COPY),
        }
        if "reader" in changes:
            stages["reader"] = ("reader", READING)
        return {stage: [json.dumps({**base, **changes.get(name, {})})] for name, (stage, base) in stages.items()}

    return build


@pytest.fixture(scope="session")
def courses() -> list[Course]:
    """One that fits, and four around it."""
    rows = (
        ("automation-foundations", "Email automation foundations", ("email-marketing",)),
        ("newsletter-rhythm", "A newsletter with a rhythm", ("email-marketing",)),
        ("sender-reputation", "Sender reputation for small senders", ("email-marketing",)),
        ("clean-records", "Clean customer records", ("crm",)),
        ("first-search-pages", "First pages for search engines", ("seo",)),
    )
    return [
        Course(
            id=name, title=title, description=f"{title}. {DESCRIPTION}", topics=topics, takeaways=TAKEAWAYS,
            url=f"https://www.tidewell.example/courses/{name}", level="beginner", language="en", updated_at=NOW,
            skills=("sequence planning", "welcome mails"),
        )
        for name, title, topics in rows
    ]  # fmt: skip


@pytest.fixture
def recommender(program: Program, courses: list[Course]) -> Callable[..., Awaitable[Recommender]]:
    """A recommender over the courses with these replies."""

    async def build(given: Replies, **changes: Any) -> Recommender:
        catalogue, embedder, words, index = ViewedCatalogue(), FakeEmbedder(), FakeWords(), FakeIndex()
        for each in courses:
            catalogue.apply(Message(CATALOG_COURSES, 0, 0, each.id.encode(), each, 0))
        await IndexKeeper(catalogue, embedder, words, index).catch_up()
        policy = Policy(program.signals.topics, "en", 45.0, {})
        world = Recommender(
            Scripted(given), embedder, words, index, catalogue, FakeClock(NOW), read_prompts(), policy
        )  # fmt: skip
        return replace(world, **changes)

    return build


@pytest.fixture
def composer(program: Program) -> Callable[..., Composer]:
    """A composer with these replies, as the process builds it."""

    def build(given: Replies) -> Composer:
        return Composer(
            program=program,
            prompt=read_prompt("copy.v2"),
            outbound_key=derived_key(SECRET.encode(), "outbound"),
            address_key=derived_key(SECRET.encode(), "address"),
            seal=SivSeal(derived_key(SECRET.encode(), UNSUBSCRIBE_SEAL)),
            model=Scripted(given),
            renderer=MailRenderer(),
            suppressions=NothingSuppressed(),
            now=lambda: NOW,
            lexicons=shipped_lexicons(),
            locales=read_locales(program),
            program_hash=content_hash(program.model_dump(mode="json")),
            reader=read_prompt("reader.v1"),
        )

    return build


@pytest.fixture
def decided(
    recommender: Callable[..., Awaitable[Recommender]], composer: Callable[..., Composer]
) -> Callable[..., Awaitable[Case]]:
    """What the whole path makes of the replies: the decision and its mail."""
    example = RecommendationRequest.model_validate_json(EXAMPLE.read_bytes())

    async def run(given: Replies, *, shown: int = 1, otherwise: str = "", **changes: Any) -> Case:
        request = example.model_copy(update={"expires_at": datetime(2026, 11, 5, tzinfo=UTC), **changes})
        world = await recommender(given)
        playbook = request.trigger.playbook
        named = {playbook: otherwise} if otherwise else {}
        policy = replace(world.policy, playbook_courses={playbook: shown}, playbook_otherwise=named)
        world = replace(world, policy=policy)
        first = await recommend(Message(RECOMMENDATION_REQUESTS, 0, 0, None, request, 0), world)
        assert isinstance(first, Emit)
        event = first.records[0].event
        if isinstance(event, Decision):
            return Case(decision=event)
        second = await compose(Message(RECOMMENDATIONS, 0, 0, None, event, 0), composer(given))
        assert isinstance(second, Emit)
        events = [send.event for send in second.records]
        (decision,) = (each for each in events if isinstance(each, Decision))
        return Case(decision=decision, mail=next((each for each in events if isinstance(each, OutboundEmail)), None))

    return run


@pytest.fixture
async def stages(recommender: Callable[..., Any], composer: Callable[..., Any]) -> FakeStages:
    """Both stages as their `replay` commands run them on the record, in this process."""
    world, writer = await recommender({}), composer({})

    async def rederive(case: Case) -> Case:
        replies = {each.stage: recorded(each) for each in case.decision.asked}
        return rederived(case, replies, world.prompts, world.policy)

    async def rewrite(case: Case) -> Case:
        return await recomposed(case, writer, Recorded(case.decision.asked))

    return FakeStages({"recommender": rederive, "composer": rewrite})


@pytest.fixture
def replayed(stages: FakeStages) -> Callable[[Case], Awaitable[Case]]:
    """Replays a case from its record; the case itself stays as it was."""

    async def replay(case: Case) -> Case:
        pairs: list[tuple[Case, Case]] = []
        await from_record([case], stages, lambda then, now: pairs.append((then, now)))
        ((then, now),) = pairs
        assert then == case
        return now

    return replay
