"""What the image is made of, read out of its Containerfile, and the same made on this machine without an engine."""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONTAINERFILE = ROOT / "deploy" / "Containerfile"
UV = Path(sys.executable).with_name("uv")
APP = "/app/"
INSTALL_S = 150.0  # where nothing is in uv's cache: about 150 MB


class NotHereError(Exception):
    """The environment cannot be had on this machine; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Image:
    """The image as its Containerfile says: locks that are installed, and what stands where in `/app`."""

    locks: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    environment: dict[str, str]
    user: str
    ignored: tuple[str, ...]


def read_image() -> Image:
    """The Containerfile, line by line; a line that ends in a backslash goes on."""
    text = CONTAINERFILE.read_text(encoding="utf-8").replace("\\\n", " ")
    copies = [line.split()[1:] for line in text.splitlines() if line.startswith("COPY ") and "--from" not in line]
    sources = tuple(
        (source, target.removeprefix(APP)) for *many, target in copies for source in many if target.startswith(APP)
    )
    locks = tuple(source for *many, target in copies for source in many if target == "/locks/")
    words = re.findall(r"^ENV (.+)$", text, re.MULTILINE)
    environment = dict(word.split("=", 1) for line in words for word in line.split())
    (user,) = re.findall(r"^USER (\S+)$", text, re.MULTILINE)
    ignored = (ROOT / ".containerignore").read_text(encoding="utf-8").splitlines()
    return Image(locks, sources, environment, user, tuple(each for each in ignored if each and each[0] != "#"))


def copied(image: Image, folder: Path) -> Path:
    """The folder with what the image has in `/app`."""
    for source, target in image.sources:
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, folder / target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        else:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / source, folder / target)
    return folder


def installed(folder: Path, locks: tuple[str, ...]) -> Path:
    """The interpreter of an environment that holds what the locks say, by hash, and nothing else.

    Raises:
        NotHereError: neither uv's cache nor a registry has all of it.
    """
    python = folder / "bin" / "python"
    if not python.exists():
        _uv("venv", "--quiet", "--python", sys.executable, str(folder))
    words = ("pip", "sync", "--require-hashes", "--no-build", "--link-mode", "hardlink", "--python", str(python))
    paths = [str(ROOT / each) for each in locks]
    if _uv(*words, "--offline", *paths, check=False):
        _uv(*words, *paths)
    return python


def _uv(*words: str, check: bool = True) -> int:
    try:
        done = subprocess.run(
            [UV, *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=INSTALL_S,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise NotHereError(f"expected uv to make an environment within {INSTALL_S:.0f} seconds") from None
    if check and done.returncode:
        raise NotHereError(f"expected uv to make an environment: {' '.join(done.stderr.split())[:300]}")
    return done.returncode
