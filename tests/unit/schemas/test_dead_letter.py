"""A dead letter holds what came, and always fits its topic."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from schemas.dead_letter import FRAME_BYTES, MAX_HEADERS_BYTES, MAX_KEY_BYTES, MAX_VALUE_BYTES, OURS, dead_letter
from schemas.topics import dead_letters

MAX_LETTER_BYTES = 1_000_000
Headers = tuple[tuple[str, bytes], ...]
FOREIGN_NAMES = st.text(min_size=1, max_size=9).filter(lambda name: not name.startswith(OURS))


@dataclass(frozen=True)
class Held:
    """A record as a broker held it."""

    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    topic: str = "kindling.events.raw.v1"
    partition: int = 2
    offset: int = 7


def _size(letter: object) -> int:
    key, value, headers = letter.key or b"", letter.value or b"", letter.headers  # type: ignore[attr-defined]
    return len(key) + len(value) + sum(len(name.encode()) + len(each) for name, each in headers)


@given(
    key=st.none() | st.binary(max_size=50),
    value=st.none() | st.binary(max_size=50),
    headers=st.lists(st.tuples(FOREIGN_NAMES, st.binary(max_size=9)), max_size=5),
    detail=st.text(max_size=600),
)
def test_what_fits_is_untouched(key: bytes, value: bytes, headers: list[tuple[str, bytes]], detail: str) -> None:
    """Key, bytes and foreign headers; behind them the cause and the place."""
    letter = dead_letter("profile", Held(key, value, tuple(headers)), "undecodable", detail)
    assert letter.topic == dead_letters("profile")
    assert letter.key == key
    assert letter.value == (b"" if key is None and value is None else value)
    assert letter.headers[: len(headers)] == tuple(headers)
    said = dict(letter.headers[len(headers) :])
    assert said["kindling_reason"] == b"undecodable"
    assert (said["kindling_topic"], said["kindling_partition"], said["kindling_offset"]) == (
        b"kindling.events.raw.v1", b"2", b"7",
    )  # fmt: skip
    assert not any(name.startswith("kindling_cut") for name in said)


@given(times=st.integers(0, 9))
def test_however_large_the_record_it_fits(times: int) -> None:
    """A 5 MB value behind compression, a key of 10 MB, a thousand headers: cut, and it says by how much."""
    held = Held(b"k" * 10 * MAX_KEY_BYTES, b"v" * (5_000_000 + times), (("h" * 100, b"x" * 1_000),) * 1_000)
    letter = dead_letter("composer", held, "too_large", "d" * 10_000)
    assert _size(letter) <= MAX_LETTER_BYTES
    assert (letter.key, letter.value) == (b"k" * MAX_KEY_BYTES, b"v" * MAX_VALUE_BYTES)
    said = dict(letter.headers)
    assert said["kindling_cut_bytes"] == str(5_000_000 + times).encode()
    assert said["kindling_cut_key_bytes"] == str(10 * MAX_KEY_BYTES).encode()
    assert said["kindling_cut_headers_bytes"] == b"1110000"


def test_headers_of_the_greatest_size_stay_whole() -> None:
    """Up to the bound nothing is cut."""
    held = Held(b"k" * MAX_KEY_BYTES, b"v" * MAX_VALUE_BYTES, (("h", b"x" * (MAX_HEADERS_BYTES - FRAME_BYTES - 1)),))
    letter = dead_letter("ingest", held, "not_json", "")
    assert letter.headers[0] == held.headers[0]
    assert _size(letter) <= MAX_LETTER_BYTES


def test_a_letter_that_comes_again_keeps_no_older_cause() -> None:
    """Our own headers are those of this stage."""
    held = Held(b"k", b"v", (("kindling_reason", b"old"), ("other", b"kept"), ("kindling_", b"bare")))
    letter = dead_letter("ingest", held, "new", "")
    assert [value for name, value in letter.headers if name in {"kindling_reason", "other", "kindling_"}] == [
        b"kept", b"new",
    ]  # fmt: skip
