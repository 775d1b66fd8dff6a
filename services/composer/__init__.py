"""Composer: writes the one email for a recommendation, judges every line of it by what it cites, signs it.

The words are about one course; further ones of the recommendation are listed below it by code.

Consumes: recommendations, email.suppressions, control, llm.replies, aside.composer
Produces: email.outbound, decisions, email.feedback, llm.replies, dlq.composer, aside.composer
State: the suppressions, a view of their topic, whole in memory before the first mail; the replies it paid for, read
    back with each partition
On failure: a model that is away, or words the gate refuses, mean the next rung; the lowest always passes, with generic
    words for what does not; where no course has a link that may be mailed, the trigger ends as refused
"""
