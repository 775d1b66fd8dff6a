"""`kindling pause mail`, `kindling resume mail` and `kindling pause status`: whether mail goes at all."""

import asyncio
import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.verbs import group, say, say_json, verb

if TYPE_CHECKING:
    from schemas.control import Standing, SwitchSet
    from services.runtime.switches import Held

pausing = group("pause", "Hold all mail at composer and connector, and see what is held.")
resuming = group("resume", "Let mail go again.")
PAUSED = 1
By = Annotated[str | None, typer.Option("--by", help="who sets it; the user of this machine unless told")]
Why = Annotated[str, typer.Option("--why", help="in a few words: it is kept, and `status` shows it")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object")]


@verb(pausing, "mail", "kindling pause mail --why 'wrong price in the catalogue'", {0: "mail is paused"})
def pause(by: By = None, why: Why = "", is_json: AsJson = False) -> int:
    """Hold all mail: composer and connector take nothing up any more, and lose nothing. Needs Kafka."""
    from schemas.control import MAIL
    from services.runtime import switches

    return _told(*asyncio.run(switches.pause(_kafka(), MAIL, _who(by), why)), is_json=is_json)


@verb(resuming, "mail", "kindling resume mail --why 'the price is mended'", {0: "mail goes"})
def resume(by: By = None, why: Why = "", is_json: AsJson = False) -> int:
    """Let mail go again; what passed its time meanwhile ends as expired, with its record. Needs Kafka."""
    from schemas.control import MAIL
    from services.runtime import switches

    return _told(*asyncio.run(switches.resume(_kafka(), MAIL, _who(by), why)), is_json=is_json)


@verb(pausing, "status", "kindling pause status --json", {0: "mail goes", 1: "mail is paused"})
def status(is_json: AsJson = False) -> int:
    """Say whether mail is paused, since when, by whom and why, and what waits before composer and connector.

    Needs Kafka. What waits is lost once its topic no longer keeps it: the time of that is told.
    """
    from services.runtime.clock import now
    from services.runtime.switches import lines

    stands, waits = asyncio.run(_seen())
    if is_json:
        say_json(_row(stands, waits))
    else:
        for line in lines(stands, waits, now()):
            say(line)
    return PAUSED if stands.is_paused else 0


async def _seen() -> "tuple[Standing, tuple[Held, ...]]":
    from schemas.control import MAIL
    from services.runtime import switches

    kafka = _kafka()
    return await switches.standing(kafka, MAIL), await switches.held(kafka)


def _row(stands: "Standing", waits: "tuple[Held, ...]") -> dict[str, Any]:
    said = None if stands.said is None else stands.said.model_dump(mode="json")
    held = [
        {
            "stage": each.stage,
            "unread": each.unread,
            "aside": each.aside,
            "oldest": None if each.oldest is None else each.oldest.isoformat(),
            "kept_until": None if each.kept_until is None else each.kept_until.isoformat(),
        }
        for each in waits
    ]
    return {"is_paused": stands.is_paused, "doubt": stands.doubt or None, "said": said, "held": held}


def _told(said: "SwitchSet", is_new: bool, *, is_json: bool) -> int:  # noqa: FBT001 as it comes, by place
    what = "paused" if said.is_paused else "not paused"
    if is_json:
        say_json({"is_new": is_new, **said.model_dump(mode="json")})
        return 0
    since = f"since {said.at:%Y-%m-%d %H:%M:%S} UTC, by {said.by}" + (f": {said.why}" if said.why else "")
    say(f"mail is {what} {since}" + ("" if is_new else " (it was so before: nothing was written)"))
    return 0


def _who(by: str | None) -> str:
    return getpass.getuser() if by is None else by


def _kafka() -> Any:
    from services.runtime.kafka_access import kafka_of
    from services.runtime.settings import KafkaSettings, load

    return kafka_of(load(KafkaSettings))
