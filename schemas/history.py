"""One row of a business's past, as `python -m services.ingest import-history` reads it: a course begun or ended."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, ConfigDict, StringConstraints, model_validator

from schemas.course import Slug
from schemas.identity import normalised_address
from schemas.raw import Id
from schemas.values import Outside

Kind: TypeAlias = Literal["enrolled", "completed"]


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("expected printable characters")
    return text


def _address(text: str) -> str:
    address = normalised_address(text)
    if address is None:
        raise ValueError("expected a plain address")
    return address


class HistoryRow(Outside):
    """What a row says; other columns are left aside. `occurred_at` is read as ingest reads every time."""

    model_config = ConfigDict(coerce_numbers_to_str=True, str_strip_whitespace=True)

    user_id: Annotated[Id, StringConstraints(min_length=1), AfterValidator(_printable)] | None = None
    email: Annotated[str, StringConstraints(max_length=400), AfterValidator(_address)] | None = None
    course_id: Slug
    occurred_at: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    kind: Kind = "enrolled"
    topic: Annotated[str, StringConstraints(max_length=100)] | None = None

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if self.user_id is None and self.email is None:
            raise ValueError("expected user_id or email")
        return self
