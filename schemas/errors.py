"""The one error of this package."""


class DecodeError(ValueError):
    """The bytes are not what the topic holds.

    `raw` are the original bytes, untouched, so that nothing is lost; the message says what was expected and what came.
    """

    def __init__(self, expected: str, came: str, raw: bytes | None) -> None:
        """Keep the original bytes beside the reason."""
        super().__init__(f"expected {expected}; {came}")
        self.raw = raw
