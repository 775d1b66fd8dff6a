"""The whole chain, from a page view to the mailbox and back, between writers of a later version: without a broker."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import jsonschema
import orjson
import pytest
from aiokafka.structs import ConsumerRecord

from bench.golden.world import academy, world_over
from bench.lexicons import shipped_lexicons
from bench.requests import NOW
from schemas import topics
from schemas.codec import decode, encode
from schemas.identity import derived_key
from schemas.signing import signature
from services.composer import pipeline as composer
from services.composer.adapters.fake_renderer import FakeRenderer
from services.composer.adapters.prompt_file import read_prompt
from services.composer.adapters.words_file import read_locales
from services.connector import pipeline as connector
from services.connector.adapters.fake_clock import FakeClock
from services.connector.adapters.fake_ledger import FakeLedger
from services.connector.adapters.fake_mailer import FakeMailer
from services.connector.world import World
from services.console.adapters.fake_view import FakeView
from services.console.pipeline import absorb, tell
from services.ingest.adapters.fake_records import FakeRecord
from services.ingest.core.source import keys_of
from services.ingest.core.window import Windows
from services.ingest.pipeline import handler
from services.profile.pipeline import Input, Transition, advance, compiled, fire
from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder
from services.recommender.pipeline import recommend
from services.runtime.fake_seal import FakeSeal
from services.runtime.kafka_records import to_message, to_view_message
from services.runtime.llm_client import NoLlm
from services.runtime.outcome import Emit, Message, Outcome
from tests import growth
from tests.fake_suppressions import FakeSuppressions
from tests.profile_values import Persons

SECRET = b"a secret of a test"
NOW_MS = int(NOW.timestamp() * 1_000)
QUIET_MS = 1_800_000
MAYA = "u:lead-maya"
WHO = {"userId": "lead-maya", "anonymousId": "browser-maya"}
CONSENT = {"marketing": True, "text_version": "2026-01"}
TRAITS = {"email": "maya@brightpaws.example", "firstName": "Maya", "company": "Bright Paws", "consent": CONSENT}
PAGES = ("welcome-series-that-get-replies", "first-order-second-order", "the-second-mail")
Writer = Callable[[str, bytes], bytes]


def as_today(short: str, raw: bytes) -> bytes:
    """The record as it is; it fits the published schema, which is closed."""
    jsonschema.Draft202012Validator(growth.published(short)).validate(orjson.loads(raw))
    return raw


def as_later(short: str, raw: bytes) -> bytes:
    """The record as a later version writes it."""
    return growth.later(short, raw, SECRET)


def _came(topic: topics.Topic, raw: bytes, key: bytes | None = None) -> "ConsumerRecord[bytes | None, bytes | None]":
    return ConsumerRecord(topic.name, 0, 0, NOW_MS, 0, key, raw, None, 0, 0, ())


@dataclass
class Chain:
    """Every service on its fakes; whatever goes from one to the next goes through the writer."""

    writer: Writer
    persons: Persons = field(default_factory=Persons)
    checkpoint: dict[str, Any] = field(default_factory=dict)
    between: dict[str, list[bytes]] = field(default_factory=dict)
    table: FakeSuppressions = field(default_factory=lambda: FakeSuppressions(derived_key(SECRET, "suppression")))
    mailer: FakeMailer = field(default_factory=FakeMailer)
    archive: FakeView = field(default_factory=FakeView)
    numbers: int = 0

    def write(self, topic: topics.Topic, raw: bytes) -> bytes:
        """The record as it is on the topic."""
        raw = self.writer(topic.short, raw)
        self.between.setdefault(topic.short, []).append(raw)
        return raw

    def sent(self, sends: Sequence[Any]) -> None:
        """Put what a stage sends on its topics."""
        for send in sends:
            self.write(send.topic, encode(send.topic, send.event))

    def last(self, topic: topics.Topic) -> Message:
        """The newest record of the topic as its reader gets it."""
        return to_message(_came(topic, self.between[topic.short][-1]))

    def emitted(self, outcome: Outcome) -> None:
        """Put what a handler emits on its topics."""
        assert isinstance(outcome, Emit), outcome
        self.sent(outcome.records)

    def ingest(self, topic: topics.Topic, *values: dict[str, Any]) -> None:
        """What the world writes, through ingest and its packs into the profile."""
        self.read(topic, [self.write(topic, orjson.dumps(each)) for each in values])

    def read(self, topic: topics.Topic, raws: Sequence[bytes]) -> None:
        """Raw records through ingest, and their packs into the profile."""
        records = []
        for raw in raws:
            self.numbers += 1
            records.append(FakeRecord(topic.name, 0, self.numbers, raw, NOW_MS))
        batch = handler(keys_of(SECRET, FakeSeal()), Windows(100), lambda _: 0)(records)
        assert [each for each in batch.others if each.topic.short.startswith("dlq.")] == []
        for pack in batch.packs:
            self.profile(topics.EVENTS_CLEAN, self.write(topics.EVENTS_CLEAN, pack.value or b""))

    def profile(self, topic: topics.Topic, raw: bytes) -> None:
        """One record into the profile; what it sends itself comes back in."""
        self.numbers += 1
        step = advance(
            [Input(topic.short, 0, self.numbers, NOW_MS, None, raw)],
            self.checkpoint,
            self.persons.reading,
            RULES,
            NOW_MS,
        )
        assert step.rejects == ()
        self.own(self.keep(step))

    def own(self, step: Transition) -> None:
        """What a step sends to the profile itself, into it."""
        count = sum(send.topic is topics.PROFILE_SELF for send in step.sends)
        for raw in self.between.get("profile.self", [])[-count:] if count else ():
            self.profile(topics.PROFILE_SELF, raw)

    def fire(self) -> None:
        """What is due of Maya, also by what the home of her mailbox answers."""
        while (step := fire(MAYA, self.persons.of(MAYA), self.checkpoint, RULES, NOW_MS + QUIET_MS)) is not None:
            self.own(self.keep(step))

    def keep(self, step: Transition) -> Transition:
        """Commit a step."""
        self.persons.keep(step)
        self.checkpoint = dict(step.checkpoint)
        self.sent(step.sends)
        return step

    def suppress(self, state: str) -> None:
        """What the address says of marketing, into the view of composer and connector."""
        key = self.last(topics.RECOMMENDATION_REQUESTS).event.recipient.address_key
        fields = {
            "address_key": key, "purposes": ["marketing"], "state": state, "reason": "lifted", "source": "test",
            "since": "2026-11-03T09:00:01Z" if state == "lifted" else "2026-11-03T09:00:00Z",
        }  # fmt: skip
        signed = {**fields, "signature": signature(derived_key(SECRET, "suppression"), fields)}
        raw = self.write(topics.EMAIL_SUPPRESSIONS, orjson.dumps(signed))
        self.table.apply(to_view_message(_came(topics.EMAIL_SUPPRESSIONS, raw, f"{key}|marketing".encode())))

    async def recommend(self) -> None:
        """The request into a recommendation."""
        program, courses = academy()
        raws = [self.write(topics.CATALOG_COURSES, encode(topics.CATALOG_COURSES, each)) for each in courses]
        world = await world_over(program, [decode(topics.CATALOG_COURSES, each) for each in raws], FakeEmbedder())
        self.emitted(await recommend(self.last(topics.RECOMMENDATION_REQUESTS), world))

    async def compose(self) -> None:
        """The recommendation into a mail."""
        world = composer.World(
            program=PROGRAM, prompt=read_prompt("copy.v2"), outbound_key=derived_key(SECRET, "outbound"),
            address_key=derived_key(SECRET, "address"),
            seal=FakeSeal(), model=NoLlm(), renderer=FakeRenderer(),
            suppressions=self.table, now=lambda: NOW, lexicons=shipped_lexicons(), locales=read_locales(PROGRAM),
        )  # fmt: skip
        self.emitted(await composer.compose(self.last(topics.RECOMMENDATIONS), world))

    async def deliver(self) -> None:
        """The mail into the mailbox."""
        clock = FakeClock(NOW + timedelta(hours=1))
        self.table.asked_at = clock.now()
        outbound, address = derived_key(SECRET, "outbound"), derived_key(SECRET, "address")
        world = World(outbound, address, FakeLedger(), self.mailer, self.table, clock)
        self.emitted(await connector.deliver(self.last(topics.EMAIL_OUTBOUND), world))

    def watch(self) -> None:
        """What the console sees."""
        for topic in (topics.DECISIONS, topics.EMAIL_OUTBOUND, topics.EMAIL_FEEDBACK):
            absorb(self.last(topic), self.archive)


PROGRAM, _ = academy()
RULES = compiled(PROGRAM)


async def _lived(writer: Writer) -> Chain:
    """Maya reads unknown, is known, converts, and gets one mail; an old refusal of hers was lifted."""
    chain = Chain(writer)
    pages = [
        {"type": "page", "messageId": f"p-{name}", "anonymousId": "browser-maya",
         "properties": {"path": f"/blog/email-marketing/{name}", "title": name.replace("-", " ")}}
        for name in PAGES
    ]  # fmt: skip
    chain.ingest(topics.EVENTS_RAW, *pages, {"type": "identify", "messageId": "i", **WHO, "traits": TRAITS})
    guide = {"title": "The welcome series workbook", "topic": "email-marketing", "email": TRAITS["email"]}
    chain.ingest(
        topics.CONVERSIONS_RAW,
        {"type": "track", "event": "Guide Downloaded", "messageId": "c", "userId": "lead-maya", "properties": guide,
         "context": {"traits": TRAITS}},
    )  # fmt: skip
    chain.fire()
    chain.suppress("suppressed")
    chain.suppress("lifted")
    await chain.recommend()
    await chain.compose()
    await chain.deliver()
    chain.watch()
    chain.read(topics.EMAIL_FEEDBACK, tuple(chain.between[topics.EMAIL_FEEDBACK.short]))
    return chain


@pytest.fixture
async def today() -> Chain:
    """The chain as it is."""
    return await _lived(as_today)


@pytest.fixture
async def later() -> Chain:
    """The chain whose every writer is of a later version."""
    return await _lived(as_later)


async def test_chain_writes_what_its_schemas_say(today: Chain) -> None:
    """Every record between the stages fits the published, closed schema; one mail goes out."""
    assert len(today.mailer.sent) == 1
    assert today.between.keys() >= {"profile.self", "recommendations", "email.outbound", "decisions", "email.feedback"}


async def test_mail_goes_out_between_writers_of_a_later_version(today: Chain, later: Chain) -> None:
    """The same letter, to the byte: its signature and the lift's hold, and the profile hears of it."""
    assert [each.content for each in later.mailer.sent] == [each.content for each in today.mailer.sent]
    ((decision, touch),) = later.persons.of(MAYA).touches.rows.items()
    assert touch.word == "delivered"
    assert tell(decision, later.archive) is not None


async def test_what_is_passed_on_keeps_what_nobody_knows(later: Chain) -> None:
    """The request in the recommendation, its parts in the decision, the consent in the mail, the state along a link."""
    recommendation, mail, decision = (
        orjson.loads(later.between[short][-1]) for short in ("recommendations", "email.outbound", "decisions")
    )
    for kept in (recommendation["request"]["recipient"], mail["consent"], decision["snapshot"]["signals"][0]):
        assert kept[growth.NEW_FIELD] == growth.NEW_VALUE
    assert orjson.loads(bytes(later.persons.of(MAYA).rest[growth.NEW_FIELD])) == growth.NEW_VALUE
