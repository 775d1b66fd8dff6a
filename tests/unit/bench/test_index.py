"""What the workloads of the index and of decisions are made of."""

import math
from itertools import islice

from bench.decisions.models import SlowModel
from bench.decisions.scene import EXAMPLE, requests
from bench.decisions.workload import planned as decisions_planned
from bench.index.made import DIMENSION, Made
from bench.index.workload import planned
from schemas.codec import decode
from schemas.llm import Answer
from schemas.topics import RECOMMENDATION_REQUESTS
from services.recommender.adapters.prompt_files import read_prompts
from services.recommender.core.asking.prompt_data import citable
from services.recommender.core.asking.questions import job_question
from services.recommender.core.asking.replies import imagined_of, job_of
from services.recommender.core.person import person_of


def test_a_made_course_has_the_length_that_was_asked_for() -> None:
    """And is the same at each run."""
    for characters in (300, 1_000, 4_000):
        assert abs(len(Made().course(7, characters).description) - characters) <= 2
    assert Made().course(7, 300) == Made().course(7, 300)


def test_made_vectors_are_of_unit_length_around_a_common_direction() -> None:
    """As a language model's are."""
    first, second = islice(Made().vectors(2), 2)
    assert len(first) == DIMENSION
    assert math.isclose(math.hypot(*first), 1.0, rel_tol=1e-9)
    assert sum(a * b for a, b in zip(first, second, strict=True)) > 0.5


def test_made_requests_are_requests() -> None:
    """Of different persons, with histories of courses that there are."""
    made = [decode(RECOMMENDATION_REQUESTS, each) for each in requests(20, 50)]
    assert len({each.person for each in made}) == len({each.decision_id for each in made}) == 20
    taken = {step.course_id for each in made for step in each.snapshot.history}
    assert taken <= {f"c-{number}" for number in range(50)}
    assert taken


async def test_the_slow_model_answers_what_is_accepted() -> None:
    """Else the measurement would be of another rung."""
    request = decode(RECOMMENDATION_REQUESTS, EXAMPLE.read_bytes())
    who, model = person_of(request, {}), SlowModel(takes_s=0.0)
    reply = await model.ask(job_question(who, read_prompts().job_imagine, {}), within_s=1.0)
    assert isinstance(reply, Answer)
    assert job_of(reply.value, citable(who)).confidence > 0
    assert imagined_of(reply.value, citable(who)).title
    assert (model.most, model.held) == (1, 0)


def test_quick_is_a_tenth() -> None:
    """It says that a workload runs."""
    assert (planned(["--quick"]).filled, planned(["--filled", "5"]).filled, planned([]).filled) == (20, 16, 200)
    assert (planned(["--quick"]).courses, planned([]).courses) == ((100, 800), (1_000, 8_000))
    assert (decisions_planned(["--quick"]).decisions, decisions_planned([]).held) == (150, 128)
