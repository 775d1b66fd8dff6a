"""The laws of the persons' cache, against a plain dict that forgets nothing."""

from hypothesis import given
from hypothesis import strategies as st

from services.profile.adapters.person_cache import PersonCache
from services.profile.core.person import Person, decode, encode

persons = st.sampled_from([f"u:{number}" for number in range(12)])
moves = st.lists(
    st.one_of(
        st.tuples(st.just("take"), persons),
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
        found = self.cache.take(person)
        if found is not None:
            return found
        return decode(self.store[person]) if person in self.store else Person()

    def commit(self, person: str, value: Person) -> None:
        """Both have it."""
        self.store[person] = encode(value)
        self.cache.keep(person, value, self.store[person])


@given(limits, moves)
def test_what_is_read_is_what_was_committed_last(limit: int, made: list[tuple[str, str]]) -> None:
    """Whatever is evicted, dropped or written anew between; and the bound holds after each move."""
    world = Reader(limit)
    for number, (move, person) in enumerate(made):
        value = Person(events=number) if move == "rewrite" else world.read(person)
        if move == "take":  # and given back as it was, as a repeat would
            assert encode(value) == world.store.get(person, encode(Person()))
        if move == "commit":
            value.newest_ms = 10 ** (number % 18)  # of another size
        if move == "drop":  # a step that throws: what it did to the person is nobody's
            value.events = -1
        else:
            world.commit(person, value)
        assert world.cache.held_bytes <= limit
    for person, raw in world.store.items():
        assert encode(world.read(person)) == raw


@given(st.lists(persons, min_size=1))
def test_what_a_step_took_is_not_there_until_it_is_given_back(taken: list[str]) -> None:
    """Whoever takes a person is the only one to hold them, and nothing else counts for them."""
    cache = PersonCache(1_000_000)
    for person in taken:
        cache.keep(person, Person(), encode(Person()))
    for person in dict.fromkeys(taken):
        assert cache.take(person) is not None
        assert cache.take(person) is None
    assert cache.held_bytes == 0


def test_who_cools_is_kept_encoded_as_they_were_written() -> None:
    """Hot is the very person, cold the very bytes of the commit, decoded at the next read; then they are gone."""
    raw = encode(Person(events=1))
    cache, written = PersonCache(8 * (len(raw) + 250)), [Person(events=1) for _ in range(9)]
    for number, value in enumerate(written):
        cache.keep(f"u:{number}", value, raw)
    found = [cache.take(f"u:{number}") for number in range(9)]
    hot = [number for number, value in enumerate(found) if value is written[number]]
    cold = [number for number, value in enumerate(found) if value is not None and value is not written[number]]
    gone = [number for number, value in enumerate(found) if value is None]
    assert gone + cold + hot == list(range(9))
    assert gone
    assert cold
    assert hot
    assert all(encode(value) == raw for value in found if value is not None)
