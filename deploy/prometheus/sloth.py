"""`python -m deploy.prometheus.sloth [install]`: the rules of the objectives, made by Sloth.

Sloth is a Go program: `install` compiles it once into `.cache` (about 150 s of CPU, and its modules to download).
Light: it imports no library, so that it runs before there is an environment.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

VERSION = "v0.16.0"
MODULE = f"github.com/slok/sloth/cmd/sloth@{VERSION}"
HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BINARY = ROOT / ".cache" / "sloth" / VERSION / "sloth"
SPEC = HERE / "slo" / "kindling.yaml"
MADE = HERE / "slo" / "generated" / "kindling.yaml"
WITHIN_S = 60.0


class SlothError(RuntimeError):
    """Sloth is not there, or does not take the objectives; the message says what to do."""


def install() -> Path:
    """Where Sloth is, compiled now if it was not.

    Raises:
        SlothError: there is no Go, or its modules cannot be had.
    """
    if BINARY.exists():
        return BINARY
    go = shutil.which("go")
    if go is None:
        raise SlothError("expected `go` on the path, to compile Sloth; there is none: install Go, or do without")
    done = subprocess.run(  # noqa: S603 the compiler that is on the path, with words of ours
        [go, "install", MODULE],
        env={**os.environ, "GOBIN": str(BINARY.parent)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode or not BINARY.exists():
        raise SlothError(f"go install {MODULE} failed: {done.stderr.strip()[-400:]}")
    return BINARY


def made(binary: Path = BINARY) -> str:
    """The rules that Sloth makes of the objectives.

    Raises:
        SlothError: Sloth is not in its place, or refuses an objective.
    """
    if not binary.exists():
        raise SlothError(f"expected Sloth at {binary}: run `python -m deploy.prometheus.sloth install`")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "made.yaml")
        done = subprocess.run(  # noqa: S603 the program we compiled
            [binary, "generate", "--no-log", "-i", SPEC, "-o", out],
            capture_output=True, text=True, check=False, timeout=WITHIN_S,
        )  # fmt: skip
        if done.returncode:
            raise SlothError(f"Sloth refuses {SPEC.name}: {done.stderr.strip()[-400:]}")
        return out.read_text(encoding="utf-8")


def main() -> int:
    """Read the command line."""
    try:
        if sys.argv[1:] == ["install"]:
            sys.stdout.write(f"sloth: {install()}\n")
        else:
            MADE.write_text(made(), encoding="utf-8")
            sys.stdout.write(f"sloth: {MADE}\n")
    except SlothError as error:
        sys.stderr.write(f"sloth: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
