"""What the window remembers, and what that takes."""

import tracemalloc

from schemas.clean import CleanEvent
from services.ingest.core.window import Verdict, Window, key_of
from services.ingest.settings import IngestSettings

MOST_BYTES = 20_000_000  # as the setting says


def _event(number: int, name: str = "Seen") -> CleanEvent:
    return {
        "id": f"{number}-{'i' * 90}", "person": f"u:{number}-{'p' * 240}", "kind": "track", "name": name,
        "time_ms": number, "received_ms": number, "at": ("events.raw", 0, number, 0), "trusted": False,
    }  # fmt: skip


def test_a_full_window_takes_no_more_than_its_setting_says() -> None:
    """Two generations of the longest ids and persons."""
    size = IngestSettings.model_fields["ingest_window"].default
    window = Window(size)
    tracemalloc.start()
    try:
        for number in range(2 * size - 1):
            event = _event(number)
            window.remember(event, key_of(event))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(window.old) + len(window.young) == 2 * size - 1
    assert held <= MOST_BYTES


def test_an_event_is_known_by_who_it_is_of_and_by_its_place() -> None:
    """Below its place or at it the same record is read again; above it, it repeats, or says something else."""
    window, first = Window(10), _event(7)
    window.remember(first, key_of(first))
    later: CleanEvent = {**first, "at": ("events.raw", 0, 8, 0)}
    assert window.judge(first, key_of(first)) is Verdict.NEW
    assert window.judge(later, key_of(later)) is Verdict.REPEAT
    other: CleanEvent = {**later, "name": "Left"}
    assert window.judge(other, key_of(other)) is Verdict.CONFLICT
    assert window.judge({**later, "person": "u:8"}, key_of({**later, "person": "u:8"})) is Verdict.NEW
