"""The first thing a bounded child does: give up what it may not use, then run the script as a program of its own."""

import resource
import runpy
import sys
from collections.abc import Sequence

OPEN_FILES = 64  # the interpreter and its libraries


def main(arguments: Sequence[str]) -> None:
    """Bind this process to seconds of CPU and bytes of memory, then run the script with the rest as its arguments."""
    cpu_s, memory_bytes, script, *rest = arguments
    limits = {
        resource.RLIMIT_CPU: int(cpu_s),
        resource.RLIMIT_AS: int(memory_bytes),
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: OPEN_FILES,
    }
    for what, most in limits.items():
        resource.setrlimit(what, (most, most))
    sys.argv = [script, *rest]
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
