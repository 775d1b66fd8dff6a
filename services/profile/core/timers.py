"""When to look at a person again: for a trigger that is due, or for a mail that has had its time."""

from services.profile.core.person import Person

_WAITING = (b'"triggers":', b'"mails":', b'"clicks":', b'"pend":', b'"mail":')  # the last two of a person stored before

_OWED = b'"ask",""]'  # the end of a touch without a word


def dues(person: Person) -> int | None:
    """When to look at them, in milliseconds; None where nothing waits."""
    if not person.has("triggers", "touches"):
        return None
    times = (person.triggers.next_ms(person.identity.awaited_until_ms()), person.touches.next_end())
    return min((each for each in times if each is not None), default=None)


def is_due(person: Person, now_ms: int) -> bool:
    """True if there is something to look at now."""
    due_ms = dues(person)
    return due_ms is not None and due_ms <= now_ms


def comes_due(person: Person, now_ms: int) -> bool:
    """True if a trigger of theirs is due that waits for no time, nor need for the timer."""
    return person.triggers.comes_due(person.identity.awaited_until_ms(), now_ms)


def may_wait(raw: bytes) -> bool:
    """False if nothing waits in this stored person, so that a recovery need not decode most of them."""
    return any(part in raw for part in _WAITING)


def may_owe(raw: bytes) -> bool:
    """False if of every mail of this stored person somebody has said what became."""
    return _OWED in raw
