"""What became of triggers that were moved to a better hour, beside those that would have been and were not.

Every trigger counts for which a better hour was found, whatever it ended as: a mail that waits may be refused
meanwhile, and that is a price of waiting.
"""

from collections import Counter
from dataclasses import dataclass, field
from math import sqrt

from schemas.decision import Decision
from schemas.email import Feedback
from schemas.identity import message_id_of

COMPARED = ("moved", "control")
HEARD = ("delivered", "clicked", "converted", "unsubscribed", "complained")
MACHINES = frozenset({"yes", "suspected"})  # whose clicks are none
NO_MAIL = frozenset({"waiting", "held_out"})  # an attempt that goes on, and an arm that gets none whenever it is due
Z = 1.96  # standard deviations on both sides of which 5 % lie


@dataclass(frozen=True, slots=True)
class Measured:
    """One group of one experiment: triggers, mails written, and of how many mails each word was heard.

    `clicked_share` of the triggers, and between which shares it lies by Wilson's interval of 95 %.
    """

    experiment: str
    group: str
    triggers: int
    mails: int
    heard: dict[str, int]
    clicked_share: float
    between: tuple[float, float]

    def line(self) -> str:
        """For somebody to read."""
        words = ", ".join(f"{count} {word}" for word, count in self.heard.items())
        low, high = self.between
        clicks = f"{self.clicked_share:.1%} clicked (95 % between {low:.1%} and {high:.1%})"
        return f"{self.experiment} {self.group}: {self.triggers} triggers, {self.mails} mails, {words}; {clicks}"


@dataclass(slots=True)
class Groups:
    """All that was read so far, by decision. Order-free, and repeats change nothing."""

    found: dict[str, tuple[str, str, bool]] = field(default_factory=dict)
    words: dict[str, set[str]] = field(default_factory=dict)

    def put(self, decision: Decision) -> None:
        """What ended a trigger."""
        hour = decision.trigger.send_time
        if hour is not None and hour.reason in COMPARED and decision.ending not in NO_MAIL:
            self.found[decision.decision_id] = (hour.experiment, hour.reason, decision.ending == "sent")

    def forget(self, decision_id: str) -> None:
        """Know nothing of a decision whose person was erased."""
        self.found.pop(decision_id, None)

    def hear(self, feedback: Feedback) -> None:
        """What became of a mail; a machine's click is none."""
        if feedback.word in HEARD and feedback.machine not in MACHINES:
            self.words.setdefault(feedback.message_id, set()).add(feedback.word)

    def measured(self) -> tuple[Measured, ...]:
        """The groups, the moved of an experiment before its control."""
        triggers: Counter[tuple[str, str]] = Counter()
        mails: Counter[tuple[str, str]] = Counter()
        heard: dict[tuple[str, str], Counter[str]] = {}
        for decision_id, (experiment, group, is_sent) in self.found.items():
            triggers[experiment, group] += 1
            mails[experiment, group] += is_sent
            words = self.words.get(message_id_of(decision_id), set())
            heard.setdefault((experiment, group), Counter()).update(words)
        ordered = sorted(triggers, key=lambda each: (each[0], COMPARED.index(each[1])))
        return tuple(_measured(each, triggers[each], mails[each], heard[each]) for each in ordered)


def _measured(of: tuple[str, str], triggers: int, mails: int, heard: Counter[str]) -> Measured:
    clicked = heard["clicked"]
    words = {word: heard[word] for word in HEARD}
    return Measured(*of, triggers, mails, words, clicked / triggers, wilson(clicked, triggers))


def wilson(part: int, whole: int) -> tuple[float, float]:
    """Between which shares the true one lies, of so many of at least one. Source: Wilson, JASA 22 (1927)."""
    share, squared = part / whole, Z * Z / whole
    middle = share + squared / 2
    reach = Z * sqrt(share * (1 - share) / whole + squared / (4 * whole))
    return max(0.0, (middle - reach) / (1 + squared)), min(1.0, (middle + reach) / (1 + squared))
