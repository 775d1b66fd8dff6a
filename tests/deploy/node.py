"""What checks documents in Node: AsyncAPI's parser, and the schemas of resources that Kubernetes itself does not know.

To renew one: raise its version in `npm/package.json` and run `npm install --package-lock-only
--omit-lockfile-registry-resolved` there, without the funding it writes.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.fetched import LOCAL, node_modules

SCRIPTS = Path(__file__).with_name("npm")
WITHIN_S = 60


def run(script: str, *words: str, given: str = "") -> Any:
    """What the script says, which is JSON.

    Raises:
        NotInstalledError: without Node, npm or its registry.
        Forged: a package has another hash.
    """
    environment = {**os.environ, "NODE_PATH": str(node_modules(SCRIPTS, LOCAL / "deploy"))}
    done = subprocess.run(
        ["node", str(SCRIPTS / script), *words], input=given, env=environment, capture_output=True, text=True,  # noqa: S607 looked for before
        check=False, timeout=WITHIN_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
