"""What single tests need and the environment of all is spared: by version and hash, once, outside what is committed."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

LOCAL = Path(__file__).parents[1] / ".local"
INSTALL_S = 100  # two of it and a test are within the time of a test
OLDEST_NODE = 20  # that Segment's SDK runs in
_NPM = ("--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-retry-mintimeout=1000")
_PIP = ("--quiet", "--disable-pip-version-check", "--retries", "1", "install", "--require-hashes", "--no-deps")
_FORGED = ("EINTEGRITY", "DO NOT MATCH THE HASHES")


class NotInstalledError(Exception):
    """A package cannot be had on this machine; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Forged(Exception):  # noqa: N818 what came instead of a package
    """What came is not what its maker published; the text is the installer's."""

    said: str


def node_modules(locks: Path, kept: Path) -> Path:
    """The folder of the packages that `package.json` and its lock in `locks` name.

    Raises:
        NotInstalledError: without Node, npm or its registry.
        Forged: a package has another hash.
    """
    npm, node = which("npm"), which("node")
    if npm is None or node is None:
        raise NotInstalledError("expected node and npm on the path")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").partition(".")[0]) < OLDEST_NODE:
        raise NotInstalledError(f"expected node {OLDEST_NODE} or later; {version} is on the path")
    files = [locks / "package.json", locks / "package-lock.json"]
    return _installed(kept / "npm", files, [npm, "ci", *_NPM]) / "node_modules"


def python_packages(lock: Path, kept: Path) -> Path:
    """The folder of the packages that a file of requirements with hashes names.

    Raises:
        NotInstalledError: without pip or its index.
        Forged: a package has another hash.
    """
    pip = [sys.executable, "-m", "pip", *_PIP]
    return _installed(kept / "python", [lock], [*pip, "--target", ".", "--requirement", lock.name])


def _installed(kept: Path, files: Sequence[Path], command: Sequence[str]) -> Path:
    """The folder into which the command installs what the files say; it is whole, or not there."""
    wanted = sha256(b"".join(each.read_bytes() for each in files)).hexdigest()[:12]
    kept = kept.with_name(f"{kept.name}-{wanted}")
    if kept.exists():
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=kept.parent) as made:
        fresh = Path(made) / "whole"
        fresh.mkdir()
        for each in files:
            shutil.copy(each, fresh)
        try:
            done = subprocess.run(command, cwd=fresh, capture_output=True, text=True, timeout=INSTALL_S, check=False)
        except subprocess.TimeoutExpired:
            raise NotInstalledError(f"expected packages to be installed within {INSTALL_S} seconds") from None
        if done.returncode:
            _refuse(done.stdout + done.stderr)
        if not kept.exists():  # another run may have been quicker
            fresh.rename(kept)
    return kept


def _refuse(said: str) -> None:
    if any(each in said.upper() for each in _FORGED):
        raise Forged(said)
    raise NotInstalledError(f"expected packages to be installed: {' '.join(said.split())[:300]}")
