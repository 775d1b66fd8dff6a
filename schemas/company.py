"""What is known of the business a person works for, and from where."""

from typing import Annotated, Literal, TypeAlias

from pydantic import AwareDatetime, Field, StringConstraints

from schemas.values import Event, known

FactName: TypeAlias = Literal["industry", "product", "audience", "language", "company", "company_size"]
CompanyRung: TypeAlias = Literal["llm", "declared", "none"]


class CompanyFact(Event):
    """One fact: of the site's page with the words that show it, or of what the person declared."""

    name: Annotated[str, known(FactName)]
    value: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    quote: Annotated[str, StringConstraints(min_length=1, max_length=300)] = Field(
        description="literally in the page, or as declared"
    )


class Company(Event):
    """The business: from its site (`llm`), else from declared facts, else nothing; `reason` says why."""

    rung: Annotated[str, known(CompanyRung)]
    reason: str = Field(description="`read`, or why the site says nothing")
    site: str | None = Field(default=None, description="the host that was to be read")
    facts: tuple[CompanyFact, ...] = Field(default=(), max_length=8)
    read_at: AwareDatetime | None = None
    prompt_id: str = ""
    model: str = ""
