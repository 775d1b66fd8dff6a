"""Composer: writes the one email for a recommendation, proves every sentence of it, signs it.

Consumes: recommendations, email.suppressions
Produces: email.outbound, decisions, email.feedback, dlq.composer
State: none; the suppressions are a view of their topic, whole in memory before the first mail
On failure: a model that is away, or words the gate refuses, mean the next rung; where even the template does not pass,
    the trigger ends as refused, with the rules that did
"""
