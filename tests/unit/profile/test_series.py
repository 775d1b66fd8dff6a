"""Whatever an event says, the profile shows the same series."""

from types import SimpleNamespace

from schemas.topics import EVENTS_CLEAN
from services.profile.adapters.person_cache import PersonCache
from services.profile.adapters.step_metrics import begin_metrics, tell_applied
from services.profile.metrics import count
from services.runtime.clock import now_ms
from tests.series import Series, series, strange
from tests.unit.profile.conftest import World

HOUR = 3_600_000


def _told(world: World, number: int) -> None:
    address = {"value": f"ana@stranger{number}.example", "key": f"k{number}"}
    person = f"u:{number}"
    events = [world.guide(person=person, address=address)]
    for word in strange(number):
        events += [
            world.event(word, name=word, person=person),
            world.event("conversion", name=word, person=person, speaker=word),
            {**world.feedback(word), "person": person},
            {**world.feedback("bounced", bounce_class=word, reason=word), "person": person},
            {"id": word},
        ]
    step = world.take(*events)
    messages = [SimpleNamespace(message=SimpleNamespace(topic=EVENTS_CLEAN.name, timestamp=now_ms() / 1000))]
    for each in (step, world.raw("events.clean", strange(number)[0].encode())):
        tell_applied(each, messages, PersonCache(1_000))
        count(each.counts)
    world.tick(HOUR, person)
    count(world.counts)


def test_events_of_strangers_make_no_series(world: World) -> None:
    """Kinds, names, speakers, words and classes of feedback, and domains that nobody knows."""
    begin_metrics()
    shown: list[Series] = []
    for number in (1, 2):
        _told(world, number)
        shown.append(series())
    assert shown[1] - shown[0] == frozenset()
    assert ("kindling_feedback_total", (("domain", "other"), ("type", "other"))) in shown[0]
