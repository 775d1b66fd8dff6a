"""Bytes as the open internet sends them, of one seed: JSON that is none, in every wrapping, cut and spliced."""

import base64
import gzip
import random
import zlib
from collections.abc import Callable, Sequence
from typing import TypeVar

TAME = (
    b"null", b"true", b"0", b"-0", b"7", b"-1", b"1.5", b"1e5", b"1e-999", b"18446744073709551615", b"{}", b"[]", b'""',
    b'"7"', b'"u-1"', b'"ana@example.com"', b'"track"', b'"null"', b'"2026-11-27T18:44:43Z"', b'"demo"', b'"\\u0000"',
    b'"\\\\u0000"', b'"\xf0\x9f\x98\x80"', b'"\xe2\x80\xa8"', b'{"a":1,"a":2}', b'{"email":"ana@example.com"}',
    b'{"email":{"email":[]}}', b'{"marketing":true,"all":false}', b"[1,[2,{}],null]", b'"' + b"x" * 3_000 + b'"',
    b"[" * 600 + b"]" * 600, b'{"a":' * 300 + b"1" + b"}" * 300,
)  # fmt: skip
WILD = (
    b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"01", b"1.", b"+1", b"0x1", b"9" * 400, b"undefined",
    b"0." + b"1" * 400, b"18446744073709551616", b"''", b'"\\ud800"', b'"\\udc00\\ud800"', b'"\xff"', b'"\xed\xa0\x80"',
    b'"\xc0\x80"', b'"\\x"', b'"\n"', b'"', b"\\", b"", b" ", b"\x00", b"[" * 1_100 + b"]" * 1_100, b"[" * 5_000,
)  # fmt: skip
NAMES = (
    *b"batch type event name messageId userId anonymousId previousId groupId writeKey properties traits".split(),
    *b"context page campaign consent email timestamp originalTimestamp sentAt receivedAt category".split(),
    *b"unsubscribe_token url title referrer locale userAgent language company products machine".split(),
    *b"link_url message_id action person address id word occurred_at __proto__ constructor $where ../ a.b".split(),
    b"\\u0000",
    b"",
)
CHARACTERS = (
    "", " ", "+", "=", "&", "%", ",", ";", ":", ".", "/", "-", "_", "a", "7", "demo", "Basic ", "t=1", "v1=", "key=",
    "é", "\x00", "\r\n", "\udcff", "\U0001f600", "\u0661", "²", "9" * 13, "1e5", "nan", "inf", "10.0.0.1", "::1",
    "fe80::1%eth0", "[::]:1", "unknown", "2026-11-27T18:44:43", "Z", "+25:00", "Fri, 27 Nov 2026 18:44:43", " GMT", "(",
    "99999-01-01", "0000-00-00", "24:00:00", "m=+0.1", "e30", "eyJldmVudCI6IkUifQ", "a.b.c",
    "properties.", "context.page.",
)  # fmt: skip
ENCODINGS = ("", "", "", "gzip", "GZIP", " x-gzip", "deflate", "Deflate", "identity", "br", "gzip, gzip", "\udcff")
BOMB = gzip.compress(b" " * 1_000_000)
DEEPEST = 5

Drawn = TypeVar("Drawn")


