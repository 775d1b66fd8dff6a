"""Limits and rates without a server."""

import pytest

from services.ingest.core.body import MAX_BODY_BYTES, plain
from services.ingest.core.keyring import WriteKey, is_ours, ring_of
from services.ingest.core.rates import Buckets, Rate
from services.ingest.core.reasons import Refused
from services.ingest.settings import IngestSettings


def test_a_body_is_bounded_before_it_is_read() -> None:
    """Also where no server has looked at its length."""
    with pytest.raises(Refused, match="at most"):
        plain(b" " * (MAX_BODY_BYTES + 1), "")


def test_a_bucket_fills_with_time_and_never_beyond() -> None:
    """It waits for what is missing; a clock that goes back takes nothing."""
    buckets, rate = Buckets(), Rate(per_s=10, burst=20)
    assert buckets.take("k", 20, 100.0, rate) == 0
    assert buckets.take("k", 5, 100.0, rate) == 0.5
    assert buckets.take("k", 5, 99.0, rate) == 0.5
    assert buckets.take("k", 5, 100.5, rate) == 0
    assert buckets.take("k", 20, 1_000.0, rate) == 0
    assert buckets.take("k", 1, 1_000.0, rate) == 0.1


def test_what_holds_no_call_is_not_free() -> None:
    """Each request costs one at least."""
    buckets, rate = Buckets(), Rate(per_s=1, burst=2)
    assert [buckets.take("k", 0, 0.0, rate) for _ in range(3)] == [0, 0, 1]


def test_buckets_are_bounded_in_number() -> None:
    """Who was silent longest begins anew; who speaks stays where they are."""
    buckets, rate = Buckets(most=2), Rate(per_s=1, burst=1)
    for sender in ("a", "b", "a", "c"):
        buckets.take(sender, 1, 0.0, rate)
    assert set(buckets.levels) == {"a", "c"}
    assert buckets.take("a", 1, 0.0, rate) == 1


def test_nobody_is_known_by_an_empty_key() -> None:
    """Even where the list holds one."""
    ring = ring_of((WriteKey(each, (), Rate(1, 1)) for each in ("", "a", "é")), ())
    assert ring.write_key("") is None
    assert ring.write_key("é") is ring.writing[2]


def test_any_origin_is_not_null() -> None:
    """`*` means every page, not every file and sandbox."""
    assert is_ours("https://x.example", ("*",))
    assert not is_ours("null", ("*", "null"))


def test_lists_are_read_from_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    """As an operator writes them."""
    monkeypatch.setenv("KINDLING_SECRET", "a secret of a test")
    monkeypatch.setenv("KINDLING_INGEST_WRITE_KEYS", "a, b,,")
    settings = IngestSettings()
    assert (settings.ingest_write_keys, settings.ingest_origins) == (("a", "b"), ())
