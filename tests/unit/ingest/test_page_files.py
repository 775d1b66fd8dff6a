"""The words of the page are data: each language has every phrase, and what lacks is told before anything starts."""

import shutil
from pathlib import Path

import pytest
from pydantic import ValidationError

from schemas.program import Brand
from services.ingest.__main__ import collector
from services.ingest.adapters.page_files import FOLDER, read_house
from services.ingest.core.page_words import KEYS, SLOTS
from services.ingest.settings import IngestSettings
from services.runtime.outcome import Misconfigured
from services.runtime.yaml_text import read_yaml_file
from tests.processes import new_process
from tests.unit.ingest.page_world import ACADEMY
from tests.unit.profile.conftest import BRAND

SHIPPED = {"de", "en", "es", "fr", "it", "ja", "nl", "pt"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The words that are shipped, for a test to change."""
    return Path(shutil.copytree(FOLDER, tmp_path / "words"))


def test_words_are_those_of_the_mails() -> None:
    """Every language in which a mail is shipped has a page."""
    assert read_house(None, str).words.keys() == SHIPPED == {path.stem for path in Path(
        "services/composer/words").glob("*.yaml")}  # fmt: skip


def test_no_phrase_stands_in_two_languages() -> None:
    """None was forgotten in translating."""
    said = [(key, text) for path in FOLDER.glob("*.yaml") for key, text in read_yaml_file(path).items()]
    assert len(said) == len(SHIPPED) * len(KEYS)
    assert len({each for each in said if each[0] != "title"}) == len(SHIPPED) * (len(KEYS) - 1)


@pytest.mark.parametrize("key", KEYS)
def test_phrase_that_lacks_is_told_at_start(folder: Path, key: str) -> None:
    """By file and key."""
    lines = (folder / "nl.yaml").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(f"{key}:")]
    (folder / "nl.yaml").write_text("\n".join(kept), encoding="utf-8")
    with pytest.raises(Misconfigured, match=rf"nl\.yaml: expected {key} as well"):
        read_house(None, str, folder)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('hello: "Hoi"', r"hello: no phrase of the page; expected title, "),
        ('back: ""', r"back: expected a phrase; str came, or nothing"),
        ("back: 7", r"back: expected a phrase; int came"),
        ('back: "{days}"', r"back: expected no slot; \{days\} came"),
        ('pause: "Pauze"', r"pause: expected \{days\}; no slot came"),
        ('why: "{brand} {brand}"', r"why: expected \{brand\}, \{purpose\}; \{brand\}, \{brand\} came"),
        ('back: "{"', r"back: expected braces in pairs around a slot: "),
    ],
)
def test_phrase_that_cannot_be_said_is_told_at_start(folder: Path, line: str, told: str) -> None:
    """By file, key, what was expected and what came."""
    key = line.partition(":")[0]
    lines = (folder / "nl.yaml").read_text(encoding="utf-8").splitlines()
    kept = [each for each in lines if not each.startswith(f"{key}:")]
    (folder / "nl.yaml").write_text("\n".join([*kept, line]), encoding="utf-8")
    with pytest.raises(Misconfigured, match=rf"nl\.yaml: {told}"):
        read_house(None, str, folder)
    assert SLOTS.keys() < {*KEYS}


def test_english_must_be_there(folder: Path) -> None:
    """It stands for every language without words."""
    (folder / "en.yaml").unlink()
    with pytest.raises(Misconfigured, match=r"words: expected en\.yaml, for languages that have no words of their own"):
        read_house(None, str, folder)


def test_brand_is_that_of_the_program() -> None:
    """Its name, why mail comes, and its languages, the default first; without a program none is known."""
    house = read_house(ACADEMY, str.upper)
    assert (house.brand, [*house.languages.items()]) == (
        "Tidewell Academy", [("en", "EN"), ("es", "ES"), ("de", "DE"), ("fr", "FR")],
    )  # fmt: skip
    assert house.why["marketing"].keys() == house.languages.keys()
    bare = read_house(None, str)
    assert (bare.brand, bare.why, bare.languages) == ("", {}, {})


def test_brand_says_why_by_consent_and_language() -> None:
    """Another shape is refused where the program is read; a brand that says nothing is as it was."""
    told = Brand.model_validate({**BRAND, "purposes": {"marketing": {"en": "Because."}}})
    assert told.purposes == {"marketing": {"en": "Because."}}
    assert "purposes" not in Brand.model_validate(BRAND).model_dump()
    with pytest.raises(ValidationError):
        Brand.model_validate({**BRAND, "purposes": {"marketing": "Because."}})


async def test_collector_does_not_start_with_a_broken_brand(tmp_path: Path) -> None:
    """Before anything is waited for, and by file and field."""
    (tmp_path / "brand.yaml").write_text("version: 1\n", encoding="utf-8")
    settings = IngestSettings.model_validate(
        {"kafka_bootstrap_servers": "127.0.0.1:9", "secret": "a secret of a test", "ingest_write_keys": "demo",
         "program": str(tmp_path)}
    )  # fmt: skip
    with pytest.raises(Misconfigured, match=r"brand\.yaml: name: expected, and nothing came"):
        await collector(settings, new_process("ingest-collector"))
