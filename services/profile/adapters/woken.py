"""Who is looked at before the timer comes round: the partitions in which a step has just made something due.

A look that can do nothing wakes nobody, so what is due and cannot be decided is looked at again at the timer's pace.
"""

import asyncio


class Woken:
    """The numbers of partitions, put by whoever applies and taken by the one loop that fires."""

    def __init__(self) -> None:
        self._numbers: set[int] = set()
        self._is_any = asyncio.Event()

    def wake(self, number: int) -> None:
        """Ask that a partition be looked at; however often before the look, it is one."""
        self._numbers.add(number)
        self._is_any.set()

    def take(self) -> set[int]:
        """Whom somebody woke since the last call."""
        numbers, self._numbers = self._numbers, set()
        self._is_any.clear()
        return numbers

    async def is_before(self, at_s: float) -> bool:
        """True as soon as somebody is woken, False when that time of the loop's clock has come, whoever is woken."""
        try:
            async with asyncio.timeout_at(at_s):
                await self._is_any.wait()
        except TimeoutError:
            return False
        return asyncio.get_running_loop().time() < at_s
