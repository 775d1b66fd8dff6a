"""The demo's story as a value: who the leads are, what they do, and as what each of their conversions must end."""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field, JsonValue

from schemas.arms import arm
from schemas.identity import address_key, derived_key, normalised_address
from schemas.program import Playbook
from schemas.values import Value
from services.runtime.program import read_yaml

HOLDOUT = "holdout"
_AGO = re.compile(r"(\d+)([dhms])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def _ago(text: object) -> timedelta:
    match = _AGO.fullmatch(str(text))
    if match is None:
        raise ValueError(f"expected an age as 3d, 4h, 10m or 0s, {text!r} came")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


Age: TypeAlias = Annotated[timedelta, BeforeValidator(_ago)]


class Step(Value):
    """One thing a lead does. `part` 2 is played when every conversion of part 1 has ended."""

    do: Literal["page", "track", "identify", "conversion", "unsubscribe"]
    ago: Age = timedelta()
    part: Literal[1, 2] = 1
    path: str | None = None
    title: str | None = None
    event: str | None = None
    properties: dict[str, JsonValue] = {}
    traits: dict[str, JsonValue] = {}
    anonymous: bool = Field(default=False, description="sent with the anonymous id only")
    repeat: int = Field(default=1, ge=1, le=10, description="how often the same message is sent")
    late: bool = Field(default=False, description="sent after everything else of its part")


class Lead(Value):
    """One lead; `ends` has one word per conversion, in order: `email`, or the reason why there is none.

    A course of `topic` is what the email must be about; null where none is to come.
    """

    name: str
    user_id: str | None
    anonymous_id: str
    email: str | None
    about: str
    through: Literal["collector", "kafka"]
    ends: tuple[str, ...]
    topic: str | None = None
    steps: tuple[Step, ...]

    def person(self, secret: bytes) -> str:
        """The person key the lead's conversions have."""
        if self.user_id:
            return f"u:{self.user_id}"
        address = normalised_address(self.email or "")
        if address is None:
            return f"a:{self.anonymous_id}"
        return "e:" + address_key(derived_key(secret, "address"), address)

    def is_in_its_arm(self, secret: bytes, playbooks: Iterable[Playbook]) -> bool:
        """True if the lead is held out where the story says so, and nowhere else; arms hang on the secret."""
        address = normalised_address(self.email or "")
        if address is None or not {"email", HOLDOUT} & set(self.ends):
            return True
        drawn_by, events = address_key(derived_key(secret, "address"), address), {each.event for each in self.steps}
        arms = {arm(each.experiment, drawn_by) for each in playbooks if events & set(each.entry)}
        return (HOLDOUT in arms) == (HOLDOUT in self.ends)


class Story(Value):
    """The whole story."""

    version: Literal[1]
    leads: tuple[Lead, ...] = Field(min_length=1)

    def secret(self, playbooks: Sequence[Playbook], drawn: Iterable[bytes]) -> bytes:
        """The first of these secrets by which every lead is in the arm that the story tells of."""
        return next(each for each in drawn if all(lead.is_in_its_arm(each, playbooks) for lead in self.leads))


def read_story(path: Path) -> Story:
    """The story of a program folder.

    Raises:
        Misconfigured: the file is missing or wrong; it names field and what was expected.
    """
    return read_yaml(path, Story)
