"""Sealed tokens by AES-SIV: encrypted and authenticated, and the same fields always give the same token."""

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

VERSION = b"1"  # first byte of what is sealed: fields of another order are another version


class SivSeal:
    """A `schemas.signing.Seal`; `key` is the derived key of its use, 32 bytes: AES-128-SIV.

    Its nonce is made of what is sealed, so no chance is needed and a mail can be written again byte for byte; what
    that gives away is that two tokens hold the same fields.

    Source: RFC 5297.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESSIV(key)

    def seal(self, fields: tuple[str, ...]) -> str:
        """The fields as base64url; no field may hold a line break."""
        return _text(self._cipher.encrypt(VERSION + "\n".join(fields).encode(), None))

    def open(self, token: str) -> tuple[str, ...] | None:
        """The fields of a token of ours; None for any other text, and for another spelling of ours."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            sealed = self._cipher.decrypt(raw, None) if _text(raw) == token else b""
        except (binascii.Error, ValueError, InvalidTag):
            return None
        return tuple(sealed[1:].decode().split("\n")) if sealed[:1] == VERSION else None


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
