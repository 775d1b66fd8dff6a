"""Embeddings from any OpenAI-compatible endpoint. No retries of the library's own: the runtime asks again."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass

from openai import APIConnectionError, APIError, APIStatusError, AsyncOpenAI

from services.recommender.core.retrieval.vectors import unit
from services.recommender.core.values import Vector
from services.runtime.outcome import Misconfigured, Unavailable

LATER = {408, 409, 425, 429}  # worth asking again; every 5xx is too


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where embeddings come from; `url` None is the client's default."""

    url: str | None
    api_key: str
    model: str
    dimension: int
    timeout_s: float


class OpenAiEmbedder:
    """One endpoint and model. The timeout is for a whole call: the library's own is for each phase of it."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._client = AsyncOpenAI(
            base_url=endpoint.url, api_key=endpoint.api_key, max_retries=0, timeout=endpoint.timeout_s
        )
        self.name = endpoint.model
        self.dimension = endpoint.dimension

    async def check(self) -> None:
        """Ask for one vector and hold its length against the setting.

        Raises:
            Misconfigured: the key or model is refused, or vectors have another length; it names what to set.
            Unavailable: the endpoint is away.
        """
        (row,) = await self._rows(["a course"])
        if len(row) != self.dimension:
            raise Misconfigured(
                f"embeddings of {self.name} have {len(row)} dimensions, {self.dimension} are set: "
                "set KINDLING_RECOMMENDER_EMBEDDING_DIMENSION, or another model"
            )

    async def query(self, text: str) -> Vector:
        """The vector to search with. Raises `Unavailable` where what came is no direction."""
        (vector,) = await self.passages([text])
        if not vector:
            raise Unavailable("embeddings: expected a finite vector of the set length, came none")
        return vector

    async def passages(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        """The vectors to be found by; an empty one where what came for that text is no direction."""
        rows = await self._rows(texts) if texts else []
        return tuple(unit(row, self.dimension) or () for row in rows)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _rows(self, texts: Sequence[str]) -> list[list[float]]:
        try:
            async with asyncio.timeout(self._endpoint.timeout_s):
                reply = await self._client.embeddings.create(
                    model=self._endpoint.model, input=[text or " " for text in texts], encoding_format="float"
                )
            rows = [each.embedding for each in sorted(reply.data, key=lambda each: each.index)]
        except APIStatusError as error:
            raise _by_status(error) from error
        except (APIConnectionError, APIError, TimeoutError) as error:
            raise Unavailable(f"embeddings: {type(error).__name__}") from error
        except (json.JSONDecodeError, AttributeError, TypeError) as error:
            raise Unavailable("embeddings: the endpoint did not answer in OpenAI's shape") from error
        if len(rows) != len(texts):
            raise Unavailable(f"embeddings: {len(texts)} texts were sent, {len(rows)} vectors came")
        if not all(isinstance(row, list) for row in rows):
            raise Unavailable("embeddings: the endpoint did not answer in OpenAI's shape")
        return rows


def _by_status(error: APIStatusError) -> Exception:
    if error.status_code in LATER or error.status_code >= 500:  # noqa: PLR2004 RFC 9110, 15.6
        return Unavailable(f"embeddings: status {error.status_code}")
    return Misconfigured(
        f"embeddings: status {error.status_code}; check KINDLING_RECOMMENDER_EMBEDDING_URL, _API_KEY and _MODEL"
    )
