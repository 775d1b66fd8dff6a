"""control: the operator's switches, each the last record of its key; and what stands of one."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from schemas.values import Event, known

SwitchName = Literal["mail"]
MAIL: SwitchName = "mail"


class SwitchSet(Event):
    """An operator has set a switch. Only this topic's ACL says who may."""

    switch: Annotated[str, known(SwitchName)] = Field(
        description="`mail`: composer and connector take nothing up while it is paused"
    )
    is_paused: bool
    at: AwareDatetime = Field(description="since when it is so")
    by: str = Field(min_length=1, max_length=64, description="who set it, in a word of their own")
    why: str = Field(default="", max_length=500)


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands of one switch. `doubt`: why its last record cannot be read; empty where it can."""

    said: SwitchSet | None = None
    doubt: str = ""

    @property
    def is_paused(self) -> bool:
        """True where its last record says so, or cannot be read: somebody meant something, and nothing is lost."""
        return bool(self.doubt) or (self.said is not None and self.said.is_paused)


def standing_after(standing: Standing, name: str, key: bytes | None, said: SwitchSet | str | None) -> Standing:
    """What stands of the switch `name` after a record of this key; None is a tombstone, a text why nobody can read it.

    Laws: a record of another key changes nothing; of its own key the last one stands, as compaction keeps it.
    """
    if key != name.encode():
        return standing
    if isinstance(said, str):
        return Standing(doubt=said)
    if said is not None and said.switch != name:
        return Standing(doubt=f"expected the switch {name}, as its key says; {said.switch} came")
    return Standing(said)


def key_of(event: Any) -> str:
    """The key of a record."""
    return str(event.switch)
