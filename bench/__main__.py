"""Runs a workload: `python -m bench profile`; without words it lists them."""

import sys
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from bench.profile import workload as profile

WORKLOADS: Mapping[str, tuple[str, Callable[[Sequence[str]], int]]] = MappingProxyType(
    {
        "profile": ("CPU of an event through the fenced worker against a plain loop; cold recovery", profile.main),
    }
)
UNKNOWN = 2  # the status of a usage error, as argparse's


def main(words: Sequence[str]) -> int:
    """The exit status of the named workload."""
    if not words:
        print("Workloads (python -m bench NAME --help says what each takes):")
        for name, (what, _) in WORKLOADS.items():
            print(f"  {name:10} {what}")
        return 0
    name, *rest = words
    if name not in WORKLOADS:
        print(f"bench: there is no workload {name!r}; there is {', '.join(WORKLOADS)}", file=sys.stderr)
        return UNKNOWN
    return WORKLOADS[name][1](rest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
