"""A mailbox in the small world: what its home holds, what is asked of it, and what it answers."""

from typing import Any

from schemas.decision import Decision
from schemas.mailbox import Answer, Reserve, Tell
from schemas.recommendation import RecommendationRequest
from services.profile.core.mailbox import Mailbox
from services.profile.pipeline import fire
from tests.unit.profile.conftest import KEY, NOW, World

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
HOME = f"m:{KEY}"
OTHER = "a" * 32
ELSE_ADDRESS = {"value": "else@example.com", "key": OTHER}
DECISION = "5f0c7d1e-7f0a-5c1b-9d2e-3a4b5c6d7e8f"


def home(world: World, key: str = HOME) -> Mailbox:
    """What the home of a mailbox holds."""
    home = world.persons.home(key)
    assert home is not None
    return home


def guide(world: World, person: str = "u:ana", **over: Any) -> dict[str, Any]:
    """A conversion that opens a trigger."""
    return world.guide(person=person, **over)


def asked(sent: list[Any]) -> list[RecommendationRequest]:
    """The requests among what was sent."""
    return [each for each in sent if isinstance(each, RecommendationRequest)]


def reasons(sent: list[Any]) -> list[str]:
    """Why none goes, of the decisions among what was sent."""
    return [each.reason for each in sent if isinstance(each, Decision)]


def reserve(**over: Any) -> Reserve:
    """A question of Ana's to the home."""
    about = {
        "id": DECISION, "mailbox": HOME, "person": "u:ana", "purpose": "next-step", "playbook": "guide",
        "consent": "marketing", "asked_ms": NOW, "until_ms": NOW + DAY,
    }  # fmt: skip
    return Reserve.model_validate(about | over)


def tell(word: str, **over: Any) -> Tell:
    """What Ana tells the home."""
    about = {"id": "e", "mailbox": HOME, "person": "u:ana", "word": word, "time_ms": NOW}
    return Tell.model_validate(about | over)


def asking(world: World) -> Reserve:
    """Ana is due, and asks."""
    world.take(guide(world))
    world.now += 30 * MINUTE
    return question(world)


def question(world: World) -> Reserve:
    """What Ana, who is due, asks the home."""
    step = fire("u:ana", world.person(), world.checkpoint, world.rules, world.now)
    assert step is not None
    world.keep(step)
    question = world.post.pop()
    assert isinstance(question, Reserve)
    return question


def answer(question: Reserve, verdict: str = "reserved", **over: Any) -> Answer:
    """What the home may say to it."""
    about = {"id": question.id, "person": question.person, "mailbox": question.mailbox, "purpose": question.purpose}
    return Answer.model_validate({**about, "verdict": verdict, **over})
