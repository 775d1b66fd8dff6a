"""Everything the recommender's choice is tuned by, declared once: retrievers with their weights, constants, sources.

"Measured" is `bench/recommendation` on 11,964 learners of the COCO data set (November 2026), unless it says else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Weights:
    """What one retriever counts, how many courses it finds, and why so; 0: it is not asked.

    `learner` weighs its rank for persons who took courses. For leads, who took none, scores are added: `lead` weighs
    its score where no model imagined a course, `advised` where one did. Of the index a learner's list asks `hits`, and
    `depth` are ranked: of more hits than ranks, popularity may bring the less near ones up. A lead's asks `lead_hits`:
    the last of them is what the nearness of the others is counted from.
    """

    learner: float
    lead: float
    advised: float
    source: str
    hits: int = 0
    lead_hits: int = 0
    depth: int = 100


_OWN = "chosen on the tuning half of `bench/judged`; of learners on `bench/golden`"
RETRIEVERS: Mapping[str, Weights] = MappingProxyType(
    {
        "imagined": Weights(1.0, 0.0, 2.0, "judged: no course history shows it; leads: " + _OWN, 200, 200),
        "named": Weights(0.5, 0.0, 1.0, _OWN, 100, 200),
        "said": Weights(1.1, 1.0, 0.8, _OWN, 100, 200),
        "meant": Weights(0.4, 1.0, 0.5, _OWN, 100, 200),
        "interests": Weights(0.5, 0.7, 0.4, "judged, as `topic`: what it says is of the same kind", 100, depth=50),
        "text": Weights(
            1.0, 0.0, 0.0, "measured; 200 hits are .001 better than 100, 300 another .002 for those with one", 300
        ),
        "words": Weights(0.3, 0.0, 0.0, "measured", 100),
        "together": Weights(1.0, 0.0, 0.0, "measured"),
        "topic": Weights(0.5, 2.0, 0.8, "measured; leads: as far as everybody is to be trusted, on who only read"),
        "popular": Weights(1.0, 0.0, 0.0, "alone, where there is nothing else to go by"),
    }
)

# What a word of the person's own counts, by where it comes from; of a word that is said twice the greater. Chosen on
# the tuning half of `bench/judged`: within it, figures from half to twice of these rank alike.
SOURCES: Mapping[str, float] = MappingProxyType(
    {"search": 1.2, "goal": 1.0, "conversion": 1.0, "act": 0.6, "role": 0.25}
)
TOPIC_SOURCES = (1.0, 0.5, 0.3)  # the titles of the strongest topics, the strongest first
# Of what all retrievers of a lead together could give a course, so much it must have to be shown. Tuning half of
# `bench/judged`, without a model: at .3, .49 of the first five are absurd and nDCG@10 is .65; at .4, .49 and .63; at
# .5, .46 and .60. With a good model: .45 and .76, .43 and .71, .35 and .66. At .5 the academy's golden set loses a
# fifth of the courses that would help.
FITNESS_FLOOR = 0.4

FLATNESS = 20  # c of the reciprocal rank; measured: 60, the customary one, costs .005 to .008 hit@10

HISTORY_LAST = 30  # courses that speak for a person; the profile keeps no more
HISTORY_DECAY = 0.5  # of text and words: a step back in history counts half; measured
WORDS_LAST = 6  # courses whose words are looked for; ½^6 is less than a fiftieth
TOPIC_LAST = 4  # courses whose topics count; measured
TOPIC_DECAY = 0.7  # a step; measured
FOLLOWERS_READ = (
    300  # courses of a topic that its list reads; all 1,500 rank the same first hundred at five times the cost
)
TOPIC_PRIOR = 20.0  # added to a topic's total, so that what few did is not taken for a rule; measured

POPULARITY_HALF_LIFE_DAYS = 30.0  # measured
POPULARITY_FLOOR = 0.05  # share of the most popular course's weight that every course is given; measured
POPULARITY_PRIOR = (
    20.0  # decayed events of all courses at which popularity has half its power: `CourseStatistics.trust`
)
# The fused score is weighed by (popularity share + .2)^.2, which runs from .72 to 1.04: measured, +.003 hit@10 for all
# learners, most for those with one course.
FAVOUR_FLOOR, FAVOUR_POWER = 0.2, 0.2
# Of a person who took courses: a conditional logit fitted on half a of the learners, rounded; half b has the figures.
WEIGHED = 150  # best of the fused ranks that the odds order; all of them instead lose .001 hit@10; measured
FUSED_POWER = 0.4
NEAR_STRENGTH, WORDS_STRENGTH = 1.1, 0.3  # the most similar has e^1.1 the odds of the least, the best by words e^.3
TOGETHER_POWER = 0.75
TOPIC_STEEPNESS, TOPIC_POWER = 20.0, 0.2
CHANCE_FLOOR, CHANCE_POWER = 0.03, 0.7
RARITY, RARITY_GROWTH = 0.2, 0.14  # what many took before counts against a course, the more the more courses she took
WELCOME_SHARE = (
    0.04  # of a course nobody took, e^.6 the odds of none: measured: stripped courses .019 → .048, at .5 % of hit@10
)
JUDGED_STRENGTH = 4.5  # of a judged list; `bench/golden` without a model: hit@1 .74 at 1.1, .82 at 2, .88 at 4.5

PLACES = 10  # of a shortlist, at most

OUTCOME_HALF_LIFE_DAYS = 90.0  # judged: mails are few, and a course is tried again a season after it disappointed
OUTCOME_PRIOR_GOOD = 1.0  # a mail in twenty leads to a click or more, and twenty mails outweigh the prior: judged,
OUTCOME_PRIOR_BAD = 19.0  # from the click rates that providers of nurture mails publish (2 to 5 %)
APPEAL_LEAST, APPEAL_MOST = 0.5, 2.0  # what outcomes may do to a fused score: judged, the lists stay in charge
# After Yancey and Settles, "A Sleeping, Recovering Bandit Algorithm" (KDD 2020); the two figures are judged.
NOVELTY_LOSS = 0.4  # of a course with the very topics of the one ignored last
NOVELTY_LEFT = 0.5  # of that loss after each mail since

LEVEL_FIT: Mapping[int, float] = MappingProxyType({0: 1.0, 1: 0.9, 2: 0.7})  # by steps of level; judged, so mild
OTHER_LANGUAGE_FIT = 0.8  # a course in the business's language, of one who speaks another; judged
TOP_TOPICS = 3  # of a person's interests

DIGEST_LIKENESS = 0.5  # what a second course of the very same topics loses in a digest; judged
