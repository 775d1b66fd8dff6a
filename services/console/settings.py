"""What an operator may set for the console, beside what every service has."""

from pydantic import Field

from services.runtime.settings import ServiceSettings


class ConsoleSettings(ServiceSettings):
    """`KINDLING_CONSOLE_…`."""

    console_host: str = Field(default="127.0.0.1", description="anybody who reaches it can read every mail")
    console_port: int = Field(default=8090, ge=0, le=65_535)
    console_view: str = Field(default=":memory:", description="or a file; it is dropped and rebuilt at start")
