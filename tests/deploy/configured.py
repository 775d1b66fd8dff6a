"""Whether what a deployment sets is what the services read: each container's environment against its settings."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from services.composer.settings import ComposerSettings
from services.connector.settings import ConnectorSettings
from services.console.settings import ConsoleSettings
from services.ingest.settings import IngestSettings
from services.profile.settings import ProfileSettings
from services.recommender.settings import RecommenderSettings
from services.runtime.llm_settings import LlmSettings
from services.runtime.secret_files import SUFFIX, variable_of
from services.runtime.settings import KafkaSettings, load

TOKEN_FILE = "KINDLING_KAFKA_TOKEN_FILE"  # a setting of that name, and no secret's file
OURS = re.compile(r"KINDLING_|OPENAI_")
SETTINGS: Mapping[str, tuple[type[BaseSettings], ...]] = {
    "services.ingest": (IngestSettings,),
    "services.profile": (ProfileSettings,),
    "services.recommender": (RecommenderSettings, LlmSettings),
    "services.composer": (ComposerSettings, LlmSettings),
    "services.connector": (ConnectorSettings,),
    "services.console": (ConsoleSettings,),
    "services.runtime": (KafkaSettings,),
}
WORDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "services.ingest": (("collector",), ("consumer",)),
    "services.runtime": (("topics", "apply"),),
}
"""The first words that a module takes; none where it is not named."""


def variables(module: str) -> frozenset[str]:
    """Every variable that the module reads, those that name a secret's file too."""
    return frozenset(_variables(SETTINGS[module]))


def check(module: str, environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, folder: Path) -> list[object]:
    """The module's settings as this environment gives them; secrets' files are made up.

    Raises:
        Misconfigured: a value is not as it should be, or one is missing.
        AssertionError: a variable is read by nobody.
    """
    unknown = {each for each in environment if OURS.match(each)} - variables(module)
    assert unknown == set(), f"{module} reads none of these"
    secret = folder / "secret"
    secret.write_text("a secret that is long enough\n")
    for name, value in environment.items():
        is_file = name.endswith(SUFFIX) and name != TOKEN_FILE
        monkeypatch.setenv(name, str(secret) if is_file else value)
    return [load(kind) for kind in SETTINGS[module]]


def is_module(words: Sequence[str]) -> bool:
    """True if these words start something that the image has."""
    module, rest = words[0], tuple(words[1:])
    return module in SETTINGS and any(rest[: len(each)] == each for each in WORDS.get(module, ((),)))


def _variables(kinds: tuple[type[BaseSettings], ...]) -> Iterator[str]:
    for kind in kinds:
        for name, field in kind.model_fields.items():
            yield (variable := variable_of(kind, name))
            if SecretStr.__name__ in repr(field.annotation):
                yield variable + SUFFIX
