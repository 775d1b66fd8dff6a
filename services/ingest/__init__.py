"""Take in what trackers, servers, connectors and people say; hand on clean events in packs, keyed by person.

`python -m services.ingest import-history <file>` publishes a business's past enrolments as conversions, and
`python -m services.ingest openapi` prints what the collector answers on which path.

Two commands run for ever: `python -m services.ingest collector` answers HTTP and writes the raw topics; `python -m
services.ingest consumer` reads them and writes packs.

Consumes: events.raw, conversions.raw, email.feedback, privacy.requests
Produces: events.raw, conversions.raw, email.feedback, privacy.requests, events.clean, email.suppressions,
    catalog.content, dlq.ingest
State: none; a window of recent message ids in memory spares work, and losing it changes nothing
On failure: a bad call is refused with its reason (HTTP) or goes to dlq.ingest with its bytes; while Kafka is away the
    collector answers 503 and the consumer waits with its offsets unmoved
"""
