"""`size` bounds a person's bytes from above, whatever strangers write: else a state passes the changelog's limit."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.clean import BEHAVIOUR, CleanEvent
from schemas.mailbox import Answer, Reserve
from schemas.program import Program
from schemas.recommendation import RecommendationRequest
from services.profile.core import person as persons_of
from services.profile.core.act import Act
from services.profile.core.facet import Visit
from services.profile.core.kind import kind_of
from services.profile.core.person import Person, decode, encode
from services.profile.pipeline import Input, Read, advance, compiled, fire
from tests.profile_values import told_of
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
LONG_RULES = compiled(
    Program.model_validate({
        **PROGRAM.model_dump(mode="json"),
        "signals": {
            "version": 1,
            "topics": {f"topic-{number}": {"title": {"en": "A topic"}} for number in range(9)},
            "rules": [{"name": "a", "event": "Longest", "kind": "longest", "weight": 2, "item_property": "c",
                       "topic_property": "topic"}],
        },
    })
)  # fmt: skip

KNOWN = {
    "address": {"value": "ana@example.com", "key": "k"},
    "consent": [{"purpose": "marketing", "given": True, "source": "form"}],
}

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
            optional={"also": st.dictionaries(slugs, texts, max_size=4), "machine": st.sampled_from(["no", "x" * 300]),
                      "bounce_class": st.just("soft")},
        ),
    },
    optional={
        "path": texts.map(lambda text: f"/blog/seo/{text}") | texts, "title": texts, "language": texts, "url": texts,
        "speaker": st.sampled_from(["server", "anonymous_browser"]) | texts,
        "properties": said, "traits": said, "address": st.fixed_dictionaries({"value": texts, "key": texts}),
        "consent": st.lists(consents, max_size=3), "links": st.lists(persons, max_size=3),
    },
)  # fmt: skip
move: st.SearchStrategy[tuple[str, Any]] = st.one_of(
    st.tuples(st.just("event"), events), st.tuples(st.just("tick"), st.none()), st.tuples(st.just("absorb"), persons)
)
moves = st.lists(move, min_size=1, max_size=8)


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
        self.event(0, {"kind": "identify", "name": "x", "time_ms": NOW, "trusted": True, **KNOWN})

    def event(self, number: int, event: dict[str, Any]) -> None:
        """An event of theirs, of a mail that was asked for where it is feedback; a refused one changes nothing."""
        if "feedback" in event:
            event = {**event, "feedback": {**event["feedback"], "decision_id": self.asked[-1]}}
        made = {**numbered([event])[0], "id": f"{number}{event.get('title', '')}"[:100]}
        self._keep(advance([pack([made])], {}, Read(self.read), RULES, self.now).values)

    def tick(self) -> None:
        """What waits is due."""
        self.now += 2 * HOUR
        step = fire("u:ana", self.read("u:ana"), {}, RULES, self.now)
        while step is not None:
            self.asked += [each.event.decision_id for each in step.sends
                           if isinstance(each.event, RecommendationRequest)]  # fmt: skip
            self._keep(step.values)
            for send in step.sends:
                if isinstance(send.event, Reserve):
                    self._reserved(send.event)
            step = fire("u:ana", self.read("u:ana"), {}, RULES, self.now)

    def _reserved(self, asked: Reserve) -> None:
        """The home of the mailbox answers that a mail may go."""
        answer = Answer(
            id=asked.id, person=asked.person, mailbox=asked.mailbox, purpose=asked.purpose, verdict="reserved"
        )
        each = Input("profile.self", 0, 0, self.now, None, answer.model_dump_json().encode())
        self._keep(advance([each], {}, Read(self.read), RULES, self.now).values)

    def absorb(self, number: int, from_person: str) -> None:
        """Somebody like them is linked to them."""
        state = orjson.loads(encode(tight(self.ana)))
        record = {"kind": "absorb", "id": f"{number}", "person": "u:ana", "from_person": from_person, "state": state}
        each = Input("profile.self", 0, 0, NOW, None, orjson.dumps(record))
        self._keep(advance([each], {}, Read(self.read), RULES, self.now).values)

    def read(self, _: str) -> Person:
        """The person; who is erased, or was linked away, grows no more than their bound says from the first."""
        identity = self.ana.identity
        return decode(encode(self.ana)) if identity.erased or identity.forward else tight(self.ana)

    def _keep(self, persons: dict[str, bytes]) -> None:
        self.ana = decode(persons["u:ana"]) if persons else self.ana
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


@given(st.lists(events, min_size=1, max_size=12))
@settings(deadline=None, max_examples=200)
def test_no_act_adds_more_than_was_said_before_it_was_heard(made: list[dict[str, Any]]) -> None:
    """Of each facet, and of all: what they say that one act adds, and many at once, is within what is asked before."""
    done = [event for event in made if event["kind"] in BEHAVIOUR]
    acts = [told_of(event, RULES).act for event in numbered(done)]
    ana, at_once = Person(), Person()
    for act in acts:
        most = 0 if act.meaning is None else act.meaning.most_size
        visit = Visit([act], ana.newest_ms, RULES, not_asked)
        for facet in kind_of(Person).hearing(decode(encode(ana))):
            assert 0 <= facet.hear(visit) <= type(facet).HEARD_BYTES + most
        assert persons_of._heard(ana, visit) <= persons_of._most_bytes(ana, [act])
        ana.newest_ms = max(ana.newest_ms, act.time_ms)
    if acts:
        assert persons_of._heard(at_once, Visit(acts, 0, RULES, not_asked)) <= persons_of._most_bytes(at_once, acts)


@pytest.mark.parametrize("language", ["e", "E", "İ", "😀"])
@pytest.mark.parametrize("title", ["", "a", '"', "\x00", "漢"])
def test_longest_act_is_within_what_is_asked_before(language: str, title: str) -> None:
    """Of one that says all that an act may: an item and two topics, a title, a language; the bytes are within it."""
    properties = {"c": "x" * 400, "topic": [f"topic-{number}" for number in range(9)]}
    event = {"kind": "track", "name": "Longest", "time_ms": NOW, "trusted": True, "title": title * 400,
             "language": language * 40, "properties": properties}  # fmt: skip
    act = told_of(numbered([event])[0], LONG_RULES).act
    assert act.meaning is not None
    assert len(act.meaning.interests) == 3
    ana = tight(Person())
    before = ana.size
    added = persons_of._heard(ana, Visit([act], 0, LONG_RULES, not_asked))
    assert len(encode(ana)) - before <= added <= persons_of._most_bytes(ana, [act])


def not_asked(act: Act) -> CleanEvent:
    """No facet of ours looks up what is no field of an act: it takes longer than all else."""
    raise AssertionError(act)


def filled(one: str) -> dict[str, Any]:
    """All that a conversion may say, as long as it may be and longer, of one character."""
    long = one * 330
    return {
        "path": f"/blog/seo/{long}", "title": long, "language": long, "speaker": "anonymous_browser",
        "properties": {"c": long, "role": long, "website": long, "industry": long, "companySize": long, "goal": long},
        "traits": {"firstName": "A" * 40, "company": {"name": long, "industry": long}},
        "address": {"value": long[:254], "key": long[:64]}, "links": [f"a:{number}{long}"[:300] for number in range(8)],
        "consent": [{"purpose": f"{number}{long}", "given": True, "source": long, "text_version": long,
                     "address_key": f"{number}{long}"} for number in range(30)],
    }  # fmt: skip


LONGEST = pytest.mark.parametrize("one", ["a", '"', "\x00", "é", "漢", "😀"])


@LONGEST
@pytest.mark.parametrize("name", ["Bought", "Took", "Done", "No", "x"])
def test_size_bounds_the_longest_of_each_part(one: str, name: str) -> None:
    """Each by itself, so that no room of another hides it; said twice, the second time by a server or later."""
    for part, text in filled(one).items():
        for second in ({"trusted": True}, {"time_ms": NOW + 1}):
            life, said = Life(), {"kind": "conversion", "name": name, "time_ms": NOW, "trusted": False, part: text}
            life.event(1, said)
            life.event(2, {**said, **second})


@LONGEST
def test_size_bounds_a_life_of_the_longest(one: str) -> None:
    """Conversions, mails of five courses with all that is heard of them, links, an erasure and what comes after it."""
    also = {f"{number}".ljust(100, "x"): one * 330 for number in range(4)}
    life = Life()
    for number, name in enumerate(["Bought", "Took", "Done", "No", "x", *["Bought"] * 3]):
        consents_said = filled(one)["consent"][:20]  # all would push out what permits a mail
        said = {**filled(one), "speaker": "server", "consent": consents_said}
        life.event(number, {**said, "kind": "conversion", "name": name, "time_ms": NOW, "trusted": True})
        for _ in range(2):  # the first finds that a state is awaited
            life.tick()
        for word, course in (("sent", one * 330), ("delivered", ""), ("clicked", "seo-1".ljust(100, "x"))):
            fact = {"word": word, "message_id": f"{number}{one}", "also": also}
            heard = {"kind": "feedback", "name": word, "trusted": True, "time_ms": NOW, "feedback": fact}
            life.event(number, {**heard, "properties": {"course": course}, "url": f"{word}{number}{one * 330}"})
        life.absorb(number, f"a:{number}{one * 330}"[:300])
    assert life.ana.touches.mails
    late = {**filled(one), "speaker": "server", "kind": "conversion", "name": "Bought", "time_ms": NOW, "trusted": True}
    for last in ({"kind": "linked", "link": f"u:{one * 330}"[:300]}, {"kind": "privacy", "privacy": "erase"}):
        gone = Life()
        gone.ana = decode(encode(life.ana))
        gone.event(99, {"name": "l", "trusted": True, "time_ms": NOW, **last})
        for number in range(150):
            gone.event(1_000 + number, late)
