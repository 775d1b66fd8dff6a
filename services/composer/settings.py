"""What an operator may set for the composer, beside what every service has."""

from pydantic import Field

from services.runtime.settings import ProgramSettings, ServiceSettings


class ComposerSettings(ServiceSettings, ProgramSettings):
    """`KINDLING_COMPOSER_…`."""

    composer_in_flight: int = Field(default=16, ge=1, le=1_000, description="recommendations in work at once")
