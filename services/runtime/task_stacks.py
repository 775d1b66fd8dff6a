"""Where tasks stand: the whole chain of what each waits for, which the library's own `get_stack` does not give."""

import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

FRAMES = 12  # of a stack in the log, the innermost
MOST_STACKS = 20  # of a line: a log may cut what is longer
WAITS = (("cr_frame", "cr_await"), ("gi_frame", "gi_yieldfrom"), ("ag_frame", "ag_await"))
"""What a coroutine, a generator and an asynchronous generator call their frame, and what they wait for."""


def task_stacks(owned: Mapping[Any, str]) -> list[str]:
    """Where the tasks of these names stand, innermost call last; those that stand alike are one, the most alike first.

    May be called from another thread: a task that runs at that moment is shown as far as it is known to wait.
    """
    found = Counter((name, _stack(task.get_coro())) for task, name in owned.items() if not task.done())
    most = found.most_common(MOST_STACKS)
    return [f"{name}{f' ({count} of them)' if count > 1 else ''}: {stack}" for (name, stack), count in most]


def _stack(act: Any) -> str:
    return "".join(traceback.format_list(list(_frames(act))[-FRAMES:]))


def _frames(act: Any) -> Iterator[traceback.FrameSummary]:
    while act is not None:
        frame, waits = next(((f, w) for f, w in WAITS if hasattr(act, f)), (None, None))
        if frame is None or waits is None:
            return
        if (there := getattr(act, frame)) is not None:
            yield from traceback.extract_stack(there, 1)
        act = getattr(act, waits)
