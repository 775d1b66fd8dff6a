"""The judged set is whole, and its figures are what they say."""

from collections import Counter
from pathlib import Path

import pytest

from bench.judged.adviser import adviser, read_preferences
from bench.judged.catalogues import READERS, Catalogue, read
from bench.judged.figures import Shown, column, difference, measured
from bench.judged.grades import agreement, read_grades, worth
from bench.judged.leads import Lead, read_leads
from bench.judged.plain import ways
from bench.judged.shop import Shop, opened
from bench.judged.workload import HERE, taken
from bench.requests import request_of
from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder

LEADS, GRADES, TWICE = read_leads(), read_grades(), read_grades(HERE / "judged_twice.csv")
PREFERRED = read_preferences()
OURS = ("academy", "college")


@pytest.fixture(scope="module")
def college(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The thin catalogue, embedded by hashed words."""
    return opened(_catalogue("college"), FakeEmbedder(), tmp_path_factory.mktemp("vectors"))


def test_there_are_leads_of_each_kind() -> None:
    """At least 90, over four catalogues and seven languages, half to tune and half to report."""
    assert len(LEADS) >= 90
    assert len({each.id for each in LEADS}) == len(LEADS)
    assert {each.catalogue for each in LEADS} == READERS.keys()
    assert {each.language for each in LEADS} == {"en", "es", "de", "fr", "pt", "ja"}
    assert min(Counter(each.slice for each in LEADS).values()) >= 10
    for name in READERS:
        halves = Counter(each.half for each in LEADS if each.catalogue == name)
        assert abs(halves["tune"] - halves["report"]) <= 1, name


def test_every_lead_was_judged_and_every_course_of_ours_is_there() -> None:
    """A grade of a course that is gone would count for nothing."""
    assert GRADES.keys() == {each.id for each in LEADS} == PREFERRED.keys()
    for lead in (each for each in LEADS if each.catalogue in OURS):
        courses = _catalogue(lead.catalogue).courses
        assert GRADES[lead.id].keys() <= courses.keys(), lead.id
        assert set(lead.history) <= courses.keys(), lead.id
        assert set(PREFERRED[lead.id]) <= GRADES[lead.id].keys(), lead.id
    assert {grade for of in GRADES.values() for grade in of.values()} == {0, 1, 2}


def test_judges_agree() -> None:
    """A hundred pairs and more were judged by two, who say the same more often than chance does."""
    pairs, alike, kappa = agreement(GRADES, TWICE)
    assert pairs >= 100
    assert (alike > 0.9, kappa > 0.7) == (True, True)


def test_the_thin_catalogue_is_thin() -> None:
    """At least 600 courses, nine in ten of at most 100 characters, some of none; one in ten long."""
    courses = _catalogue("college").courses.values()
    lengths = [len(each.description) for each in courses]
    assert len(lengths) >= 600
    assert 0.85 <= sum(each <= 100 for each in lengths) / len(lengths) <= 0.95
    assert min(lengths) == 0


def test_worth_is_by_grade() -> None:
    """What nobody judged counts as absurd, and is told; a short list loses nothing by being short."""
    of = {"a": 2, "b": 1, "c": 0}
    best = worth(("a", "b"), of)
    assert (best.hit, best.good, best.absurd, best.gain, best.unjudged) == (1.0, 1.0, 0.0, 1.0, 0.0)
    worst = worth(("c", "x"), of)
    assert (worst.hit, worst.good, worst.absurd, worst.gain, worst.unjudged) == (0.0, 0.0, 1.0, 0.0, 0.5)
    turned = worth(("b", "a"), of)
    assert (turned.hit, turned.good) == (1.0, 0.0)
    assert 0.0 < turned.gain < 1.0
    assert worth((), of).absurd == 1.0


def test_a_difference_is_of_the_same_leads() -> None:
    """What is alike for every lead differs by nothing, whatever the leads differ by."""
    assert difference([0.0, 1.0, 0.5], [0.0, 1.0, 0.5]) == (0.0, 0.0, 0.0)
    mean, low, high = difference([1.0] * 30, [0.5] * 30)
    assert (mean, low, high) == (0.5, 0.5, 0.5)


async def test_every_subject_answers(college: Shop) -> None:
    """The product without a model, with a good one, and the plain ways: each shows courses the lead has not taken."""
    lead = next(each for each in LEADS if each.catalogue == "college" and each.history)
    request = request_of(lead)
    by = dict(await ways(lead, college)) | {
        "kindling": await college.shown(request),
        "kindling/imagined": await college.shown(request, adviser(lead)),
        "kindling/picked": await college.shown(request, adviser(lead, ("no such course",))),
    }
    assert {"bm25", "e5", "rrf", "sum", "e5 imagined"} < by.keys()
    for subject, ids in by.items():
        assert ids, subject
        assert not set(ids) & set(lead.history), subject
    assert by["kindling/imagined"] == by["kindling/picked"]
    figures = list(measured([Shown(lead, by)], GRADES))
    assert {each.subject for each in figures} == by.keys()
    assert column([Shown(lead, by)], "kindling", "hit@1", GRADES)[0] in {0.0, 1.0}


async def test_a_preferred_course_is_picked_where_it_was_found(college: Shop) -> None:
    """The script of a good pick takes what its adviser preferred, and it is the model's."""
    lead = next(each for each in LEADS if each.catalogue == "college")
    shown = await college.shown(request_of(lead), adviser(lead))
    event = await college.decided(request_of(lead), adviser(lead, (shown[2],)))
    assert event is not None
    assert (event.pick.course_id, event.rungs["pick"]) == (shown[2], "llm")


def test_strays_are_events_of_one_course(college: Shop) -> None:
    """Of so many people, and of nobody else."""
    course_id = next(iter(college.catalogue.courses))
    statistics = taken(college, course_id, 3)
    assert statistics.events(course_id) == 3
    assert sum(statistics.events(each) for each in college.catalogue.courses) == 3


def test_strangers_catalogues_are_read_where_they_are(tmp_path: Path) -> None:
    """Without their data there is none, and it is no error."""
    assert read("edx", None) is None
    assert read("bazaar", tmp_path) is None


def _catalogue(name: str) -> Catalogue:
    catalogue = read(name, None)
    assert catalogue is not None
    return catalogue


def test_a_lead_is_told_from_its_neighbours() -> None:
    """No two leads came by the same thing in the same words."""
    titles = Counter((each.catalogue, each.conversion.title) for each in LEADS)
    assert max(titles.values()) == 1, [each for each, count in titles.items() if count > 1]
    assert all(isinstance(each, Lead) for each in LEADS)
