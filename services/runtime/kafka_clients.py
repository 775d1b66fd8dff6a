"""Every Kafka client is built here, from one value: where the brokers are and how one gets in.

Beside it, what aiokafka 0.14.0 does wrong for all of them is put right once; private names, so the version is pinned.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiokafka.producer.sender
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka import errors as kafka_errors
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.conn import OAuthAuthenticator, collect_hosts
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.protocol.commit import OffsetFetchRequest
from aiokafka.protocol.metadata import MetadataRequest

from services.runtime.kafka_closing import close_whole
from services.runtime.kafka_headers import read_any_header_name
from services.runtime.kafka_refusal import refuse_wrong
from services.runtime.kafka_static import Static, membership, tell_names
from services.runtime.outcome import Misconfigured

POLL_MS = 200
METADATA_MS = 10_000  # how soon a topic that was made, or made anew, is seen: the library's own is five minutes
ACCESS = (
    "security_protocol", "ssl_context", "sasl_mechanism", "sasl_plain_username", "sasl_plain_password",
    "sasl_oauth_token_provider",
)  # fmt: skip
TRANSACTION_PAUSE_S = 0.002  # aiokafka waits 20 ms between two transactions of one producer otherwise

aiokafka.producer.sender.BACKOFF_OVERRIDE = TRANSACTION_PAUSE_S


@dataclass(frozen=True, slots=True)
class Kafka:
    """Where Kafka is. `access` holds aiokafka's words for encryption and log-in; none where the port is open.

    `static`: the name of this process in its groups; None where it has none, and is a new member at each start.
    """

    bootstrap: str
    access: Mapping[str, Any] = field(default_factory=dict, repr=False)
    static: Static | None = None

    def member(self, group: str, **options: Any) -> Any:
        """A consumer that joins a group: its offsets move only when it is told, and it reads what is committed."""
        return self.reader(group_id=group, **options)

    def reader(self, *topics: str, session_s: float | None = None, **options: Any) -> Any:
        """A consumer of its own: from the beginning, of what is committed.

        `session_s`: how long a group waits for it, where it has one; by its name it has a session of its own.
        """
        if session_s is not None:
            options |= membership(self.static, session_s)
        defaults: dict[str, Any] = {
            "group_id": None, "enable_auto_commit": False, "auto_offset_reset": "earliest",
            "isolation_level": "read_committed", "fetch_max_wait_ms": POLL_MS, "metadata_max_age_ms": METADATA_MS,
        }  # fmt: skip
        return AIOKafkaConsumer(*topics, bootstrap_servers=self.bootstrap, **self.access, **{**defaults, **options})

    def producer(self, **options: Any) -> Any:
        """A producer that every replica has to ack."""
        return AIOKafkaProducer(bootstrap_servers=self.bootstrap, acks="all", **self.access, **options)

    def admin(self) -> Any:
        """An admin client."""
        return AIOKafkaAdminClient(bootstrap_servers=self.bootstrap, **self.access)


async def assign_whole(reader: Any, *topics: str) -> tuple[TopicPartition, ...]:
    """Give a started reader every partition of the topics by hand, and say which.

    A subscription would be emptied, without a word, by the first metadata that carries an error for a topic, and its
    positions with it (aiokafka 0.14.0); what is assigned by hand stays.

    Raises:
        KafkaError: a topic does not exist, or may not be read.
    """
    numbers = {each: await reader._client._wait_on_metadata(each) for each in topics}  # noqa: SLF001
    partitions = tuple(TopicPartition(each, number) for each in topics for number in sorted(numbers[each]))
    reader.assign(partitions)
    return partitions


async def refuse_wrong_access(kafka: Kafka) -> None:
    """Return where Kafka lets us in, and also where it does not answer: that is to be waited for.

    Every client of ours finds out the same when it starts and cannot, unless one was let in before; what runs may ask
    by this.

    Raises:
        Misconfigured: Kafka refuses the log-in or the certificate, or is not whom it claims to be.
    """
    await refuse_wrong(kafka.bootstrap, kafka.access)


def believe_offsets_only_without_error() -> None:
    """Let every client ask again for committed offsets while the coordinator loads, is away or has moved. Idempotent.

    aiokafka asks with OffsetFetch v3 and never looks at the answer's own error code (14 to 16): such an answer names no
    topic, and reads as "nothing was ever committed". An unknown topic is passed over in the same way.
    """
    if getattr(GroupCoordinator._send_req, "is_judging", False):  # noqa: SLF001
        return
    plain = GroupCoordinator._send_req  # noqa: SLF001

    async def judged(self: Any, request: Any) -> Any:
        answer = await plain(self, request)
        if isinstance(request, OffsetFetchRequest):
            refuse_faulty(answer, self.coordinator_dead)
        return answer

    judged.is_judging = True  # type: ignore[attr-defined]
    GroupCoordinator._send_req = judged  # noqa: SLF001


@dataclass(slots=True)
class OffsetAnswers:
    """How often an answer was not believed, for who wants to know how wide the window is."""

    refused: int = 0


offset_answers = OffsetAnswers()


def refuse_faulty(answer: Any, coordinator_dead: Any) -> None:
    """Let an answer to OffsetFetch pass that holds no error.

    Raises:
        KafkaError: the answer's own; aiokafka asks again after those that pass, having looked for the coordinator.
    """
    codes = [getattr(answer, "error_code", 0)]
    codes += [partition[3] for _, partitions in answer.topics for partition in partitions]
    for code in codes:
        kind = kafka_errors.for_code(code)
        if kind in (kafka_errors.GroupCoordinatorNotAvailableError, kafka_errors.NotCoordinatorForGroupError):
            coordinator_dead()
        if kind is not kafka_errors.NoError:
            offset_answers.refused += 1
            raise kind


let_in: set[tuple[Any, ...]] = set()
"""The ways in by which a broker took a client of this process: where, and with what."""


def tell_refusals() -> None:
    """Let every client that cannot bootstrap find out why, and believe in a log-in by token. Idempotent.

    aiokafka says "Unable to bootstrap" whatever was the matter. A refused token is answered with words in place of
    nothing (RFC 7628, 3.2.2), which it passes over: "authenticated", and then the broker closes.

    Only who was never let in is refused for good: a broker that is just starting may not know its users yet, and a
    token may be stale for a moment. To others a refusal is a broker that is away, until the pulse has counted enough.
    """
    if getattr(AIOKafkaClient.bootstrap, "is_telling", False):
        return
    bootstrap, step = AIOKafkaClient.bootstrap, OAuthAuthenticator.step

    async def told(self: Any) -> None:
        access = {name: getattr(self, f"_{name}") for name in ACCESS}
        way = (*collect_hosts(self._bootstrap_servers, randomize=False), *access.values())
        try:
            await bootstrap(self)
        except kafka_errors.KafkaConnectionError as error:
            try:
                await refuse_wrong(self._bootstrap_servers, access)
            except Misconfigured as refusal:
                if way not in let_in:
                    raise
                raise kafka_errors.KafkaConnectionError(str(refusal)) from error
            raise
        let_in.add(way)

    async def judged(self: Any, answer: bytes | None) -> Any:
        if answer:
            raise kafka_errors.SaslAuthenticationFailed(answer.decode(errors="replace"))
        return await step(self, answer)

    told.is_telling = True  # type: ignore[attr-defined]
    AIOKafkaClient.bootstrap, OAuthAuthenticator.step = told, judged


def make_no_topics() -> None:
    """Let no client make a topic by asking for it. Idempotent.

    aiokafka asks with allow_auto_topic_creation=True, and a broker's own default is to obey: a topic that was to be
    waited for would be there with the broker's number of partitions, which is for life.
    """
    if getattr(MetadataRequest.build, "is_modest", False):
        return
    build = MetadataRequest.build

    def modest(self: Any, request_struct_class: Any) -> Any:
        self._allow_auto_topic_creation = False
        return build(self, request_struct_class)

    modest.is_modest = True  # type: ignore[attr-defined]
    MetadataRequest.build = modest


believe_offsets_only_without_error()
tell_refusals()
read_any_header_name()
make_no_topics()
tell_names()
close_whole()
