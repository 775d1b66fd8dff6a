"""The laws of the persons' cache, against a plain dict that forgets nothing."""

from hypothesis import given
from hypothesis import strategies as st

from services.profile.adapters.person_cache import ENTRY_BYTES, PersonCache
from services.profile.core.person import Person, decode, encode

persons = st.sampled_from([f"u:{number}" for number in range(12)])
moves = st.lists(
    st.one_of(
        st.tuples(st.just("read"), persons),
        st.tuples(st.just("commit"), persons),
        st.tuples(st.just("drop"), persons),
        st.tuples(st.just("rewrite"), persons),
    ),
    max_size=60,
)
limits = st.one_of(st.just(0), st.integers(1, 3_000), st.integers(3_000, 40_000))


class Reader:
    """A partition's reading and writing: the cache above, a dict below it as the store."""

    def __init__(self, limit_bytes: int) -> None:
        self.cache, self.store = PersonCache(limit_bytes), dict[str, bytes]()

    def read(self, person: str) -> Person:
        """Out of the cache, else out of the store; else new."""
        raw = self.cache.get(person) or self.store.get(person)
        return Person() if raw is None else decode(raw)

    def commit(self, person: str, value: Person) -> None:
        """Both have it."""
        self.store[person] = encode(value)
        self.cache.keep(person, self.store[person])


@given(limits, moves)
def test_what_is_read_is_what_was_committed_last(limit: int, made: list[tuple[str, str]]) -> None:
    """Whatever is evicted, dropped or written anew between; and the bound holds after each move."""
    world = Reader(limit)
    for number, (move, person) in enumerate(made):
        value = Person(events=number) if move == "rewrite" else world.read(person)
        if move == "read":  # and written as it was, as after a repeat
            assert encode(value) == world.store.get(person, encode(Person()))
        if move == "commit":
            value.newest_ms = 10 ** (number % 18)  # of another size
        if move == "drop":  # a step that throws: what it did to the person is nobody's
            value.events = -1
        else:
            world.commit(person, value)
        assert world.cache.held_bytes <= limit
        held = [raw for each in world.store if (raw := world.cache.get(each)) is not None]
        assert world.cache.held_bytes == sum(len(raw) + ENTRY_BYTES for raw in held)
    for person, raw in world.store.items():
        assert encode(world.read(person)) == raw


@given(st.lists(persons, min_size=1), st.integers(0, 12))
def test_who_was_written_for_longest_goes_first(written: list[str], most: int) -> None:
    """Of persons of one size it holds as many as there is room for: those written last, and nobody twice."""
    raw = encode(Person())
    cache = PersonCache(most * (len(raw) + ENTRY_BYTES))
    for person in written:
        cache.get(written[0])  # to be read makes nobody younger
        cache.keep(person, raw)
    last = [*dict.fromkeys(reversed(written))]
    assert {each for each in last if cache.get(each) is not None} == set(last[:most])


def test_what_is_held_are_the_very_bytes_of_the_commit() -> None:
    """Nothing is encoded, or copied, for the cache."""
    cache, raw = PersonCache(1_000), encode(Person(events=1))
    cache.keep("u:ana", raw)
    assert cache.get("u:ana") is raw
    assert cache.get("u:bo") is None
