"""The plain ways: what anybody would try first. The product without a model has to be better than the best of them."""

import re
from collections.abc import Mapping

import numpy as np

from bench.judged.leads import Lead
from bench.judged.shop import Shop
from bench.recommendation.search import Scores
from services.recommender.core.values import Filter, Terms

PLACES = 10
CUSTOMARY = 60  # c of the plain reciprocal rank
LEAST_NEAR, SPAN = (
    0.75,
    0.15,
)  # of this embedder's cosines: about what is not near at all, and from there to the nearest
_STOP = (
    "a an the of to and in for on with is are be by at from as it this that your you how what when why who i we my our"
    " do does can will more most not no or into about up out get use using"
    " de la el los las un una y en para con por que del al lo se su como más"
    " der die das und ein eine mit für von zu im den dem auf ist wie nicht"
    " le les des du une et pour dans sur qui au aux est o os as um uma com não"
)
STOP = frozenset(_STOP.split())
_WORD = re.compile(r"[^\W_]+")


async def ways(lead: Lead, shop: Shop) -> Mapping[str, tuple[str, ...]]:
    """The ten of each plain way, among courses of the lead's language and of the business's own."""
    where = Filter((lead.language, shop.catalogue.language), frozenset(lead.history))
    said = " ".join((*_titles(lead), lead.facts.get("goal", ""), lead.facts.get("role", "")))
    imagined = f"{lead.said.title}. {lead.said.description}. {', '.join(lead.said.skills)}"
    bm25 = shop.index.words_scores(shop.words.query(said, lead.language))
    e5 = shop.index.near_scores(await shop.embedder.query(said))
    scores = {
        "bm25": bm25,
        "e5": e5,
        "rrf": 1 / (CUSTOMARY + _ranks(bm25)) + 1 / (CUSTOMARY + _ranks(e5)),
        "sum": _share(shop.index.words_scores(_content(said, lead.language, shop))) + _near(e5),
        "e5 imagined": shop.index.near_scores(await shop.embedder.query(imagined)),
    }
    return {
        way: tuple(hit.course_id for hit in shop.index.best(of, where, PLACES, least=1e-9))
        for way, of in scores.items()
    }


def _titles(lead: Lead) -> tuple[str, ...]:
    return (lead.conversion.title, *(each.title for each in lead.acts))


def _content(text: str, language: str, shop: Shop) -> Terms:
    """The terms without stop words."""
    return shop.words.query(" ".join(each for each in _WORD.findall(text.lower()) if each not in STOP), language)


def _ranks(scores: Scores) -> Scores:
    return np.argsort(np.argsort(-scores, kind="stable"), kind="stable").astype(np.float64)


def _share(scores: Scores) -> Scores:
    return scores / (float(scores.max()) or 1.0)


def _near(cosines: Scores) -> Scores:
    return np.clip((cosines - LEAST_NEAR) / SPAN, 0.0, None)
