"""The SDKs of trackers as their makers publish them: by version and hash, installed once, outside what is committed.

To renew one: raise its version in `sdks/package.json` and run `npm install --package-lock-only
--omit-lockfile-registry-resolved` there, without the funding it writes; or compile `sdks/requirements.txt` anew.
"""

from pathlib import Path

from tests import fetched

SDKS = Path(__file__).with_name("sdks")
KEPT = fetched.LOCAL / "sdks"
NotInstalledError = fetched.NotInstalledError


def node_modules() -> Path:
    """The folder of the SDKs for Node and for browsers.

    Raises:
        NotInstalledError: without Node, npm or its registry.
        Forged: a package has another hash.
    """
    return fetched.node_modules(SDKS, KEPT)


def rudder_python() -> Path:
    """The folder of RudderStack's SDK for Python and of what it needs, which the environment of the tests is spared.

    Raises:
        NotInstalledError: without pip or its index.
        Forged: a package has another hash.
    """
    return fetched.python_packages(SDKS / "requirements.txt", KEPT)
