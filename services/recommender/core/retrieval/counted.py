"""By what people did: `together` with the courses a person took, `topic` after courses or interests like theirs.

Both read counts of the course statistics; the shape of each was measured (`weights.py` says where).
"""

from collections.abc import Mapping

from services.recommender.core.market import Market
from services.recommender.core.person import Person
from services.recommender.core.retrieval.cooccurrence import history_topics, in_shares, together_scores, topic_scores
from services.recommender.core.retrieval.retriever import Counting


def together(person: Person, of: Market) -> Mapping[str, float]:
    """What people took together with the person's courses."""
    return together_scores(person.history, of.where.without.union(person.history), of.statistics)


def followed(person: Person, of: Market) -> Mapping[str, float]:
    """What people with the topics of the last courses took next; where no course is known, with the interests."""
    known = [of.courses[each].topics for each in person.history if each in of.courses]
    topics = history_topics(known) or in_shares(person.topics)
    return topic_scores(topics, of.where.without.union(person.history), of.statistics)


TOGETHER = Counting("together", together)
FOLLOWED = Counting("topic", followed)
