"""What is found for a job: each retriever's list is asked for in one round trip, and the lists are ranked."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress

from services.recommender.core.asking.understanding import by_rules
from services.recommender.core.market import Market
from services.recommender.core.person import Person
from services.recommender.core.ranking import candidates
from services.recommender.core.retrieval.known import Known
from services.recommender.core.retrieval.retriever import Lists, offset_of
from services.recommender.core.retrieval.retrievers import ADVISED, COUNTING, SEARCHING
from services.recommender.core.values import Filter, Found, Understanding, Vector
from services.recommender.world import World
from services.runtime.outcome import Unavailable


async def shortlist(person: Person, understood: Understanding, world: World) -> Found:
    """The courses to pick from, at most ten. Raises `Unavailable` when the index is away."""
    known = await _known(person, understood, world)
    searched = candidates.languages(person, understood, world.policy)
    found = await _found(person, understood, known, searched, world)
    more = candidates.wider(found.chosen, searched, world.policy)
    return found if more is None else await _found(person, understood, known, more, world)


async def _found(
    person: Person,
    understood: Understanding,
    known: Known,
    languages: tuple[str, ...],
    world: World,
) -> Found:
    catalogue, where = world.catalogue, Filter(languages, person.without)
    market = Market(catalogue.courses, where, world.standing, catalogue.series, person.taken)
    if understood.imagined is None:
        alone = candidates.popular_choice(person, market)
        return Found(alone, alone)
    lists = await _lists(person, known, market, world)
    chosen = candidates.concluded(person, understood, lists, market)
    if not understood.is_advised:
        return Found(chosen, chosen)
    rules = by_rules(person, catalogue.courses)
    own = {name: scores for name, scores in lists.items() if name not in ADVISED}
    return Found(chosen, candidates.concluded(person, rules, own, market))


async def _lists(person: Person, known: Known, of: Market, world: World) -> Lists:
    """What every retriever finds; the index is asked once for all of them."""
    asked = {each: search for each in SEARCHING if (search := each.search(person, known, of.where)) is not None}
    hits = await world.index.search(tuple(asked.values()))
    lists: dict[str, Mapping[str, float]] = {
        each.name: each.scores(found, offset_of(search, known.mean))
        for (each, search), found in zip(asked.items(), hits, strict=True)
    }
    lists |= {each.name: each.scores(person, of) for each in COUNTING}
    return {name: scores for name, scores in lists.items() if scores}


async def _known(person: Person, understood: Understanding, world: World) -> Known:
    """What the queries are made of. Without the embedder, words and history go on alone."""
    imagined = understood.imagined if understood.is_advised else None
    texts = [] if understood.imagined is None else [text for each in SEARCHING for text in each.texts(person, imagined)]
    embedded: Mapping[str, Vector] = {}
    with suppress(Unavailable):
        embedded = await _embedded(list(dict.fromkeys(texts)), world)
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
