"""`docs/settings.md` and `.env.example` say what the code declares, and no page names a setting that there is not."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from deploy.settings_page import FILES, READERS, settings
from services.runtime.secret_files import SUFFIX, variable_of
from services.runtime.setting_names import NAMES
from services.runtime.settings import EnvironmentSettings, KafkaSettings

ROOT = Path(__file__).parents[3]
PAGES = ("*.md", "docs/*.md", "examples/*/README.md", "schemas/*.md", "deploy/**/*.py", "deploy/**/*.yaml", "Makefile")
NAMED = re.compile(r"\bKINDLING_[A-Z_]*[A-Z]\b(?![_{…])")
OF_TOOLS = re.compile(r"KINDLING_(BENCH|TEST)_|KINDLING_SHARED$")


@pytest.mark.parametrize("name", sorted(FILES))
def test_file_is_what_the_code_says(name: str) -> None:
    """`python -m deploy.settings_page` writes it anew."""
    assert (ROOT / name).read_text(encoding="utf-8") == FILES[name]()


def test_every_setting_says_what_it_is_for() -> None:
    """A row without a meaning helps nobody."""
    every = settings()
    assert len(every) > 90
    assert [each.name for each in every if len(each.meaning) < len("of a thing")] == []


def test_every_settings_class_is_on_the_page() -> None:
    """Whichever module declares it, a command's among them."""
    listed = {each.name for each in settings()}
    kinds = [kind for kind in _kinds(EnvironmentSettings) if kind.__module__.startswith("services.")]
    assert len(kinds) > len(READERS)
    assert {variable_of(kind, name) for kind in kinds for name in kind.model_fields} - listed == set()


def test_secret_is_named_with_its_file() -> None:
    """Both names are known, and the page says so."""
    secrets = [each for each in settings() if each.has_file]
    assert {"KINDLING_SECRET", "OPENAI_API_KEY", "KINDLING_KAFKA_PASSWORD"} <= {each.name for each in secrets}
    page = FILES["docs/settings.md"]()
    assert [each.name for each in secrets if f"{each.name}{SUFFIX}" not in page] == []
    assert {f"{each.name}{SUFFIX}" for each in secrets if not each.name.startswith("OPENAI")} <= set(NAMES)


def test_row_has_default_bounds_and_readers() -> None:
    """As the class has them."""
    rows = {each.name: each for each in settings()}
    port, form, brokers = (
        rows[f"KINDLING_{name}"] for name in ("INGEST_PORT", "LLM_STRUCTURE", "KAFKA_BOOTSTRAP_SERVERS")
    )
    assert (port.default, port.bounds, port.readers) == ("8080", "≥ 0, ≤ 65535", ("ingest",))
    assert form.bounds == "`none`, `object`, `plain`, `schema`, `strict`"
    assert form.readers == ("recommender", "composer")
    assert set(brokers.readers) == READERS.keys()
    assert rows["KINDLING_PROGRAM"].is_required
    assert KafkaSettings.model_fields["kafka_bootstrap_servers"].default == brokers.default


def test_page_names_only_settings_there_are() -> None:
    """A name in the README, a page, the Makefile or in `deploy` can be set; one with a placeholder is no name."""
    known = {*NAMES}
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for pattern in PAGES
        for path in ROOT.glob(pattern)
        if path.name != "CHANGELOG.md"  # it names what was
        for name in NAMED.findall(path.read_text(encoding="utf-8"))
        if name not in known and not OF_TOOLS.match(name)
    }
    assert found == set()


def _kinds(kind: type[BaseSettings]) -> Iterator[type[BaseSettings]]:
    for each in kind.__subclasses__():
        yield each
        yield from _kinds(each)
