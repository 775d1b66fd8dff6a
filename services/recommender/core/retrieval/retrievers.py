"""All retrievers, in the order in which the index is asked: what they ask of it, and what they find."""

from collections.abc import Iterator, Mapping, Sequence

from schemas.recommendation import ImaginedCourse
from services.recommender.core.market import Market
from services.recommender.core.person import Person
from services.recommender.core.retrieval.counted import FOLLOWED, TOGETHER
from services.recommender.core.retrieval.history import TEXT, WORDS
from services.recommender.core.retrieval.imagined import IMAGINED, NAMED
from services.recommender.core.retrieval.interests import INTERESTS
from services.recommender.core.retrieval.known import Known
from services.recommender.core.retrieval.meant import MEANT
from services.recommender.core.retrieval.retriever import Lists, Searching, offset_of
from services.recommender.core.retrieval.said import SAID
from services.recommender.core.values import Filter, Hit, Search, Vector

SEARCHING = (IMAGINED, NAMED, SAID, MEANT, INTERESTS, TEXT, WORDS)
COUNTING = (TOGETHER, FOLLOWED)
NEAR = frozenset(each.name for each in SEARCHING if each.kind == "near")
OF_WORDS = frozenset(each.name for each in SEARCHING if each.kind == "words")
ADVISED = frozenset({IMAGINED.name, NAMED.name})  # what goes by a model's word


def languages_to_try(person: Person, default: str, *, is_usual: bool) -> Iterator[tuple[str, ...]]:
    """In which languages courses are looked for, and in which once more where too few were found.

    The person's own; for leads the business's own, `default`, beside it at once, for others only then. The arm `usual`
    gets what is popular in the person's own, as ever.
    """
    if default == person.language:
        yield (person.language,)
        return
    if is_usual or person.history:
        yield (person.language,)
    yield (person.language, default)


def texts_of(person: Person, imagined: ImaginedCourse | None) -> tuple[str, ...]:
    """What has to be embedded before the index can be asked, each text once."""
    return tuple(dict.fromkeys(text for each in SEARCHING for text in each.texts(person, imagined)))


def searches_of(person: Person, known: Known, where: Filter) -> dict[Searching, Search]:
    """What is asked of the index, by who asks it; who has nothing to ask by asks nothing."""
    asked = ((each, each.search(person, known, where)) for each in SEARCHING)
    return {each: search for each, search in asked if search is not None}


def lists_of(
    person: Person,
    searches: Mapping[Searching, Search],
    hits: Sequence[Sequence[Hit]],
    of: Market,
    mean: Vector | None,
) -> Lists:
    """What every retriever found: those that searched, of their hits, and those that count. An empty list is none.

    `hits` are those of each search, in its order; `mean` is what was taken off the queries.
    """
    searched = {
        each.name: each.scores(found, offset_of(search, mean))
        for (each, search), found in zip(searches.items(), hits, strict=True)
    }
    lists = searched | {each.name: each.scores(person, of) for each in COUNTING}
    return {name: scores for name, scores in lists.items() if scores}
