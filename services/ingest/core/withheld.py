"""What of a call no profile folds: all that a machine made, and what somebody did who refuses to be measured."""

from typing import Any, cast

from schemas.clean import CleanEvent
from services.ingest.core.call import Call
from services.ingest.core.policy import Policy
from services.ingest.core.reasons import Outcome
from services.ingest.core.refused import refuses
from services.ingest.core.source import SHARED, Effects

REFUSED = "analytics.refused"
_BEHAVIOUR = ("url", "path", "title", "language", "timezone", "country", "properties", "traits", "feedback")


def withhold(call: Call, event: CleanEvent, effects: Effects, policy: Policy) -> tuple[Outcome, ...]:
    """Withhold from the event of a call, and what it leads to, what is not to be folded; why, by words of `Outcome`."""
    why: tuple[Outcome, ...] = ()
    if policy.is_bot(call.context.get("userAgent")):
        why = (Outcome.BOT_AGENT,)
        event["bot"] = True
        flag_bot(effects)
    may_refuse = "consent" in event or "consent" in call.context or "consentManagement" in call.context
    if may_refuse and _is_measured(event) and refuses(call.context, event.get("consent", ()), policy.analytics):
        why = (*why, Outcome.MINIMAL)
        _keep_minimal(event)
    return why


def flag_bot(effects: Effects) -> None:
    """Say of each event that a machine made it: no profile folds it, and it links nobody."""
    for each in effects:
        if not isinstance(each, SHARED):
            each["bot"] = True


def _is_measured(event: CleanEvent) -> bool:
    """True for what tells of behaviour: of a server's calls a page, since conversions and facts are its own."""
    return event["kind"] == "page" if event["trusted"] else event["kind"] != "alias"


def _keep_minimal(event: CleanEvent) -> None:
    """Leave of the event who, when, whom it links, and what it says of consent.

    As an alias nobody takes it for behaviour. One that grants mail to its address is an identify: the address goes
    with the consent.
    """
    is_grant = "address" in event and any(each["given"] for each in event.get("consent", ()))
    event["kind"], event["name"] = "identify" if is_grant else "alias", REFUSED
    parts = cast("dict[str, Any]", event)
    for each in _BEHAVIOUR if is_grant else (*_BEHAVIOUR, "address"):
        parts.pop(each, None)
