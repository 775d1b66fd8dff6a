"""Laws of fusion, choice, text and change."""

from datetime import UTC, datetime
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from schemas.course import Course
from schemas.recommendation import Candidate
from services.recommender.core.choice.digest import digest
from services.recommender.core.choice.exploration import choose, propensities
from services.recommender.core.import_rows import BadRow, course_of
from services.recommender.core.ranking.fusion import fused, in_order, ranks
from services.recommender.core.ranking.reranker import ListScores, judged_sums, multiplied
from services.recommender.core.retrieval.documents import changes
from services.recommender.core.sanitised import clipped, for_model
from services.recommender.core.values import Hit, Shortlist
from services.recommender.core.weights import RETRIEVERS

IDS = st.sampled_from("abcdefgh")
LISTS = st.dictionaries(
    st.sampled_from(sorted(RETRIEVERS)), st.dictionaries(IDS, st.integers(1, 100), max_size=8), max_size=5
)
FITS = st.dictionaries(IDS, st.sampled_from([0.6, 0.7, 0.9, 1.0]))
HITS = st.lists(st.builds(Hit, IDS, st.floats(-1, 1)), unique_by=lambda hit: hit.course_id)
HASHES = st.dictionaries(IDS, st.sampled_from("12"))
SHARE = st.floats(0, 0.1)


@given(LISTS, FITS, st.randoms(use_true_random=False))
def test_order_of_lists_and_of_hits_is_irrelevant(
    lanes: dict[str, dict[str, int]], fits: dict[str, float], random: Random
) -> None:
    """Shuffled lists fuse to the same list."""
    shuffled = {
        name: dict(random.sample(list(lane.items()), len(lane)))
        for name, lane in random.sample(list(lanes.items()), len(lanes))
    }
    assert fused(lanes, lambda each: fits.get(each, 1.0)) == fused(shuffled, lambda each: fits.get(each, 1.0))


@given(LISTS, IDS, st.sampled_from(sorted(RETRIEVERS)), st.integers(1, 100))
def test_one_more_list_never_lowers_a_course(
    lanes: dict[str, dict[str, int]], course_id: str, lane: str, rank: int
) -> None:
    """Found once more, with the others as they were, it stands at least as high."""

    def place(of: dict[str, dict[str, int]]) -> int:
        ordered = [each.course_id for each in fused(of)]
        return ordered.index(course_id) if course_id in ordered else len(ordered)

    if course_id in lanes.get(lane, {}):
        return
    more = {**lanes, lane: {**lanes.get(lane, {}), course_id: rank}}
    assert place(more) <= place(lanes)


@given(LISTS, IDS, st.sampled_from(["near", "words", "together"]), st.floats(0, 1), st.floats(0, 9))
def test_more_evidence_never_lowers_a_course(
    lanes: dict[str, dict[str, int]], course_id: str, part: str, said: float, more: float
) -> None:
    """What a list says more of it, with the others as they were, leaves it at least as high."""

    def place(figure: float) -> int:
        likely = multiplied(fused(lanes), judged_sums(lanes), ListScores(**{part: {course_id: figure}}), lambda _: 1.0)
        assert sorted(each.course_id for each in likely) == sorted({each for lane in lanes.values() for each in lane})
        return [*(each.course_id for each in likely), course_id].index(course_id)

    assert place(said + more) <= place(said)


@given(LISTS)
def test_every_course_found_is_fused_once(lanes: dict[str, dict[str, int]]) -> None:
    """With a score of at most all weights."""
    candidates = fused(lanes)
    assert sorted(each.course_id for each in candidates) == sorted({each for lane in lanes.values() for each in lane})
    for each in candidates:
        assert 0 < each.score <= sum(lane.learner for lane in RETRIEVERS.values())


@given(LISTS, FITS, st.integers(1, 9))
def test_the_wanted_are_the_first_of_all(lanes: dict[str, dict[str, int]], fits: dict[str, float], most: int) -> None:
    """To ask for fewer changes neither who they are, nor their order, nor a score."""

    def fit(each: str) -> float:
        return fits.get(each, 1.0)

    assert fused(lanes, fit, most) == fused(lanes, fit)[:most]


