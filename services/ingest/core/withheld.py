"""What of a call no profile folds: all that a machine made."""

from schemas.clean import CleanEvent
from schemas.email import Suppression
from services.ingest.core.call import Call
from services.ingest.core.policy import Policy
from services.ingest.core.reasons import Outcome
from services.ingest.core.source import Effects


def withhold(call: Call, event: CleanEvent, effects: Effects, policy: Policy) -> list[Outcome]:
    """Withhold from the event of a call, and what it leads to, what is not to be folded; why, by words of `Outcome`."""
    if policy.is_bot(call.context.get("userAgent")):
        event["bot"] = True
        flag_bot(effects)
        return [Outcome.BOT_AGENT]
    return []


def flag_bot(effects: Effects) -> None:
    """Say of each event that a machine made it: no profile folds it, and it links nobody."""
    for each in effects:
        if not isinstance(each, Suppression):
            each["bot"] = True
