"""One thing that came of a person, folded in their turn."""

from typing import assert_never

from schemas.clean import Absorb, Rekey
from schemas.mailbox import Answer, Heard
from services.profile.core.act import Told
from services.profile.core.arrivals import Arrived
from services.profile.core.from_home import hear, take_answer
from services.profile.core.turn import Turn


def fold(turn: Turn, arrived: Arrived) -> None:
    """Fold it, whatever it is."""
    match arrived:
        case list():
            turn.visit(arrived)
        case Told():
            turn.tell(arrived, lambda: turn.whole(arrived.act))
        case Absorb():
            turn.absorb(arrived)
        case Rekey():
            turn.rekey(arrived)
        case Answer():
            take_answer(turn, arrived)
        case Heard():
            hear(turn, arrived)
        case never:
            assert_never(never)
