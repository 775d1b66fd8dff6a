"""The SDKs of trackers as their makers publish them: by version and hash, installed once, outside what is committed.

To renew one: raise its version in `sdks/package.json` and run `npm install --package-lock-only
--omit-lockfile-registry-resolved` there, without the funding it writes; or compile `sdks/requirements.txt` anew.
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

SDKS = Path(__file__).with_name("sdks")
KEPT = Path(__file__).parents[2] / ".local" / "sdks"
INSTALL_S = 100  # two of it and the story are within the time of a test
OLDEST_NODE = 20  # that Segment's SDK runs in
_NPM = ("--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-retry-mintimeout=1000")
_PIP = ("--quiet", "--disable-pip-version-check", "--retries", "1", "install", "--require-hashes")
_FORGED = ("EINTEGRITY", "DO NOT MATCH THE HASHES")


class NotInstalledError(Exception):
    """An SDK cannot be had on this machine; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Forged(Exception):  # noqa: N818 what came instead of an SDK
    """What came is not what its maker published; the text is the installer's."""

    said: str


def node_modules() -> Path:
    """The folder of the SDKs for Node and for browsers.

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
    files = ("package.json", "package-lock.json")
    return _installed("npm", files, [npm, "ci", *_NPM]) / "node_modules"


def rudder_python() -> Path:
    """The folder of RudderStack's SDK for Python and of what it needs, which the environment of the tests is spared.

    Raises:
        NotInstalledError: without pip or its index.
        Forged: a package has another hash.
    """
    pip = [sys.executable, "-m", "pip", *_PIP]
    return _installed("python", ("requirements.txt",), [*pip, "--target", ".", "--requirement", "requirements.txt"])


def _installed(name: str, files: Sequence[str], command: Sequence[str]) -> Path:
    """The folder into which the command installs what the files say; it is whole, or not there."""
    wanted = sha256(b"".join((SDKS / each).read_bytes() for each in files)).hexdigest()[:12]
    kept = KEPT / f"{name}-{wanted}"
    if kept.exists():
        return kept
    KEPT.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=KEPT) as made:
        fresh = Path(made) / "whole"
        fresh.mkdir()
        for each in files:
            shutil.copy(SDKS / each, fresh)
        try:
            done = subprocess.run(command, cwd=fresh, capture_output=True, text=True, timeout=INSTALL_S, check=False)
        except subprocess.TimeoutExpired:
            raise NotInstalledError(f"expected the SDKs to be installed within {INSTALL_S} seconds") from None
        if done.returncode:
            _refuse(done.stdout + done.stderr)
        if not kept.exists():  # another run may have been quicker
            fresh.rename(kept)
    return kept


def _refuse(said: str) -> None:
    if any(each in said.upper() for each in _FORGED):
        raise Forged(said)
    raise NotInstalledError(f"expected the SDKs to be installed: {' '.join(said.split())[:300]}")
