"""How many bytes may be held at once, so that strangers cannot fill the memory of a process."""

from dataclasses import dataclass, field

SHARE = 8  # one client may hold so small a part of what all may: a few slow ones must not shut the others out


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


@dataclass(slots=True)
class Shares:
    """A load of which each client may hold an eighth at most."""

    whole: Load
    held: dict[str, int] = field(default_factory=dict)

    def take(self, client: str, count: int) -> bool:
        """Hold so many more for the client; False, and nothing held, where that were too many."""
        own = self.held.get(client, 0) + count
        if own > self.whole.most // SHARE or not self.whole.take(count):
            return False
        self.held[client] = own
        return True

    def give(self, client: str, count: int) -> None:
        """Hold so many less for the client."""
        self.whole.give(count)
        left = self.held.get(client, 0) - count
        if left > 0:
            self.held[client] = left
        else:
            self.held.pop(client, None)
