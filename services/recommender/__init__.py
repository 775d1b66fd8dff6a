"""What the lead is trying to get done, the course that would do it best, and the real one nearest to that.

Consumes: recommendation.requests, catalog.courses
Produces: recommendations, decisions, email.feedback, dlq.recommender
State: the catalogue in memory (read whole at start), and an index of it in Qdrant: a cache, rebuilt whenever it is lost
On failure: a model that is away is a lower rung; a store that is away is asked again; no course that fits, or a request
    past its expiry, ends the trigger with its decision and `not_sent`
"""
