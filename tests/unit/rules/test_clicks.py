"""Whether a machine clicked: each row by what it is for and by what lies just beside it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.clicks import ROWS, Click, Verdict, row_of, verdict

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/604.1"
CASES: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({}, "", "no"),
    ({"vendor": "no"}, "", "no"),
    ({"vendor": "yes"}, "vendor", "yes"),
    ({"vendor": "suspected"}, "vendor_suspects", "suspected"),
    ({"vendor": "half"}, "vendor_suspects", "suspected"),
    ({"method": "HEAD"}, "head", "yes"),
    ({"method": "head"}, "head", "yes"),
    ({"method": "GET"}, "", "no"),
    ({"agent": "Proofpoint URL Defense"}, "agent", "yes"),
    ({"agent": "BarracudaCentral/1.0"}, "agent", "yes"),
    ({"agent": "Mozilla/5.0 (compatible; Mimecast)"}, "agent", "yes"),
    ({"agent": "Microsoft Office Existence Discovery"}, "agent", "yes"),
    ({"agent": "Mozilla/5.0 HeadlessChrome/141.0"}, "agent", "yes"),
    ({"agent": "python-requests/2.32"}, "agent", "yes"),
    ({"agent": "x" * 500 + "bot"}, "", "no"),
    ({"agent": "Mozilla/5.0 (Linux; Android 14; CUBOT KINGKONG 9) Chrome/141.0"}, "", "no"),
    ({"agent": IPHONE}, "", "no"),
    ({"after_ms": -60_000}, "instant", "yes"),
    ({"after_ms": 0}, "instant", "yes"),
    ({"after_ms": 1_999}, "instant", "yes"),
    ({"after_ms": 2_000}, "soon", "suspected"),
    ({"after_ms": 9_999}, "soon", "suspected"),
    ({"after_ms": 10_000}, "", "no"),
    ({"at_once": 3, "soon": 3}, "burst", "yes"),
    ({"at_once": 2, "soon": 3, "links": 5}, "", "no"),
    ({"at_once": 2, "soon": 2, "links": 2}, "every", "yes"),
    ({"at_once": 1, "soon": 2, "links": 2}, "every_soon", "suspected"),
    ({"at_once": 1, "soon": 4, "links": 5}, "", "no"),
    ({"at_once": 1, "soon": 1, "links": 1}, "", "no"),
    ({"word": "opened"}, "open", "suspected"),
    ({"word": "opened", "vendor": "no", "after_ms": 86_400_000}, "open", "suspected"),
    ({"word": "opened", "vendor": "yes"}, "vendor", "yes"),
    ({"vendor": "suspected", "after_ms": 100}, "instant", "yes"),
    ({"vendor": "no", "at_once": 3, "soon": 3}, "burst", "yes"),
)


@pytest.mark.parametrize(("said", "name", "ends"), CASES)
def test_click_is_judged_by_the_first_row_that_holds(said: dict[str, Any], name: str, ends: str) -> None:
    """By its name; no where none does."""
    found = row_of(Click(**said))
    assert ("" if found is None else found.name) == name
    assert verdict(Click(**said)).value == ends


def test_every_row_has_a_case_and_a_reason() -> None:
    """And no two have one name."""
    assert {name for _, name, _ in CASES if name} == {row.name for row in ROWS}
    assert len({row.name for row in ROWS}) == len({row.why for row in ROWS}) == len(ROWS)


clicks = st.builds(
    Click, st.sampled_from(["clicked", "opened"]), st.sampled_from(["", "no", "suspected", "yes", "half"]),
    st.sampled_from(["", "GET", "HEAD"]), st.sampled_from(["", IPHONE, "Mimecast"]),
    st.none() | st.integers(-99_999, 99_999), st.integers(1, 5), st.integers(1, 5), st.integers(1, 5),
)  # fmt: skip


@given(clicks)
def test_surest_row_that_holds_counts(click: Click) -> None:
    """No row weakens what another says."""
    found = {row.verdict for row in ROWS if row.holds(click)}
    order = [*Verdict]
    assert verdict(click) is max(found, key=order.index, default=Verdict.NO)
