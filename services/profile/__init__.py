"""profile: one value per person. Folds what people do, waits after a conversion, and decides whether to ask for a mail.

Consumes: events.clean, profile.self, profile.changelog, catalog.content
Produces: profile.self, profile.changelog, recommendation.requests, decisions, courses.signals, email.suppressions,
    dlq.profile
State: one value per person and one checkpoint per partition, in profile.changelog and a local RocksDB that it rebuilds
On failure: an undecodable record is dead-lettered in the transaction that passes it; a fenced, lagging or gapped worker
    exits and is restarted; nothing is applied twice, since the checkpoint is part of the state
"""
