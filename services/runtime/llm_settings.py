"""Which model is asked, for what, and within which bounds."""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.runtime.settings import PREFIX


class LlmSettings(BaseSettings):
    """`OPENAI_API_KEY` and `OPENAI_BASE_URL` as every client of that protocol reads them; the rest is ours."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", populate_by_name=True)

    llm: Literal["auto", "none"] = Field(default="auto", description="none: the lower rungs alone")
    llm_model: str = "gpt-5-mini"
    llm_stages: str = Field(default="job,imagine,pick,copy", description="which stages ask, by comma")
    llm_in_flight: int = Field(default=16, ge=1, le=1_000, description="calls at once; 1 for the local model")
    llm_temperature: float | None = Field(
        default=None, ge=0, le=2, description="unset: the model's own; some refuse any"
    )
    llm_timeout_s: float = Field(
        default=20.0, gt=0, le=300, description="a call in all, from the moment it has its slot"
    )
    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    openai_base_url: str | None = Field(default=None, validation_alias="OPENAI_BASE_URL")

    @property
    def is_on(self) -> bool:
        """True if there is a model to ask."""
        return self.llm != "none" and (self.openai_api_key is not None or self.openai_base_url is not None)

    @property
    def stages(self) -> frozenset[str]:
        """The stages that ask."""
        return frozenset(word.strip() for word in self.llm_stages.split(",") if word.strip())
