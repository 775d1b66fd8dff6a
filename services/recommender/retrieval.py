"""What is found for a job: each retriever's list is asked for in one round trip, and the lists are ranked."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress

from services.recommender.core.market import Market
from services.recommender.core.person import Person
from services.recommender.core.ranking.candidates import found_of
from services.recommender.core.retrieval.known import Known
from services.recommender.core.retrieval.retriever import Lists
from services.recommender.core.retrieval.retrievers import languages_to_try, lists_of, searches_of, texts_of
from services.recommender.core.values import Filter, Found, Shortlist, Understanding, Vector
from services.recommender.world import World
from services.runtime.outcome import Unavailable

FEWEST = 3  # below it the business's own language is searched too
NOTHING = Shortlist((), {}, "words")


async def shortlist(person: Person, understood: Understanding, world: World) -> Found:
    """The courses to pick from, at most ten. Raises `Unavailable` when the index is away."""
    found, known = Found(NOTHING, NOTHING), await _known(person, understood, world)
    is_usual, default = understood.imagined is None, world.policy.default_language
    for languages in languages_to_try(person, default, is_usual=is_usual):
        catalogue, where = world.catalogue, Filter(languages, person.without)
        market = Market(catalogue.courses, where, world.statistics, catalogue.series, person.taken)
        lists: Lists = {}
        if not is_usual:
            searches = searches_of(person, known, where)
            hits = await world.index.search(tuple(searches.values()))
            lists = lists_of(person, searches, hits, market, known.mean)
        found = found_of(person, understood, lists, market)
        if len(found.chosen.candidates) >= FEWEST:
            break
    return found


async def _known(person: Person, understood: Understanding, world: World) -> Known:
    """What the queries are made of. Without the embedder, words and history go on alone."""
    imagined = understood.imagined if understood.is_advised else None
    texts = () if understood.imagined is None else texts_of(person, imagined)
    embedded: Mapping[str, Vector] = {}
    with suppress(Unavailable):
        embedded = await _embedded(texts, world)
    catalogue = world.catalogue
    return Known(
        courses=catalogue.courses,
        words=world.words.query,
        imagined=imagined,
        embedded=embedded,
        stored=await world.index.vectors(person.history) if person.history else {},
        mean=catalogue.mean if person.history else None,
        topic_means=catalogue.topic_means,
    )


async def _embedded(texts: Sequence[str], world: World) -> dict[str, Vector]:
    vectors = await asyncio.gather(*(world.embedder.query(each) for each in texts))
    return dict(zip(texts, vectors, strict=True))
