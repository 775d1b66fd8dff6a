"""What an operator may set for the console, beside what every service has."""

from pydantic import Field

from services.runtime.settings import ServiceSettings


class ConsoleSettings(ServiceSettings):
    """`KINDLING_CONSOLE_…`."""

    console_host: str = Field(
        default="127.0.0.1", description="where the page listens; anybody who reaches it can read every mail"
    )
    console_port: int = Field(
        default=8090, ge=0, le=65_535, description="of the page; 0: any free port, the log says which"
    )
    console_view: str = Field(
        default=":memory:", description="file of the view, or memory; it is dropped and rebuilt at start"
    )
