"""What an operator may set of the profile service, beside what every service has."""

from pathlib import Path

from pydantic import Field

from services.runtime.settings import ProgramSettings, ServiceSettings

# Objects made before the garbage collector looks, by generation. States are trees without cycles, which counting
# frees: at Python's own 700 it walks the cached ones again and again for nothing (11 of 48 µs an event, `make bench`).
GARBAGE_THRESHOLDS = (50_000, 20, 100)


class ProfileSettings(ServiceSettings, ProgramSettings):
    """Settings of the profile service; each is `KINDLING_` and the name in capitals."""

    profile_quiet_period_s: int | None = Field(
        default=None, ge=0, le=86_400, description="in place of every playbook's own quiet period"
    )
    profile_data: Path = Field(default=Path(".local/profile"), description="folder of the local store")
    profile_tick_s: float = Field(default=0.25, gt=0, le=10, description="how often due triggers are looked for")
    profile_accept_gap: bool = Field(default=False, description="start although records were lost to retention")
    profile_max_packs: int = Field(default=16, ge=1, le=256, description="packs in one transaction at most")
