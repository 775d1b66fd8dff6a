"""The processes that are measured."""

from bench.ingest.relay import JOINED
from bench.profile.run import Chain
from bench.profile.sinks import RAW
from bench.profile.subject import INGEST, Kind, python

KEY = "bench"
LIMITLESS = "1000000000"
RELAYS = tuple(Kind(name, python("bench.ingest.relay", name), f"bench-{name}") for name in ("relay", JOINED))
CHAINS = tuple(Chain(each.name, [(each, RAW)]) for each in (INGEST, *RELAYS))
COLLECTOR = Kind(
    "collector", python("services.ingest", "collector"), "", ready="listening",
    settings={
        "KINDLING_INGEST_WRITE_KEYS": KEY, "KINDLING_INGEST_PORT": "0", "KINDLING_INGEST_RATE_PER_S": LIMITLESS,
        "KINDLING_INGEST_BURST": LIMITLESS, "KINDLING_INGEST_CLIENT_RATE_PER_S": LIMITLESS,
        "KINDLING_INGEST_CLIENT_BURST": LIMITLESS,
    },
)  # fmt: skip
BARE = Kind("bare", python("bench.ingest.bare"), "", ready="listening")
SERVERS = (COLLECTOR, BARE)
