"""The settings of both commands, read from the environment with the prefix KINDLING_."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_serializer, field_validator
from pydantic_settings import NoDecode

from services.ingest.core.client import network
from services.ingest.core.keyring import masked_key
from services.ingest.core.refused import ANALYTICS
from services.runtime.settings import ProgramIfAny, ServiceSettings

List = Annotated[tuple[str, ...], NoDecode]


class IngestSettings(ServiceSettings, ProgramIfAny):
    """Where the collector listens and whom it hears; how the consumer reads.

    The program says whose mails they are on the page behind a mail's link, why they come and in which languages.
    """

    ingest_host: str = Field("127.0.0.1", description="of the collector")
    ingest_port: int = Field(8080, ge=0, le=65_535, description="of the collector; 0: any free one, the log says which")
    ingest_write_keys: List = Field((), description="comma separated; a tracker sends one of them")
    ingest_origins: List = Field((), description="comma separated, as browsers send them; `*` for any, null never")
    ingest_keys: Path | None = Field(
        None,
        description="YAML or JSON: write keys with origins, rates and types, and server keys; read anew when changed",
    )
    ingest_webhooks: Path | None = Field(
        None, description="YAML or JSON: the ESPs whose webhooks are heard, and their secrets; read anew when changed"
    )
    ingest_rate_per_s: float = Field(1_000, gt=0, description="calls a second one write key may send for ever")
    ingest_burst: float = Field(5_000, ge=500, description="calls at once; a batch has up to 500")
    ingest_client_rate_per_s: float = Field(1_000, gt=0, description="calls a second one address may send for ever")
    ingest_client_burst: float = Field(5_000, ge=500, description="calls at once")
    ingest_proxies: List = Field(
        (), description="comma separated addresses and networks whose X-Forwarded-For says who a client is"
    )
    ingest_bytes_in_flight: int = Field(
        64_000_000,
        ge=16_000_000,
        description="half for bodies on their way in, of one client an eighth; half for what waits for Kafka",
    )
    ingest_connections: int = Field(1_000, ge=1, description="open at once; beyond, 503")
    ingest_max_records: int = Field(4_000, ge=1, le=100_000, description="raw records of one batch")
    ingest_linger_ms: int = Field(20, ge=0, le=1_000, description="how long a small batch waits for more")
    ingest_window: int = Field(50_000, ge=1, description="recent events remembered per partition; 20 MB at most each")
    ingest_analytics_categories: List = Field(
        ANALYTICS,
        description="comma separated, in any case: who refuses one of them to a consent manager is kept minimal",
    )
    ingest_accept_gap: bool = Field(default=False, description="as KINDLING_ACCEPT_GAP, of the consumer alone")

    @field_serializer("ingest_write_keys", when_used="json")
    def _mask(self, keys: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(masked_key, keys))

    @field_validator(
        "ingest_write_keys", "ingest_origins", "ingest_proxies", "ingest_analytics_categories", mode="before"
    )
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(each.strip() for each in value.split(",") if each.strip()) if isinstance(value, str) else value

    @field_validator("ingest_proxies")
    @classmethod
    def _check(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            network(each)
        return value
