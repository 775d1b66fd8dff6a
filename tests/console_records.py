"""Builders of what the console reads: the published examples with what the case changes."""

from pathlib import Path
from typing import Any

import orjson

from schemas.decision import Decision
from schemas.email import Feedback, OutboundEmail

EXAMPLES = Path(__file__).parents[1] / "schemas" / "examples"


def example(name: str, **changes: Any) -> dict[str, Any]:
    """The fields of an example, some of them changed."""
    fields: dict[str, Any] = orjson.loads((EXAMPLES / name).read_bytes())
    return fields | changes


def decision(name: str = "sent", **changes: Any) -> Decision:
    """A decision."""
    return Decision.model_validate(example(f"decisions/{name}.json", **changes))


def mail(**changes: Any) -> OutboundEmail:
    """The mail of the decision that was sent."""
    return OutboundEmail.model_validate(example("email.outbound/course.json", **changes))


def feedback(name: str = "delivered", **changes: Any) -> Feedback:
    """Feedback on that mail."""
    return Feedback.model_validate(example(f"email.feedback/{name}.json", **changes))
