"""The Faust application and its table as the fenced worker needs them: one agent, raw bytes, nothing of its own."""

from collections.abc import AsyncIterable, Awaitable, Callable
from typing import Any

import faust
from faust.auth import Credentials, OAuthCredentials, SASLCredentials, SSLCredentials
from faust.types import TP

from schemas.topics import EVENTS_CLEAN, PROFILE_CHANGELOG, PROFILE_SELF
from services.profile.adapters.faust_consumer import CorrectedTransport, Positions
from services.profile.adapters.faust_partition import GROUP
from services.profile.settings import ProfileSettings
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_static import HEARTBEAT_S

SOURCES = (EVENTS_CLEAN.name, PROFILE_SELF.name)
BLOCK_CACHE_BYTES = 64 * 1024 * 1024
MEMTABLE_BYTES = 16 * 1024 * 1024  # what a crash loses of a partition, about, and the next start reads again
SESSION_S = 10.0
REQUEST_S = 90.0  # Faust's own, which no session may be longer than
FETCH_BYTES = 2 * 1024 * 1024  # of a partition; some 28 full packs of 72 KB, about what a transaction takes


class FencedTable(faust.Table[bytes, bytes]):
    """A table that tells its worker of every rebalance, after the stores are open and before recovery looks."""

    own: Callable[[set[int]], Awaitable[None]]

    async def on_rebalance(self, assigned: set[TP], revoked: set[TP], newly: set[TP], generation_id: int = 0) -> None:
        """Open the stores, then fence and load."""
        await super().on_rebalance(assigned, revoked, newly, generation_id)
        await self.own({each.partition for each in assigned if each.topic == PROFILE_CHANGELOG.name})


def new_app(
    settings: ProfileSettings,
    kafka: Kafka,
    *,
    agent: Callable[[AsyncIterable[Any]], Awaitable[None]],
    positions: Positions,
    on_revoked: Callable[..., Awaitable[None]],
) -> Any:
    """The application with its one agent over both inputs; times are the runtime loop's."""
    static = kafka.static
    app = faust.App(
        GROUP,
        broker=[f"kafka://{each}" for each in kafka.bootstrap.split(",")],
        broker_credentials=credentials_of(kafka),
        store="rocksdb://",
        datadir=str(settings.profile_data),
        Table=FencedTable,
        key_serializer="raw",
        value_serializer="raw",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        broker_session_timeout=SESSION_S if static is None else static.session_s,
        broker_request_timeout=max(REQUEST_S, 0.0 if static is None else static.session_s),
        broker_heartbeat_interval=HEARTBEAT_S,
        consumer_group_instance_id=None if static is None else static.instance_id,
        broker_rebalance_timeout=30.0,
        broker_max_poll_interval=86_400.0,
        broker_commit_interval=1.0,
        stream_buffer_maxsize=1_024,
        stream_wait_empty=False,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=FETCH_BYTES,
        consumer_metadata_max_age_ms=30_000,
    )
    transport = CorrectedTransport(app.conf.broker_consumer, app)
    transport.positions = positions
    app.transport = transport
    app.on_partitions_revoked.connect(on_revoked)
    app.agent(app.topic(*SOURCES, key_type=bytes, value_type=bytes, internal=False), name="profile")(agent)
    return app


def credentials_of(kafka: Kafka) -> Credentials | None:
    """How Faust's own consumer and producer get in: as every other client; None where the port is open."""
    access = kafka.access
    context, mechanism = access.get("ssl_context"), access.get("sasl_mechanism")
    if mechanism is None:
        return None if context is None else SSLCredentials(context)
    if (provider := access.get("sasl_oauth_token_provider")) is not None:
        return OAuthCredentials(oauth_cb=provider, ssl_context=context)
    return SASLCredentials(
        username=access["sasl_plain_username"],
        password=access["sasl_plain_password"],
        ssl_context=context,
        mechanism=mechanism,
    )


def new_table(
    app: Any, partitions: int, *, own: Callable[[set[int]], Awaitable[None]], on_recover: Callable[..., Awaitable[None]]
) -> Any:
    """The table over the changelog."""
    changelog = app.topic(PROFILE_CHANGELOG.name, key_type=bytes, value_type=bytes, compacting=True)
    table = app.Table(
        "profile", key_type=bytes, value_type=bytes, changelog_topic=changelog, partitions=partitions,
        options={"block_cache_size": BLOCK_CACHE_BYTES, "write_buffer_size": MEMTABLE_BYTES}, on_recover=on_recover,
    )  # fmt: skip
    table.own = own
    return table
