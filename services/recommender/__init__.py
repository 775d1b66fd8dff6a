"""What the lead is trying to get done, the course that would do it best, and the real one nearest to that.

Where the playbook wants more than one, the next nearest that do not say the same thing again.

Consumes: recommendation.requests, catalog.courses, catalog.vectors, courses.signals, catalog.standing, llm.replies
Produces: recommendations, decisions, email.feedback, catalog.vectors, catalog.standing, llm.replies, dlq.recommender
State: the catalogue, its vectors and the course statistics in memory (read whole at start), and an index of the
    catalogue in Qdrant: a cache, rebuilt whenever it is lost, beside the old one when embedder or tokenizer change;
    where there is none, words answer as soon as the catalogue is read, and vectors join as they are made; the one that
    owns courses.signals folds it into catalog.standing; the replies it paid for, read back with each partition
On failure: a model that is away is a lower rung; a store that is away is asked again; an embedder that is away leaves
    words answering, as /ready says; no course that fits, or a request past its expiry, ends the trigger with its
    decision and `not_sent`
"""
