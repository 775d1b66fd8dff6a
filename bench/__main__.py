"""Runs a workload: `python -m bench profile`; without words it lists them."""

import sys
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from bench.console import workload as console
from bench.decide import workload as decide
from bench.decisions import workload as decisions
from bench.endpoint import workload as endpoint
from bench.gate import workload as gate
from bench.golden import workload as golden
from bench.index import workload as index
from bench.ingest import workload as ingest
from bench.judged import workload as judged
from bench.mails import workload as mails
from bench.price import workload as price
from bench.profile import workload as profile
from bench.recommendation import workload as recommendation

WORKLOADS: Mapping[str, tuple[str, Callable[[Sequence[str]], int]]] = MappingProxyType(
    {
        "console": ("the console's view: records a second while it fills, and what each page takes", console.main),
        "decide": ("what is decided for any catalogue and any leads, from files, as JSON", decide.main),
        "decisions": ("decisions a second without a model, in flight with a slow one, beside a search", decisions.main),
        "endpoint": ("each stage's question to the endpoint that is set: valid, tokens, time, price", endpoint.main),
        "gate": ("Lines that others wrote: which of them does the gate of a mail let through?", gate.main),
        "golden": ("Leads of our own making: are the courses that would help them found?", golden.main),
        "index": ("rows a second of an import; three lanes of a decision on Edge beside local mode", index.main),
        "ingest": ("raw records into batches beside a plain relay; calls over HTTP beside a bare handler", ingest.main),
        "judged": ("Leads of a first day over four catalogues: is what they are shown of use, as judged?", judged.main),
        "mails": ("the mails of the academy's story, written to docs/mails.md with a judgement each", mails.main),
        "price": ("Tokens and money of a decision against the naive chain of four calls", price.main),
        "profile": ("CPU of an event beside Kafka Streams and a plain loop; cold recovery; its ladder", profile.main),
        "recommendation": ("what learners took next, foretold by the product and by plain ways", recommendation.main),
    }
)
UNKNOWN = 2  # the status of a usage error, as argparse's


def main(words: Sequence[str]) -> int:
    """The exit status of the named workload."""
    if not words:
        print("Workloads (python -m bench NAME --help says what each takes):")
        for name, (what, _) in WORKLOADS.items():
            print(f"  {name:15} {what}")
        return 0
    name, *rest = words
    if name not in WORKLOADS:
        print(f"bench: there is no workload {name!r}; there is {', '.join(WORKLOADS)}", file=sys.stderr)
        return UNKNOWN
    return WORKLOADS[name][1](rest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
