"""How many bytes may be held at once, so that strangers cannot fill the memory of a process."""

from dataclasses import dataclass


@dataclass(slots=True)
class Load:
    """The bytes that are held, and how many may be."""

    most: int
    held: int = 0

    def take(self, count: int) -> bool:
        """Hold so many more; False, and nothing held, where that were too many."""
        if self.held + count > self.most:
            return False
        self.held += count
        return True

    def give(self, count: int) -> None:
        """Hold so many less."""
        self.held -= count
