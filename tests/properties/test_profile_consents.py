"""What the caps forget of consents never permits a mail: compared with a book that forgets nothing."""

from itertools import product
from typing import Any, TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from services.profile.core.facet import Arrival, Change
from services.profile.core.facets.consents import MAX_CONSENTS, Consent, Consents
from tests.properties.profile_world import RULES

PURPOSES = [f"p{number}" for number in range(14)]
KEYS = ["", "k0", "k1", "k2"]
Said: TypeAlias = tuple[str, str, bool, int, bool]  # purpose, address key, given, time, trusted

said = st.tuples(
    st.sampled_from([*PURPOSES[:4], "*"]), st.sampled_from(KEYS), st.booleans(), st.integers(0, 9), st.booleans()
)
# Every cell once, so that the cap is passed whatever else is drawn.
floods = st.tuples(
    st.binary(min_size=56, max_size=56).map(lambda raw: [(each & 1 == 0, each % 10, each & 64 == 0) for each in raw]),
    st.lists(said, min_size=2, max_size=20),
).map(lambda drawn: [(*cell, *rest) for cell, rest in zip(product(PURPOSES, KEYS), drawn[0], strict=True)] + drawn[1])


def folded(words: list[Said]) -> Consents:
    """The consents that these words give; a browser withdraws by its visitor, whom a link has led to Ana."""
    consents = Consents()
    for purpose, key, is_given, time_ms, is_trusted in words:
        each = {"purpose": purpose, "given": is_given, "source": "form", "address_key": key}
        who = "u:ana" if is_trusted or is_given else "a:x"
        event: Any = {"person": who, "trusted": is_trusted, "consent": [each]}
        consents.apply(
            Change(
                event, "u:ana", time_ms, time_ms, is_known=True, is_behaviour=True, meaning=None, course=None,
                now_ms=time_ms, rules=RULES,
            )
        )  # fmt: skip
    return consents


def may(words: list[Said], purpose: str, key: str) -> bool:
    """Whether all words together permit the purpose at the address: the newest that is about both."""
    about = [
        (time_ms, not is_given)
        for name, address, is_given, time_ms, is_trusted in words
        if name in (purpose, "*")
        and address in (key, "")
        and not (is_given and (name == "*" or not (address or is_trusted)))
    ]
    return bool(about) and not max(about)[1]


def rows(consents: Consents) -> dict[tuple[str, str], Consent]:
    """The rows by purpose and address."""
    return {(purpose, key): row for purpose, held in consents.rows.items() for key, row in held.items()}


@given(floods, st.data())
def test_no_order_at_the_caps_permits_what_was_withdrawn(words: list[Said], data: st.DataObject) -> None:
    """A withdrawal is never dropped: whoever said it, nothing older stands against it. And there is an end to rows."""
    consents = folded(data.draw(st.permutations(words)))
    assert len(rows(consents).keys() - {("*", "")}) <= MAX_CONSENTS
    for purpose, key in product(PURPOSES, KEYS):
        assert consents.permission(purpose, key) is None or may(words, purpose, key)


@given(floods, st.integers(0, 60), st.data())
def test_merging_at_the_caps_permits_nothing_that_was_withdrawn(
    words: list[Said], cut: int, data: st.DataObject
) -> None:
    """Whichever of two full states is linked to the other."""
    into, other = data.draw(st.permutations([folded(words[:cut]), folded(words[cut:])]))
    into.merge(other, Arrival("a:b", 0, 1.0))
    assert len(rows(into).keys() - {("*", "")}) <= MAX_CONSENTS
    for purpose, key in product(PURPOSES, KEYS):
        assert into.permission(purpose, key) is None or may(words, purpose, key)


@given(floods, st.lists(said, max_size=12), st.data())
def test_browsers_evict_nothing_that_a_server_proved(
    flood: list[Said], proved: list[Said], data: st.DataObject
) -> None:
    """Each row of a server stays as it is but for a newer word of the same purpose and address."""
    servers: list[Said] = [(*each[:4], True) for each in proved]
    kept = rows(folded(servers))
    browsers: list[Said] = [
        (*each[:4], False) for each in flood if each[:2] not in kept or each[3] < kept[each[:2]].time_ms
    ]
    held = rows(folded(data.draw(st.permutations(servers + browsers))))
    kept.pop(("*", ""), None)  # to it goes what finds no room; a browser may say it too
    assert {cell: held.get(cell) for cell in kept} == kept
