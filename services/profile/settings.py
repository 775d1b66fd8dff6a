"""What an operator may set of the profile service, beside what every service has."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from schemas.topics import STAMPED
from services.runtime.settings import ProgramSettings, ServiceSettings


class ProfileSettings(ServiceSettings, ProgramSettings):
    """Settings of the profile service; each is `KINDLING_` and the name in capitals."""

    profile_quiet_period_s: int | None = Field(
        default=None, ge=0, le=86_400, description="in place of every playbook's own quiet period"
    )
    profile_data: Path = Field(default=Path(".local/profile"), description="folder of the local store")
    profile_tick_s: float = Field(default=0.25, gt=0, le=10, description="how often due triggers are looked for")
    profile_accept_gap: bool = Field(default=False, description="as KINDLING_ACCEPT_GAP, of the profile alone")
    profile_made_anew: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(),
        description="comma separated: raw topics made anew, whose places are all forgotten; start once with it, then "
        "without",
    )
    profile_cache_mb: int = Field(
        default=256, ge=1, le=65_536, description="memory for persons of all owned partitions together, in MB"
    )
    profile_content_mb: int = Field(
        default=256, ge=1, le=65_536,
        description="memory for the pieces of catalog.content, in MB; about 78 for 100,000 of the usual length",
    )  # fmt: skip
    profile_max_packs: int = Field(
        default=32, ge=1, le=256, description="packs of a partition in one transaction at most"
    )

    @field_validator("profile_made_anew", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return frozenset(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("profile_made_anew")
    @classmethod
    def _names_sources(cls, value: frozenset[str]) -> frozenset[str]:
        sources = {each.short for each in STAMPED}
        if not value <= sources:
            raise ValueError(f"expected names out of {', '.join(sorted(sources))}; came {', '.join(sorted(value))}")
        return value
