"""A lift is one signed act: of it the profile hears, and everybody who sends."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from schemas import topics
from schemas.codec import encode
from schemas.email import Suppression
from schemas.identity import address_key
from schemas.signing import signature
from schemas.suppression import Standing, standing_after
from services.ingest.core.clean import clean
from services.ingest.core.privacy import lift_of
from services.ingest.core.reasons import Refusal, Refused
from services.ingest.core.source import Keys

ADDRESS = "ana@example.com"
AT_MS = 1_793_696_400_000  # 2026-11-03T09:00:00Z


def told(record: Any, keys: Keys, value: bytes) -> Any:
    """What follows from the request."""
    return clean(record(value, topics.PRIVACY_REQUESTS), keys)


def test_a_lift_reaches_the_profile_and_who_sends(record: Any, keys: Keys) -> None:
    """The same moment in both, who and why in the signed record; it undoes what was refused before."""
    outcome = told(record, keys, lift_of(ADDRESS, "u:7", "Bo: asked by phone", AT_MS, keys))
    *events, lift = outcome.effects
    key = address_key(keys.address, ADDRESS)
    assert [(each["person"], each["privacy"], each["time_ms"], each["speaker"]) for each in events] == [
        ("u:7", "lift", AT_MS, "operator"), (f"e:{key}", "lift", AT_MS, "operator"),
    ]  # fmt: skip
    assert isinstance(lift, Suppression)
    assert (lift.source, lift.since) == ("privacy: Bo: asked by phone", datetime.fromtimestamp(AT_MS / 1000, UTC))
    earlier = Suppression(
        address_key=key, purposes=("*",), state="suppressed", reason="complained", since="2026-11-03T08:59:59Z",
        source="esp",
    )  # fmt: skip
    refused = standing_after(Standing(), earlier, None, keys.suppression)
    assert refused.purposes == {"*"}
    raw = encode(topics.EMAIL_SUPPRESSIONS, lift)
    assert standing_after(refused, lift, raw, keys.suppression).purposes == frozenset()


@pytest.mark.parametrize("change", [{"signature": None}, {"address": "eve@example.com"}, {"requested_by": "Eve"}])
def test_a_lift_that_is_not_signed_so_is_refused(record: Any, keys: Keys, change: dict[str, Any]) -> None:
    """Whoever may write to the topic cannot make us mail; and it is taken for no opt-out."""
    request = {**orjson.loads(lift_of(ADDRESS, "u:7", "Bo: asked", AT_MS, keys)), **change}
    outcome = told(record, keys, orjson.dumps(request))
    assert isinstance(outcome, Refusal)
    assert outcome.reason == "bad_signature"


def test_a_lift_may_name_the_address_alone(record: Any, keys: Keys) -> None:
    """Whose profile is the address's own."""
    outcome = told(record, keys, lift_of(ADDRESS, None, "Bo: asked", AT_MS, keys))
    assert [each["person"][:2] for each in outcome.effects[:-1]] == ["e:"]


def test_a_signed_lift_without_an_address_is_refused(record: Any, keys: Keys) -> None:
    """Those who send know addresses alone."""
    fields: Any = {
        "id": "1", "action": "lift", "person": "u:7", "occurred_at": "2026-11-03T09:00:00Z", "requested_by": "Bo",
    }  # fmt: skip
    signed = {**fields, "signature": signature(keys.suppression, fields)}
    assert told(record, keys, orjson.dumps(signed)).reason == "unknown_person"


@pytest.mark.parametrize(("address", "person"), [("nobody", None), (ADDRESS, "7"), (ADDRESS, "m:7")])
def test_a_lift_of_nobody_is_told_to_the_operator(keys: Keys, address: str, person: str | None) -> None:
    """Before anything is written."""
    with pytest.raises(Refused, match="expected a p"):
        lift_of(address, person, "Bo: asked", AT_MS, keys)