@given(HITS, st.randoms(use_true_random=False))
def test_ranks_do_not_depend_on_the_order_hits_came_in(hits: list[Hit], random: Random) -> None:
    """Ties go by id; ranks are 1 to n."""
    shuffled = random.sample(hits, len(hits))
    assert in_order(hits, 5) == in_order(shuffled, 5)
    scores = {hit.course_id: hit.score for hit in hits}
    found = ranks(scores, 5)
    assert found == ranks({hit.course_id: hit.score for hit in shuffled}, 5)
    assert sorted(found.values()) == list(range(1, min(5, sum(score > 0 for score in scores.values())) + 1))


@given(st.text(), IDS, st.none() | IDS, SHARE)
def test_propensities_sum_to_one(decision_id: str, base: str, other: str | None, share: float) -> None:
    """And the one logged is that of the course picked, above zero."""
    other = None if other == base else other
    odds = propensities(base, other, share)
    assert abs(sum(odds.values()) - 1) < 1e-9
    choice = choose(decision_id, base, other, share)
    assert choice.course_id in {base, other}
    assert choice.propensity == odds[choice.course_id]
    assert choice.is_exploration == (choice.course_id != base)
    assert 0 < choice.propensity <= 1 + 1e-9


@given(HASHES, HASHES)
def test_changes_make_the_index_the_catalogue(wanted: dict[str, str], held: dict[str, str]) -> None:
    """Applied to what is held they give what is wanted, and then there are none."""
    due = changes(wanted, held)
    after = {each: of for each, of in held.items() if each not in due.remove} | {
        each: wanted[each] for each in due.write
    }
    assert after == wanted
    assert changes(wanted, after).write == changes(wanted, after).remove == ()


@given(st.text(), st.integers(1, 50))
def test_text_for_a_model_is_one_bounded_printable_line(text: str, limit: int) -> None:
    """Whatever a page title or a form field held."""
    told = for_model(text, limit)
    assert len(told) <= limit
    assert "\n" not in told
    assert all(character.isprintable() for character in told)
    assert len(clipped(text, limit)) <= limit


@given(st.emails())
def test_no_address_goes_to_a_model(address: str) -> None:
    """Wherever in a sentence it stands."""
    assert address not in for_model(f"write to {address}, please", 400)


@given(st.binary())
def test_any_line_is_a_course_or_a_problem(raw: bytes) -> None:
    """Never an exception."""
    row = course_of(7, raw)
    assert isinstance(row, BadRow)
    assert row.line == 7
    assert row.problem


@given(
    st.dictionaries(IDS, st.tuples(st.floats(0, 10), st.sets(st.sampled_from("xyz"), min_size=1)), min_size=1),
    st.dictionaries(IDS, st.floats(0.3, 2)),
    st.integers(1, 9),
    st.data(),
)
def test_a_digest_is_its_pick_and_candidates_each_once(
    rows: dict[str, tuple[float, set[str]]], appeals: dict[str, float], n: int, data: st.DataObject
) -> None:
    """As many as asked for or as there are, the same each time; of fewer it is the beginning."""
    courses = {
        name: Course(
            id=name,
            title=name * 3,
            description=name * 20,
            url="https://a.example",
            topics=tuple(sorted(topics)),
            level="beginner",
            language="en",
            updated_at=datetime(2026, 11, 3, tzinfo=UTC),
        )
        for name, (_, topics) in rows.items()
    }
    candidates = tuple(
        Candidate(course_id=name, title=name, lanes={}, score=score) for name, (score, _) in rows.items()
    )
    found = Shortlist(candidates, courses, "lanes", appeals)
    picked = data.draw(st.lists(st.sampled_from(sorted(rows)), min_size=1, max_size=3, unique=True))
    unfit = data.draw(st.sets(st.sampled_from(sorted(rows)))) - set(picked)
    of = [courses[each] for each in picked]
    shown = [each.id for each in digest(found, of, unfit, n)]
    assert shown[: len(picked)] == picked[:n]
    assert len(set(shown)) == len(shown) == min(n, len(rows) - len(unfit))
    assert set(shown) <= rows.keys() - unfit
    assert shown == [each.id for each in digest(found, of, unfit, n + 1)][:n]
