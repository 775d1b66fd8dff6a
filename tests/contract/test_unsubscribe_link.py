"""The link that the composer's process writes is the one that ingest's reads, from the same settings."""

from pathlib import Path
from urllib.parse import urlsplit

import orjson

from schemas.email import OutboundEmail
from schemas.recommendation import Recommendation
from schemas.topics import RECOMMENDATIONS
from services.composer import __main__ as composer
from services.composer.adapters.recomposing import NothingSuppressed
from services.composer.pipeline import compose
from services.composer.settings import ComposerSettings
from services.ingest import __main__ as ingest
from services.ingest.adapters.babel_names import own_name
from services.ingest.adapters.fake_log import FakeLog
from services.ingest.adapters.page_files import read_house
from services.ingest.core.keyring import ring_of
from services.ingest.core.rates import Rate
from services.ingest.core.source import Keys
from services.ingest.core.unsubscribe import Link, link_of
from services.ingest.pipeline import Desk, Visit, show_acts
from services.ingest.settings import IngestSettings
from services.runtime.llm_client import NoLlm
from services.runtime.outcome import Emit, Message

ROOT = Path(__file__).parents[2]
SECRET = "a secret of a test"


async def _mail(given: Recommendation) -> OutboundEmail:
    settings = ComposerSettings(secret=SECRET, program=ROOT / "examples" / "academy")
    world = composer._world(settings, NoLlm(), NothingSuppressed())
    outcome = await compose(Message(RECOMMENDATIONS, 0, 0, b"", given, 0), world)
    assert isinstance(outcome, Emit)
    mail = outcome.records[0].event
    assert isinstance(mail, OutboundEmail)
    return mail


def assert_opens(token: str, keys: Keys, person: str) -> None:
    """The mail's visible link shows the page in its language, and looking keeps nothing."""
    log = FakeLog()
    house = read_house(ROOT / "examples" / "academy", own_name)
    desk = Desk(keys, lambda: ring_of((), ()), Rate(1, 1), log, house)
    shown = show_acts(Visit(token), desk)
    html = shown.body.decode()
    assert shown.status == 200
    assert '<html lang="es">' in html
    assert html.count('<form method="post"') == 5
    assert html.index("Darme de baja</button>") < html.index(f'action="{token}/pause"')
    assert (person in html, log.kept) == (False, [])


async def test_link_of_the_composer_is_read_by_ingest() -> None:
    """Message, person, address key, purpose and language; with another secret it is nobody's. It opens the page."""
    raw = orjson.loads((ROOT / "schemas" / "examples" / "recommendations" / "course.json").read_bytes())
    raw["course"]["url"] = "https://www.tidewell.example/courses/email-automation-foundations"
    raw["request"] |= {"language": "es", "expires_at": "2999-01-01T00:00:00Z"}
    given = Recommendation.model_validate(raw)
    mail = await _mail(given)
    token = urlsplit(mail.unsubscribe.url).path.removeprefix("/u/")
    link = link_of(token, ingest._keys(IngestSettings(secret=SECRET)))
    consent = given.request.consent.purpose
    assert link == Link(mail.message_id, given.request.person, mail.address_key, consent, mail.language)
    assert mail.language == "es"
    assert_opens(token, ingest._keys(IngestSettings(secret=SECRET)), given.request.person)
    assert link_of(token, ingest._keys(IngestSettings(secret="another secret of a test"))) is None