class Hostile:
    """What one seed makes, the same at each run: half of the seeds are tame, their JSON is JSON."""

    def __init__(self, seed: int) -> None:
        self._any = random.Random(seed)  # noqa: S311 a fuzz is no secret
        self._is_tame = self._any.randrange(2) == 0
        self._atoms = TAME if self._is_tame else TAME + WILD
        self._names = NAMES if self._is_tame else (*NAMES, b"\\ud800", b"\xff")

    def body(self) -> tuple[bytes, str]:
        """A request's body, and what it says of its encoding."""
        data = self.value()
        packed = gzip.compress(data, 1)
        if self._is_tame:
            return self._any.choice(((data, ""), (packed, "gzip"), (packed, ""), (zlib.compress(data, 1), "deflate")))
        made: Callable[[], bytes] = self._any.choice((
            lambda: data, lambda: data, lambda: packed, lambda: self._broken(packed), lambda: packed + packed,
            lambda: gzip.compress(b"", 1) * self._any.randrange(150) + packed, lambda: gzip.compress(packed, 1),
            lambda: zlib.compress(data, 1), lambda: zlib.compress(data, 1)[2:-4],
            lambda: self._broken(zlib.compress(data, 1)), lambda: BOMB,
        ))  # fmt: skip
        return made(), self._any.choice(ENCODINGS)

    def value(self) -> bytes:
        """A batch, a call or anything; one in three of the wild is broken."""
        make: Callable[[], bytes] = self._any.choice((self._batch, self._call, lambda: self._json(0)))
        made = make()
        return made if self._is_tame or self._any.randrange(3) else self._broken(made)

    def text(self) -> str:
        """A header, an address, a time or a value of a form."""
        return "".join(self._some(CHARACTERS, 6))

    def fields(self) -> list[tuple[str, str]]:
        """The query of an image's address; now and then it is long."""
        few = [(self._any.choice((self._name(), self.text())), self.text()) for _ in range(self._any.randrange(8))]
        return few * 100 if self._any.randrange(50) == 0 else few

    def encoded(self) -> str:
        """Base64 of a value, or nearly."""
        data = base64.b64encode(self.value()).decode()
        return self._any.choice((data, data.rstrip("="), data.replace("+", " "), data[:-1], data + self.text()))

    def among(self, things: Sequence[Drawn]) -> Drawn:
        """One of them."""
        return self._any.choice(things)

    def _batch(self) -> bytes:
        count = self._any.randrange(4)
        calls = b",".join(self._call() if self._any.randrange(4) else self._json(1) for _ in range(count))
        return b'{"batch":[%s],%s}' % (calls, self._members(1)) if self._any.randrange(2) else b'{"batch":[%s]}' % calls

    def _call(self) -> bytes:
        kind = self._any.choice(("track", "page", "screen", "identify", "group", "alias", "Track", "other"))
        ids = b'"type":"%s","event":"E","messageId":"m-%d","userId":"7","previousId":"b-1"'
        return b"{%s,%s}" % (ids % (kind.encode(), self._any.randrange(9)), self._members(1))

    def _json(self, depth: int) -> bytes:
        shape = self._any.randrange(4)
        if depth >= DEEPEST or shape < 2:
            return self._any.choice(self._atoms)
        if shape == 2:
            return b"[%s]" % b",".join(self._json(depth + 1) for _ in range(self._any.randrange(4)))
        return b"{%s}" % self._members(depth + 1)

    def _members(self, depth: int) -> bytes:
        """Names and values; a name may come twice."""
        count = self._any.randrange(1, 5)
        return b",".join(b'"%s":%s' % (self._any.choice(self._names), self._json(depth)) for _ in range(count))

    def _broken(self, data: bytes) -> bytes:
        place, other = self._any.randrange(len(data) + 1), self._any.randrange(len(data) + 1)
        make: Callable[[], bytes] = self._any.choice((
            lambda: data[:place], lambda: data[place:], lambda: data + data, lambda: b"\x00\x00\x00\x00\x07" + data,
            lambda: data[:place] + self._any.randbytes(3) + data[place:], lambda: b"\xef\xbb\xbf" + data,
            lambda: data[:place] + self._any.choice(self._atoms) + data[other:],
            lambda: data.decode("utf-8", "replace").encode("utf-16"),
        ))  # fmt: skip
        return make()

    def _name(self) -> str:
        return ".".join(name.decode("utf-8", "replace") for name in self._some(self._names, 7))

    def _some(self, of: Sequence[Drawn], most: int) -> list[Drawn]:
        return [self._any.choice(of) for _ in range(self._any.randrange(1, most))]
