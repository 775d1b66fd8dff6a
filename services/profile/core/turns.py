"""What the turns of a step lead to, persons' and mailboxes': gathered, and the step at its end."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from schemas.mailbox import ToHome
from services.profile.core.arrivals import Arrivals, count
from services.profile.core.home import HomeTurn
from services.profile.core.mailbox import Mailbox, encode
from services.profile.core.reasons import Count
from services.profile.core.transition import Transition
from services.runtime.outcome import Send


@dataclass(slots=True)
class Turns:
    """What the turns of a step lead to so far; it changes, and for speed."""

    came: Arrivals
    now_ms: int
    values: dict[str, bytes] = field(default_factory=dict)
    waits: dict[str, tuple[int, ...]] = field(default_factory=dict)
    owed: dict[str, tuple[int, ...]] = field(default_factory=dict)
    homes: dict[str, bytes] = field(default_factory=dict)
    sends: list[Send] = field(default_factory=list)
    timers: list[tuple[int, str]] = field(default_factory=list)
    folded: int = 0
    is_due: bool = False

    def at_home(self, key: str, home: Mailbox, came: Sequence[ToHome]) -> None:
        """The turn of a mailbox: what came to its home."""
        turn = HomeTurn(key, home, self.came.rules, self.now_ms)
        for each in came:
            turn.take(each)
        self.homes[key] = encode(home)
        self.sends += turn.sends
        count(self.came.counts, *turn.counts)

    def transition(self) -> Transition:
        """What the step leads to."""
        came = self.came
        if self.folded:
            came.counts[Count.FOLDED] = self.folded
        return Transition(
            self.values, came.checkpoint, tuple(self.sends), tuple(came.rejects), tuple(self.timers), came.counts,
            tuple(sorted(came.strangers)), self.waits, self.owed, came.seen, self.homes,
            self.is_due,
        )  # fmt: skip
