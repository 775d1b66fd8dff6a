"""llm.replies: what a model answered, kept before it is used, so that a redo pays nothing."""

from typing import Annotated, TypeAlias

from pydantic import AwareDatetime, Field, StringConstraints

from schemas.values import Event

ContentHash: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class KeptReply(Event):
    """One reply that was paid for. The first by offset with a key is the one that counts."""

    key: ContentHash = Field(description="SHA-256 over the model and the whole question")
    service: str = Field(description="who asked: recommender or composer")
    person: str = Field(description="whose decision it was for; its cost counts towards that person's budget")
    stage: str
    prompt_id: str
    model: str = Field(description="that was asked")
    answered_by: str = Field(default="", description="the model that the endpoint names")
    outcome: str = Field(description="`answer`, or the fault")
    text: str = Field(default="", description="what the model said, an answer or not")
    detail: str = ""
    prompt_tokens: int = Field(default=0, ge=0)
    completion_tokens: int = Field(default=0, ge=0)
    cost_micros: int = Field(default=0, ge=0, description="in millionths of the currency of the prices")
    duration_s: float = Field(default=0.0, ge=0)
    asked_at: AwareDatetime
