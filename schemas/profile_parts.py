"""Parts of a person's state: bounded numbers, times, texts and rows of them."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints

from schemas.recommendation import DecisionId
from schemas.values import known

Ms: TypeAlias = Annotated[int, Field(ge=0, lt=253_402_300_800_000)]  # up to the year 9999
Count: TypeAlias = Annotated[int, Field(ge=0, lt=2**53)]
Amount: TypeAlias = Annotated[int, Field(ge=-(2**62), le=2**62)]
Rank: TypeAlias = Annotated[int, Field(ge=0, le=2)]
Text: TypeAlias = Annotated[str, StringConstraints(max_length=300)]
Month: TypeAlias = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,4})$")]
Buckets: TypeAlias = dict[Text, dict[Month, Amount]]
_Word: TypeAlias = Literal["", "nothing", "clicked", "refused", "converted"]
Outcome: TypeAlias = Annotated[str, known(_Word)]
_Touch: TypeAlias = Literal["ask", "ghost"]
MailKey: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(/[0-9a-f]{12})?$")
]
Said: TypeAlias = tuple[Rank, Ms, Text, Text]
Times: TypeAlias = dict[Text, Ms]
Facts: TypeAlias = Annotated[dict[Text, Said], Field(max_length=32)]
Mails: TypeAlias = dict[MailKey, tuple[Text, Outcome, Outcome, Ms]]
ConsentRows: TypeAlias = dict[Text, dict[Text, tuple[Ms, bool, Text, Text, Rank]]]
Refusals: TypeAlias = Annotated[dict[Text, Ms], Field(max_length=32)]
Hours: TypeAlias = dict[Annotated[str, StringConstraints(pattern=r"^[0-9]{1,3}$")], Count]
TouchRows: TypeAlias = dict[DecisionId, tuple[Ms, Ms, Text, Text, Annotated[str, known(_Touch)], Text]]
Days: TypeAlias = Annotated[list[tuple[Count, Count]], Field(max_length=2_048)]
Clicks: TypeAlias = dict[DecisionId, tuple[Ms, list[tuple[Ms, Text, Text, Text, Ms]]]]
Ring: TypeAlias = Annotated[str, StringConstraints(pattern=r"^(?:\|[0-9a-f]{12})*$", max_length=13 * 128)]
Awaited: TypeAlias = Annotated[dict[Text, Ms], Field(max_length=8)]
Forward: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[uea]:", max_length=300)]
