"""`python -m bench capacity`: what machines a business needs, written to docs/capacity.md from the committed figures.

`--measure` takes those of them anew that no other workload gives, and prints them; `figures.json` is changed by hand.
"""

import argparse
import sys
from collections.abc import Sequence

from bench.capacity.figures import read_figures
from bench.capacity.measuring import measured
from bench.capacity.needs import Assumptions
from bench.capacity.page import PAGE, written
from bench.reporting import reported


def main(words: Sequence[str]) -> int:
    """Write the page, or measure."""
    parser = argparse.ArgumentParser(prog="python -m bench capacity", description=__doc__)
    parser.add_argument("--measure", action="store_true", help="a minute, with a broker of its own; writes no page")
    if parser.parse_args(words).measure:
        return reported(measured(), RuntimeError)
    PAGE.write_text(written(read_figures(), Assumptions()), encoding="utf-8")
    print(f"capacity: {PAGE.name} is written", file=sys.stderr)
    return 0
