"""The web page for people: every decision with its email, or with the reason why there is none. It only reads.

Consumes: decisions, email.outbound, email.feedback, conversions.raw, events.clean, aside.composer, aside.connector,
    control, llm.replies, dlq.ingest, dlq.profile, dlq.recommender, dlq.composer, dlq.connector, events.raw,
    privacy.requests, profile.self, profile.changelog, recommendation.requests, recommendations, email.suppressions
Produces: none
State: a SQLite view, rebuilt from the topics at every start; the commands read them once and keep
    nothing
On failure: a page that cannot be shown says so; nothing else depends on the console. It asks nobody for a password:
    keep it on this machine, or behind a proxy that does
"""
