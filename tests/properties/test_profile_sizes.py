"""`size` bounds the bytes of a person from above, whatever strangers write: else a state passes the changelog's limit."""

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.program import Program
from schemas.recommendation import RecommendationRequest
from services.profile.core.person import Person, decode, encode
from services.profile.pipeline import Input, advance, compiled, fire
from tests.properties.profile_world import DAY, HOUR, NOW, PROGRAM, numbered, pack

PURPOSES = [f"purpose-{number}-of-a-long-name" for number in range(5)]
RULES = compiled(
    Program.model_validate({
        **PROGRAM.model_dump(mode="json"),
        "playbooks": [
            {"version": 1, "name": f"playbook-{each}", "purpose": each, "entry": ["Bought"],
             "experiment": {"name": "e"}}
            for each in PURPOSES
        ],
    })
)  # fmt: skip

characters = st.sampled_from(["a", '"', "\\", "\x00", "\x1f", "\x7f", "\u2028", "é", "İ", "漢", "😀", " ", "\ud7ff"])
longs = st.builds(lambda one, count, end: one * count + end, characters, st.integers(0, 330), st.text(max_size=3))
texts = longs.filter(lambda text: text.isascii() or text.encode("utf-8", "replace").decode() == text)
ids = texts.map(lambda text: text[:100]).filter(bool)
persons = st.builds(lambda kind, text: f"{kind}:{text}"[:300], st.sampled_from("uea"), texts)
slugs = st.builds(lambda one, count: one * count, st.sampled_from("ab7"), st.integers(1, 100))
consents = st.fixed_dictionaries(
    {"purpose": texts | st.sampled_from(["*", "marketing"]), "given": st.booleans(), "source": texts},
    optional={"text_version": texts, "address_key": texts},
)
values = st.one_of(texts, slugs, st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False), st.booleans())
NAMES = ["c", "title", "role", "company", "goal", "website", "industry", "companySize", "firstName", "name", "course"]
said = st.dictionaries(st.sampled_from(NAMES), st.one_of(values, st.dictionaries(st.sampled_from(NAMES), values)))
words = st.sampled_from(["sent", "delivered", "opened", "clicked", "converted", "bounced", "complained", "levitated"])
events = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["track", "page", "identify", "conversion", "feedback", "alias", "privacy", "dreamt"]),
        "name": st.sampled_from(["Took", "Done", "Bought", "Tried", "No"]) | texts, "trusted": st.booleans(),
        "time_ms": st.integers(NOW - 1_000 * DAY, NOW + HOUR) | st.sampled_from([0, 1, NOW]),
        "feedback": st.fixed_dictionaries(
            {"word": words, "message_id": texts},
            optional={"also": st.dictionaries(slugs, texts, max_size=4), "machine": st.just("no")},
        ),
    },
    optional={
        "path": texts.map(lambda text: f"/blog/seo/{text}") | texts, "title": texts, "language": texts,
        "speaker": st.sampled_from(["server", "anonymous_browser"]) | texts,
        "properties": said, "traits": said, "address": st.fixed_dictionaries({"value": texts, "key": texts}),
        "consent": st.lists(consents, max_size=3), "links": st.lists(persons, max_size=3),
    },
)  # fmt: skip
moves = st.lists(st.one_of(st.tuples(st.just("event"), events), st.tuples(st.just("tick"), st.just({})),
                           st.tuples(st.just("absorb"), persons)), min_size=1, max_size=8)  # fmt: skip


def tight(person: Person) -> Person:
    """The person, whose bound has no room: as it is right after one was measured."""
    person.size = 0
    for _ in range(3):  # it is among what is measured
        person.size = len(encode(person))
    return decode(encode(person))


def assert_bounded(person: Person) -> None:
    """What is stored of the person has at most as many bytes as they say."""
    assert len(encode(person)) <= person.size


class Life:
    """One person, whose bound has no room before each move."""

    def __init__(self) -> None:
        self.now, self.ana, self.asked = NOW, Person(), [""]

    def event(self, number: int, event: dict[str, Any]) -> None:
        """An event of theirs, of a mail that was asked for where it is feedback; a refused one changes nothing."""
        if event["kind"] != "privacy":
            event = {**event, "feedback": {**event["feedback"], "decision_id": self.asked[-1]}}
        made = {**numbered([event])[0], "id": f"{number}{event['title'] if 'title' in event else ''}"[:100]}
        self._keep(advance([pack([made])], {}, lambda _: tight(self.ana), RULES, self.now).values)

    def tick(self) -> None:
        """What waits is due."""
        self.now += 2 * HOUR
        step = fire("u:ana", tight(self.ana), {}, RULES, self.now)
        if step is not None:
            self.asked += [each.event.decision_id for each in step.sends
                           if isinstance(each.event, RecommendationRequest)]  # fmt: skip
            self._keep(step.values)

    def absorb(self, number: int, from_person: str) -> None:
        """Somebody like them is linked to them."""
        state = orjson.loads(encode(tight(self.ana)))
        record = {"kind": "absorb", "id": f"{number}", "person": "u:ana", "from_person": from_person, "state": state}
        each = Input("profile.self", 0, 0, NOW, None, orjson.dumps(record))
        self._keep(advance([each], {}, lambda _: tight(self.ana), RULES, self.now).values)

    def _keep(self, persons: dict[str, Person]) -> None:
        self.ana = persons.get("u:ana", self.ana)
        assert_bounded(self.ana)


@given(moves)
@settings(deadline=None, max_examples=300)
def test_size_bounds_what_is_stored(made: list[tuple[str, Any]]) -> None:
    """After any event, mail, decision or link, of the longest texts and of characters that JSON writes with six."""
    life = Life()
    for number, (what, value) in enumerate(made):
        match what:
            case "event":
                life.event(number, value)
            case "tick":
                life.tick()
            case _:
                life.absorb(number, value)
