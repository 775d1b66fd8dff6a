"""Ingest and profile without a broker: raw records of every speaker go in, what becomes of Ana's mail comes out."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeAlias

import orjson

from schemas.identity import address_key, message_id_of, person_tag
from schemas.recommendation import RecommendationRequest
from schemas.speaker import Speaker
from schemas.topics import CONVERSIONS_RAW, EMAIL_FEEDBACK, EVENTS_CLEAN, EVENTS_RAW, PRIVACY_REQUESTS, Topic
from services.ingest.adapters.fake_records import FakeRecord
from services.ingest.core.batch import batch_of
from services.ingest.core.privacy import lift_of
from services.ingest.core.source import Keys, keys_of
from services.ingest.core.window import Windows
from services.profile.pipeline import compiled
from services.runtime.fake_seal import FakeSeal
from tests.unit.profile.conftest import World, program

KEYS = keys_of(b"a secret of a test", FakeSeal())
ANA, EVE = "ana@example.com", "eve@example.com"
MAIL = message_id_of("00000000-0000-5000-8000-000000000000")
MINUTE, HOUR = 60_000, 3_600_000
WHEN = "2099-01-01T00:00:00Z"  # what lies in the future is taken for the moment in which it comes
Saying: TypeAlias = tuple[Topic, dict[str, Any] | bytes]


@dataclass
class Town:
    """Ingest and profile without a broker: what is said goes through both at once."""

    world: World = field(default_factory=lambda: World(compiled(program())))
    windows: Windows = field(default_factory=lambda: Windows(100))
    keys: Keys = KEYS
    numbers: Any = field(default_factory=count)
    refused: list[str] = field(default_factory=list)

    def say(self, topic: Topic, value: dict[str, Any] | bytes) -> None:
        """One raw record; a minute later than the last."""
        self.world.now += MINUTE
        number = next(self.numbers)
        if isinstance(value, dict):
            value = orjson.dumps({"messageId": f"m-{number}", "id": f"r-{number}", **value})
        record = FakeRecord(topic.name, 0, number, value, timestamp=self.world.now)
        batch = batch_of([record], self.keys, self.windows, lambda _: 0)
        self.refused += batch.reasons
        for pack in batch.packs:
            self.world.raw(EVENTS_CLEAN.short, pack.value)
            self.world.loop()

    def answer(self) -> RecommendationRequest | str:
        """What becomes of Ana's trigger: the request for a mail, or why there is none."""
        sent = self.world.tick(HOUR) if self.world.persons.read("u:ana") else []
        asked = [each for each in sent if isinstance(each, RecommendationRequest)]
        return asked[0] if asked else next((each.reason for each in sent), "no trigger")


def server(value: dict[str, Any]) -> Saying:
    """A server's call about Ana."""
    return CONVERSIONS_RAW, {"userId": "ana", **value}


def asked_for(action: str, **more: Any) -> Saying:
    """An operator's request about Ana."""
    when = {"occurred_at": WHEN, "requested_by": "Bo: asked by phone"}
    return PRIVACY_REQUESTS, {"action": action, "person": "u:ana", **when, **more}


def lift_now(now_ms: int) -> Saying:
    """An operator's signed lift."""
    return PRIVACY_REQUESTS, lift_of(ANA, "u:ana", "Bo: asked by phone", now_ms, KEYS)


def link(purpose: str) -> dict[str, Any]:
    """What the use of the link of a mail of this purpose says."""
    token = KEYS.seal.seal((MAIL, "u:ana", address_key(KEYS.address, ANA), purpose, "en"))
    return {"unsubscribe_token": token}


def word(name: str, **more: Any) -> Saying:
    """A connector's word about a mail to Ana."""
    about = {"message_id": MAIL, "person_tag": person_tag("u:ana"), "source": "esp"}
    return EMAIL_FEEDBACK, {"word": name, "occurred_at": WHEN, **about, **more}


def by(who: Speaker, call: dict[str, Any], of: str = "news") -> Saying:
    """The call as this speaker's. Who makes no calls says it beside what they do say; a link is of another purpose."""
    with_address = {**call, "traits": {"email": ANA, **call.get("traits", {})}}
    used = {**call, "type": "track", "event": "Unsubscribed", "properties": {**call.get("properties", {}), **link(of)}}
    saying: dict[Speaker, Saying] = {
        Speaker.ANONYMOUS_BROWSER: (EVENTS_RAW, {"anonymousId": "stranger", **call}),
        Speaker.KNOWN_BROWSER: (EVENTS_RAW, {"userId": "ana", **call}),
        Speaker.ADDRESS_BROWSER: (EVENTS_RAW, with_address),
        Speaker.SIGNED_LINK: (EVENTS_RAW, used),
        Speaker.CONNECTOR: word("delivered", **call),
        Speaker.SERVER: server(call),
        Speaker.OPERATOR: asked_for("export", **call),
    }
    return saying[who]
