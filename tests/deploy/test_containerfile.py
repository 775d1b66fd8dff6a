"""The image's file is clean, and what it names is there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.image import CONTAINERFILE, ROOT, Image, read_image


@pytest.fixture(scope="module")
def image() -> Image:
    """What the Containerfile says."""
    return read_image()


@pytest.mark.parametrize("file", [CONTAINERFILE, CONTAINERFILE.with_suffix(".program")], ids=lambda file: file.name)
def test_containerfile_is_clean(file: Path) -> None:
    """The linter of Containerfiles has nothing to say, and no rule of it is switched off."""
    linter = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([linter, "--no-color", file], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 0)
    assert "hadolint ignore" not in file.read_text(encoding="utf-8")


def test_image_installs_by_hash_with_the_uv_of_the_makefile(image: Image) -> None:
    """One version of uv in both, every lock with hashes, and nothing is built: a wheel or an error."""
    text = CONTAINERFILE.read_text(encoding="utf-8").replace("\\\n", " ")
    (pinned,) = re.findall(r"uv==(\S+)", text)
    assert f"UV_VERSION := {pinned}\n" in (ROOT / "Makefile").read_text(encoding="utf-8")
    (sync,) = re.findall(r"uv pip sync (.+)", text)
    assert {"--require-hashes", "--no-build"} <= {*sync.split()}
    named = [Path(each).name for each in sync.split() if each.startswith("/locks/")]
    assert named == [Path(each).name for each in image.locks]
    assert image.locks[0] == "requirements/services.txt"


def test_image_runs_as_nobody_special(image: Image) -> None:
    """A number, so that an orchestrator can see that it is not root; the last user of the file."""
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", image.user)


def test_what_the_image_copies_is_there_and_not_ignored(image: Image) -> None:
    """The build's context holds each source, and no more than those."""
    wanted = {*image.locks, *(source for source, _ in image.sources)}
    assert [each for each in sorted(wanted) if not (ROOT / each).exists()] == []
    assert image.ignored[0] == "*"
    assert {each.removeprefix("!") for each in image.ignored if each.startswith("!")} == wanted


def test_version_of_the_image_is_the_projects() -> None:
    """The label is what `/version` says."""
    (label,) = re.findall(r'image\.version="([^"]+)"', CONTAINERFILE.read_text(encoding="utf-8"))
    assert f'\nversion = "{label}"\n' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
