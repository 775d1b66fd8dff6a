"""What a person tells the home of a mailbox, as records."""

from schemas.mailbox import Tell, mailbox_of
from schemas.topics import PROFILE_SELF
from services.profile.core.event import LAST_MS
from services.profile.core.facet import Homeward
from services.runtime.outcome import Send


def telling(person: str, cause: str, mailbox: str, said: Homeward) -> Send:
    """The record that tells the home of the address with this key; `cause` is the id of what led to it."""
    return Send(PROFILE_SELF, Tell(
        id=cause, mailbox=mailbox_of(mailbox), person=person, word=said.word, time_ms=said.time_ms,
        decision_id=said.decision, said=said.said, purposes=said.purposes,
        until_ms=min(max(0, said.until_ms), LAST_MS - 1),
    ))  # fmt: skip
