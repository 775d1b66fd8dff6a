"""What the services are set to, and what they need beside Kafka: program, index, model, mail server."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic_settings import BaseSettings

from services.cli.doctor.finding import Finding, fail, ok, unchecked, warn
from services.composer.settings import ComposerSettings
from services.connector.settings import ConnectorSettings
from services.console.settings import ConsoleSettings
from services.ingest.settings import IngestSettings
from services.profile.settings import ProfileSettings
from services.recommender.settings import RecommenderSettings
from services.runtime.llm_settings import LlmSettings
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.program import read_program
from services.runtime.settings import ProgramIfAny, load, misspelt

KINDS: dict[str, type[BaseSettings]] = {
    "ingest": IngestSettings,
    "profile": ProfileSettings,
    "recommender": RecommenderSettings,
    "composer": ComposerSettings,
    "connector": ConnectorSettings,
    "console": ConsoleSettings,
    "model": LlmSettings,
}
SOON_S = 4.0  # of one question to a model or a server: the check itself has a little more


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings that could be read, by service, and what was told of them and of the others."""

    settings: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def load_all() -> Loaded:
    """The settings of every service, as each would read them here."""
    loaded = Loaded()
    for service, kind in KINDS.items():
        try:
            loaded.settings[service] = load(kind)
        except Misconfigured as error:
            said = str(error).removeprefix("settings: ").removesuffix(". Set them in the environment")
            loaded.findings.append(fail(f"settings of {service}", said, "set it where that service runs, and here"))
        else:
            loaded.findings.append(ok(f"settings of {service}", "as they should be"))
    for name, nearest in misspelt():
        todo = "take it out" if nearest is None else f"{nearest} may be meant"
        loaded.findings.append(warn("settings", f"{name} is no setting of any service", todo))
    return loaded


def folders_of(settings: dict[str, Any]) -> dict[str, Path]:
    """Where services keep data on this machine, by what it is."""
    found: dict[str, Path] = {}
    if "profile" in settings:
        found["profile"] = settings["profile"].profile_data
    if "recommender" in settings:
        if settings["recommender"].qdrant_url is None:
            found["index"] = settings["recommender"].qdrant_path
        if settings["recommender"].recommender_company == "on":
            found["companies"] = settings["recommender"].recommender_company_cache.parent
    if "connector" in settings:
        found["ledger"] = settings["connector"].connector_data
    return found


def program_finding() -> Finding:
    """Whether the business can be read."""
    folder = load(ProgramIfAny).program
    if folder is None:
        return fail("program", "KINDLING_PROGRAM is not set", "set it to the folder of the business")
    try:
        program = read_program(folder)
    except Misconfigured as error:
        return fail("program", str(error), f"`kindling check {folder}` names every mistake")
    return ok("program", f"{folder}: {program.brand.name}, {len(program.playbooks)} playbooks")


def senders_finding(settings: Any) -> Finding:
    """Whether any tracker may write."""
    if settings.ingest_write_keys or settings.ingest_keys is not None:
        return ok("write keys", "some tracker may write")
    todo = "set KINDLING_INGEST_WRITE_KEYS or KINDLING_INGEST_KEYS where the collector runs"
    return warn("write keys", "no tracker may write: the collector will not start", todo)


async def index_finding(settings: Any) -> Finding:
    """Where courses are searched."""
    from services.recommender.clients import index_state

    bounded = settings.model_copy(update={"recommender_qdrant_timeout_s": SOON_S})
    try:
        return ok("qdrant", await index_state(bounded))
    except Unavailable as error:
        return fail("qdrant", str(error), "start it, or mend KINDLING_QDRANT_URL; without it nothing is recommended")
    except Misconfigured as error:
        return fail("qdrant", str(error), "mend it as said")


async def model_finding(settings: Any, *, is_asked: bool) -> Finding:
    """Whether the model endpoint answers: with the list of its models, or with an answer that is paid for."""
    from schemas.llm import NoAnswer
    from services.runtime.llm_look import answer_to_tiny, listed_models, unlisted
    from services.runtime.llm_rungs import RUNGS_LEFT

    if not settings.is_on:
        left = ", ".join(f"{stage} by {rung}" for rungs in RUNGS_LEFT.values() for stage, rung in rungs.items())
        return warn("model", f"no model is set: rungs left are {left}", "set OPENAI_API_KEY or OPENAI_BASE_URL")
    todo = "mails go by the lower rungs until it answers: mend OPENAI_API_KEY, OPENAI_BASE_URL or KINDLING_LLM_MODEL"
    if is_asked:
        reply = await answer_to_tiny(settings, SOON_S)
        if isinstance(reply, NoAnswer):
            return fail("model", f"no answer: {reply.fault}: {reply.detail}", todo)
        spent = reply.usage.prompt_tokens + reply.usage.completion_tokens
        return ok("model", f"{reply.model} answered in {reply.duration_s:.1f} s, for {spent} tokens")
    listed = await listed_models(settings)
    if isinstance(listed, NoAnswer):
        return fail("model", f"no answer: {listed.fault}: {listed.detail}", todo)
    if strange := unlisted(settings, listed):
        return fail("model", f"{', '.join(strange)}: none of the {len(listed)} models that the endpoint lists", todo)
    names = ", ".join(each.name for each in settings.models)
    return ok("model", f"the endpoint answers; {names} is to be asked (--ask-model asks)")


async def mail_finding(settings: Any) -> Finding:
    """Whether the mail server lets us in; no mail is sent."""
    try:
        from services.connector.clients import probe
    except ImportError as error:
        return unchecked("mail server", f"{error.name} is not installed: only where the connector runs it has to be")
    bounded = settings.model_copy(update={"connector_smtp_timeout_s": SOON_S})
    try:
        place = await probe(bounded)
    except Unavailable as error:
        return fail("mail server", str(error), "start it, or mend KINDLING_CONNECTOR_SMTP_HOST and _PORT")
    except Misconfigured as error:
        return fail("mail server", str(error), "mend it as said")
    tls = "unencrypted" if settings.smtp_tls == "none" else settings.smtp_tls
    return ok("mail server", f"{place} lets us in, {tls}; no mail was sent")
