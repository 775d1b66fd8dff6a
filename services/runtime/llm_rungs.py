"""What a service says at its start where no model is set: which rungs are left to it."""

import logging
from collections.abc import Mapping

from services.runtime.llm_settings import LlmSettings

log = logging.getLogger(__name__)


def say_rungs_left(settings: LlmSettings, left: Mapping[str, str]) -> None:
    """One line where there is no model to ask, none else; `left`: the rungs that answer then, best first, by stage."""
    if settings.is_on:
        return
    todo = "unset KINDLING_LLM=none" if settings.llm == "none" else "set OPENAI_API_KEY, or OPENAI_BASE_URL, or both"
    log.info("no model is set", extra={"rungs_left": dict(left), "todo": f"{todo}, to have a model asked"})
