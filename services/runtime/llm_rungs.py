"""What a service says at its start where no model is set: which rungs are left to it."""

import logging
from collections.abc import Mapping

from services.runtime.llm_settings import LlmSettings

RUNGS_LEFT: Mapping[str, Mapping[str, str]] = {
    "recommender": {"job": "rules", "imagine": "composed", "pick": "posterior"},
    "composer": {"copy": "template"},
}
"""By service and stage: the rung that answers where no model does, as metrics and records name it."""

log = logging.getLogger(__name__)


def say_rungs_left(settings: LlmSettings, service: str) -> None:
    """One line where there is no model to ask, none else."""
    if settings.is_on:
        return
    todo = "unset KINDLING_LLM=none" if settings.llm == "none" else "set OPENAI_API_KEY, or OPENAI_BASE_URL, or both"
    left = dict(RUNGS_LEFT[service])
    log.info("no model is set", extra={"rungs_left": left, "todo": f"{todo}, to have a model asked"})
