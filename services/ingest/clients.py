"""What webhooks are heard with, as the settings have it; Anymail is looked for only where one is configured."""

import logging
from time import monotonic

from services.ingest.adapters.hooks_file import FileHooks
from services.ingest.adapters.key_checks import KeyChecks
from services.ingest.adapters.sns_web import SnsWeb
from services.ingest.core.rates import Rate
from services.ingest.ports import EspReader
from services.ingest.settings import IngestSettings
from services.ingest.webhooks import ONLY_OURS, Hooks, World
from services.runtime.tasks import Tasks

NO_ANYMAIL = "expected the library django-anymail; install requirements/esp.txt, and restart"

log = logging.getLogger(__name__)


def hooks_of(settings: IngestSettings, tasks: Tasks) -> Hooks:
    """What gives the webhooks that are heard: those of the file for as long as it is looked at.

    Raises:
        Misconfigured: the file is not as it should be.
    """
    if settings.ingest_webhooks is None:
        return ONLY_OURS
    file = FileHooks(settings.ingest_webhooks, Rate(settings.ingest_rate_per_s, settings.ingest_burst))
    tasks.start("webhooks", file.look_for_ever())
    return Hooks(file.book, World(_reader(), KeyChecks(), SnsWeb(monotonic)))


def _reader() -> EspReader | None:
    """What reads the events of ESPs; None where Anymail is not there, which is said, and those webhooks answer 503."""
    try:
        from services.ingest.adapters.anymail_events import AnymailReader  # noqa: PLC0415 it may not be installed
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"anymail", "django"}:
            raise
        log.error("webhooks of ESPs answer 503", extra={"reason": NO_ANYMAIL})  # noqa: TRY400 the operator's
        return None
    return AnymailReader()
