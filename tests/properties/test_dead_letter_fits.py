"""Law: whatever the record, its dead letter is one that a broker takes, counted by the library's own builder."""

from dataclasses import dataclass

from aiokafka.record.default_records import DefaultRecordBatchBuilder
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.dead_letter import FRAME_BYTES, MAX_HEADERS_BYTES, MAX_KEY_BYTES, MAX_VALUE_BYTES, dead_letter
from schemas.topics import STAGES

LIMIT = 1_000_000  # of our producers; a broker's own is 1,048,576
FAR = 2**63 - 1
LENGTHS = st.sampled_from([0, 1, 63, 64, 127, 128, 8_191, 8_192]) | st.integers(0, 2 * MAX_HEADERS_BYTES)
HEADERS = st.tuples(st.sampled_from(["", "a", "é", "𝄞"]), LENGTHS, st.none() | LENGTHS, st.integers(0, 60_000))


@dataclass(frozen=True)
class Held:
    """A record as a broker held it."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    topic: str = "x" * 249  # the longest that Kafka has
    partition: int = 2**31 - 1
    offset: int = FAR


def size(held: Held, detail: str = "") -> int:
    """The batch that holds the letter alone."""
    letter = dead_letter(STAGES[0], held, "r" * 50, detail)
    batch = DefaultRecordBatchBuilder(2, 0, 1, FAR, 0, 0, 1)
    batch.append(0, None, letter.key, letter.value, list(letter.headers))
    return len(batch.build())


def headers_of(name: str, letters: int, length: int | None, times: int) -> tuple[tuple[str, bytes | None], ...]:
    """So many headers of one kind, 3 MB together at most: a batch of a broker holds no more."""
    one = (name * min(letters, 9_000), None if length is None else b"x" * length)
    return (one,) * min(times, 3_000_000 // (1 + len(one[0].encode()) + len(one[1] or b"")))


@settings(deadline=None)  # letters of a megabyte, on a machine that has other work
@given(
    st.none() | st.integers(0, 2 * MAX_KEY_BYTES),
    st.none() | st.sampled_from([0, 1, MAX_VALUE_BYTES - 1, MAX_VALUE_BYTES, MAX_VALUE_BYTES + 1, 5_000_000]),
    HEADERS.map(lambda drawn: headers_of(*drawn)),
    st.text(max_size=600),
)
@example(MAX_KEY_BYTES + 1, MAX_VALUE_BYTES + 1, (("a", b""),) * 49_000, "é" * 600)
@example(MAX_KEY_BYTES + 1, MAX_VALUE_BYTES + 1, (("", None),) * (MAX_HEADERS_BYTES // FRAME_BYTES), "é" * 600)
def test_any_dead_letter_fits(
    key: int | None, value: int | None, headers: tuple[tuple[str, bytes | None], ...], detail: str
) -> None:
    """Long keys, values behind compression, one large header, very many that are nothing but their frame."""
    held = Held(None if key is None else b"k" * key, None if value is None else b"v" * value, headers)
    assert size(held, detail) <= LIMIT


@settings(deadline=None)
@given(HEADERS.map(lambda drawn: headers_of(*drawn)))
def test_a_headers_frame_is_never_larger_than_what_is_counted(headers: tuple[tuple[str, bytes | None], ...]) -> None:
    """`FRAME_BYTES` is the library's worst."""
    named = sum(len(name.encode()) + len(value or b"") for name, value in headers)
    assert DefaultRecordBatchBuilder.size_of(None, None, list(headers)) <= 7 + named + FRAME_BYTES * len(headers)
