"""One mail of a purpose per mailbox, and no more than a day allows: households of many ids, told in any order.

The oracle knows neither persons nor homes: it counts requests by the address they go to, and forgets one that was given
back before the next was made. `make test ARGS="-k households --households 10000 --timeout 900"` tries more of them.
"""

import random
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from schemas.mailbox import ToHome
from schemas.recommendation import RecommendationRequest
from schemas.topics import PROFILE_SELF
from services.profile.core.transition import Transition
from services.profile.pipeline import Input, advance, fire
from tests.profile_values import Persons
from tests.properties.profile_world import DAY, HOUR, MINUTE, NOW, RULES

KEYS = ("1" * 32, "2" * 32)
IDS = ("u:1", "u:2", "u:3", f"e:{KEYS[0]}", f"e:{KEYS[1]}", "a:x", "a:y")
WORDS = ("sent", "delivered", "unknown", "not_sent", "bounced", "clicked")
EXPIRES = max(playbook.expires_after_s for playbook in RULES.playbooks.values()) * 1000
HELD = {each.purpose: min(EXPIRES, each.purpose_days * DAY) for each in RULES.playbooks.values()}
MOVES = 24


@dataclass(slots=True)
class Asked:
    """A request as the oracle sees it: to whom, of what, when, and whether its touch was given back or confirmed."""

    number: int
    key: str
    purpose: str
    at_ms: int
    request: RecommendationRequest
    returned: int | None = None
    is_confirmed: bool = False


@dataclass
class Household:
    """Some ids and two addresses over one state; what they send each other waits in a queue for each key."""

    chance: random.Random
    now: int = NOW
    number: int = 0
    persons: Persons = field(default_factory=Persons)
    checkpoint: dict[str, Any] = field(default_factory=dict)
    queues: dict[str, deque[bytes]] = field(default_factory=lambda: defaultdict(deque))
    asked: dict[str, Asked] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def live(self) -> None:
        """Moves of any kind, then time until nothing waits."""
        for _ in range(MOVES):
            self.now += self.chance.choice((0, 0, 1, MINUTE, HOUR, 12 * HOUR, DAY))
            moves = (self._act, self._act, self._link, self._feedback, self._tick, self._deliver, self._settle)
            self.chance.choice(moves)()
        for _ in range(6):
            self._settle()
            self.now += DAY

    def faults(self) -> list[str]:
        """Pairs of requests that one mailbox should not have had."""
        found = []
        rows = sorted(self.asked.values(), key=lambda each: each.number)
        for place, first in enumerate(rows):
            for second in rows[place + 1 :]:
                if first.key != second.key or (first.returned is not None and first.returned < second.number):
                    continue
                apart_ms = second.at_ms - first.at_ms
                if apart_ms < min(DAY, EXPIRES):
                    found.append(f"{apart_ms} ms apart to {first.key}")
                if first.purpose == second.purpose and apart_ms < HELD[first.purpose]:
                    found.append(f"twice {first.purpose} to {first.key}, {apart_ms} ms apart")
        return found

    def _settle(self) -> None:
        """Looks, and all that is on its way, at one instant: enough for a question, its answer and the decision."""
        for _ in range(4):
            self._tick()
            while any(self.queues.values()):
                self._deliver()

    def _act(self) -> None:
        person, key = self.chance.choice(IDS[:5]), self.chance.choice(KEYS)
        key = person[2:] if person.startswith("e:") else key
        grant = {"purpose": "marketing", "given": True, "source": "f", "address_key": key}
        name = self.chance.choice(("Bought", "Tried", "Tried", "page"))
        self._event(
            person, "page" if name == "page" else "conversion", name=name, consent=[grant],
            address={"value": f"{key[0]}@example.com", "key": key},
        )  # fmt: skip

    def _link(self) -> None:
        one, other = self.chance.sample(IDS, 2)
        self._event(one, "linked", link=other, speaker="server")

    def _feedback(self) -> None:
        if self.asked:
            asked = self.chance.choice(list(self.asked.values()))
            word, request = self.chance.choice(WORDS), asked.request
            fact = {"word": word, "message_id": "m", "decision_id": request.decision_id, "bounce_class": "soft"}
            self._event(request.person, "feedback", name=word, feedback=fact)
            if word == "not_sent" and not asked.is_confirmed and asked.returned is None:
                asked.returned = self.number
            elif word != "not_sent" and asked.returned is None:
                asked.is_confirmed = True

    def _event(self, person: str, kind: str, **over: Any) -> None:
        self.number += 1
        event = {
            "id": f"m-{self.number}", "person": person, "kind": kind, "name": kind, "time_ms": self.now,
            "received_ms": self.now, "at": ["t", 0, self.number, 0], "trusted": True, **over,
        }  # fmt: skip
        self._take("events.clean", orjson.dumps({"v": 1, "events": [event]}))

    def _tick(self) -> None:
        for person in self.chance.sample(list(self.persons.raw), len(self.persons.raw)):
            step = fire(person, self.persons.of(person), self.checkpoint, RULES, self.now)
            if step is not None:
                self._keep(step)

    def _deliver(self) -> None:
        if waiting := [key for key, queue in self.queues.items() if queue]:
            self._take("profile.self", self.queues[self.chance.choice(sorted(waiting))].popleft())

    def _take(self, topic: str, raw: bytes) -> None:
        offset = self.checkpoint.get("offsets", {}).get(topic, -1) + 1
        each = Input(topic, 0, offset, self.now, None, raw)
        step = advance([each], self.checkpoint, self.persons.reading, RULES, self.now)
        assert step.rejects == ()
        self._keep(step)

    def _keep(self, step: Transition) -> None:
        self.persons.keep(step)
        self.checkpoint = step.checkpoint
        self.counts.update(step.counts)
        for send in step.sends:
            if send.topic is PROFILE_SELF:
                self.queues[PROFILE_SELF.key(send.event) or ""].append(send.event.model_dump_json().encode())
                self.counts["to homes"] += isinstance(send.event, ToHome)
            elif isinstance(send.event, RecommendationRequest):
                self.number += 1
                event = send.event
                key = event.recipient.address_key
                self.asked[event.decision_id] = Asked(self.number, key, event.trigger.purpose, self.now, event)


def test_households_get_one_mail_a_purpose_and_no_more_than_a_day_allows(request: pytest.FixtureRequest) -> None:
    """Ids that share an address, change it, are linked in any order, hear late; and nothing waits forever."""
    counts: Counter[str] = Counter()
    households = int(request.config.getoption("--households"))
    for number in range(households):
        house = Household(random.Random(f"household {number}"))  # noqa: S311 no secret
        house.live()
        assert house.faults() == [], number
        assert all(not each.triggers.by_purpose for each in house.persons.all().values()), number
        counts += house.counts
        counts["asked for"] += len(house.asked)
    for word in ("reserved", "refused_home", "waits_home", "given_back", "asked for"):
        assert counts[word] > households / 40, word
