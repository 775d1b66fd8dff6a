"""All retrievers, in the order in which the index is asked."""

from services.recommender.core.retrieval.counted import FOLLOWED, TOGETHER
from services.recommender.core.retrieval.history import TEXT, WORDS
from services.recommender.core.retrieval.imagined import IMAGINED, NAMED
from services.recommender.core.retrieval.interests import INTERESTS
from services.recommender.core.retrieval.meant import MEANT
from services.recommender.core.retrieval.said import SAID

SEARCHING = (IMAGINED, NAMED, SAID, MEANT, INTERESTS, TEXT, WORDS)
COUNTING = (TOGETHER, FOLLOWED)
NEAR = frozenset(each.name for each in SEARCHING if each.kind == "near")
OF_WORDS = frozenset(each.name for each in SEARCHING if each.kind == "words")
ADVISED = frozenset({IMAGINED.name, NAMED.name})  # what goes by a model's word
