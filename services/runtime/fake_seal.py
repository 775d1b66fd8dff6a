"""A verified seal without cryptography, for tests: it remembers what it sealed."""

import base64
import hashlib


class FakeSeal:
    """`known` maps tokens to fields; who shares it has the same key."""

    def __init__(self, known: dict[str, tuple[str, ...]] | None = None) -> None:
        self.known = {} if known is None else known

    def seal(self, fields: tuple[str, ...]) -> str:
        """A token of the fields' hash."""
        digest = hashlib.sha256("\n".join(fields).encode()).digest()[:30]  # 40 characters, with no spare bits
        token = base64.urlsafe_b64encode(digest).decode()
        self.known[token] = fields
        return token

    def open(self, token: str) -> tuple[str, ...] | None:
        """What was sealed as this token."""
        return self.known.get(token)
