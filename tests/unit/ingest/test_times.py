"""Times as trackers write them: one moment in every form, and what is none."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.times import instant_ms

AT_MS = 1_795_805_083_000  # 2026-11-27T18:44:43Z


@pytest.mark.parametrize(
    "said",
    [
        "2026-11-27T18:44:43Z", "2026-11-27T18:44:43.000Z", "2026-11-27T19:44:43+01:00", "2026-11-27 18:44:43",
        "2026-11-27T18:44:43.000000000Z", "20261127T184443Z",
        "Fri, 27 Nov 2026 18:44:43 GMT", "Fri, 27 Nov 2026 19:44:43 +0100", "27 Nov 2026 18:44:43 -0000",
        "Fri Nov 27 2026 18:44:43 GMT+0000 (Coordinated Universal Time)", "Fri Nov 27 2026 19:44:43 GMT+0100",
        "2026-11-27 18:44:43 +0000 UTC", "2026-11-27 19:44:43.000000001 +0100 CET m=+0.012345678",
        1_795_805_083, 1_795_805_083.0, "1795805083", "1795805083.0", 1_795_805_083_000, "1795805083000",
        1_795_805_083_000_000, "1795805083000000", 1_795_805_083_000_000_000, "1795805083000000000",
        " 2026-11-27T18:44:43Z ",
    ],
)  # fmt: skip
def test_one_moment_in_every_form(said: Any) -> None:
    """Of ISO 8601, mail, JavaScript, Go, and numbers since 1970 by their size."""
    assert instant_ms(said) == AT_MS


@pytest.mark.parametrize(
    ("said", "ms"), [(1_795_805_083.25, 250), ("1795805083.5", 500), ("2026-11-27T18:44:43.75Z", 750)]
)
def test_a_fraction_stays(said: Any, ms: int) -> None:
    """To the millisecond."""
    assert instant_ms(said) == AT_MS + ms


@pytest.mark.parametrize(
    "said",
    [
        None, True, "", "soon", "yesterday", [], {}, "NaN", "inf", float("nan"), float("inf"), 1e20, "1" * 40, "1e9",
        "0x10", "\u0661\u0662", "Fri Foo 27 2026 18:44:43 GMT+0000", "2026-13-27T18:44:43Z", "x" * 500,
        "9999-99-99 99:99:99 +9999 X",
    ],
)  # fmt: skip
def test_what_is_no_time_is_none(said: Any) -> None:
    """The receive time stands for it."""
    assert instant_ms(said) is None


@given(st.text(max_size=60) | st.floats() | st.integers())
def test_anything_is_a_number_or_nothing(said: Any) -> None:
    """No text and no number is an error."""
    found = instant_ms(said)
    assert found is None or isinstance(found, int)


@given(st.integers(1_000_000_000, 9_999_999_999))
def test_the_units_agree(seconds: int) -> None:
    """Of every second from 2001 to 2286."""
    ms = seconds * 1_000
    assert [instant_ms(each) for each in (seconds, ms, ms * 1_000, ms * 1_000_000)] == [ms] * 4
