"""The topic table, the generated schema and the examples agree with one another."""

from pathlib import Path

import jsonschema
import orjson
import pytest

from schemas import topics
from schemas.codec import decode, encode
from schemas.publish import FOLDER, documents, write

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
CASES = sorted(EXAMPLES.glob("*/*.json"))
TYPED = [topic for topic in topics.ALL if topic.event is not None]


def _case(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def test_every_name_is_prefixed_and_versioned() -> None:
    """A topic is `kindling.<short>.v1` and stands in the table once."""
    assert [f"kindling.{topic.short}.v1" for topic in topics.ALL] == list(topics.BY_NAME)


def test_every_typed_topic_has_an_example() -> None:
    """A topic without an example is a promise nobody has seen kept."""
    assert {topic.short for topic in TYPED} == {path.parent.name for path in CASES}


@pytest.mark.parametrize("path", CASES, ids=_case)
def test_example_survives_the_codec(path: Path) -> None:
    """Decode, encode, decode gives the same event."""
    topic = topics.BY_SHORT[path.parent.name]
    event = decode(topic, path.read_bytes())
    assert event == decode(topic, encode(topic, event))


@pytest.mark.parametrize("path", CASES, ids=_case)
def test_example_fits_the_published_schema(path: Path) -> None:
    """What the codec takes, a connector author's validator takes."""
    document = orjson.loads(documents()[f"{path.parent.name}.schema.json"])
    jsonschema.Draft202012Validator(document).validate(orjson.loads(path.read_bytes()))


@pytest.mark.parametrize("path", CASES, ids=_case)
def test_example_has_a_key_where_the_table_says_so(path: Path) -> None:
    """A topic keyed by person, course or address gives a key of text; the others none."""
    topic = topics.BY_SHORT[path.parent.name]
    has_key = topic.key(decode(topic, path.read_bytes())) is not None
    assert has_key == (topic.short not in {"events.raw", "conversions.raw", "privacy.requests", "events.clean"})


def test_published_schema_is_fresh(tmp_path: Path) -> None:
    """`make schemas` leaves nothing to do; a topic that is gone leaves no file behind."""
    (tmp_path / "gone.schema.json").write_text("{}")
    (tmp_path / next(iter(documents()))).write_text("{}")
    write(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == documents()
    assert {path.name: path.read_bytes() for path in FOLDER.iterdir()} == documents()


@pytest.mark.parametrize("name", ["recommendations/course", "decisions/pinned", "email.outbound/course"])
def test_one_course_is_written_as_ever(name: str) -> None:
    """The field of further courses is absent where there is none: older readers and signatures hold."""
    topic = topics.BY_SHORT[name.partition("/")[0]]
    event = decode(topic, (EXAMPLES / f"{name}.json").read_bytes())
    assert event.also == ()
    assert "also" not in orjson.loads(encode(topic, event))
    assert "also" not in event.model_dump()
    assert "spares" not in event.model_dump()


def test_what_kindling_writes_is_closed() -> None:
    """An unknown field in a mail is refused by the published schema."""
    schema = orjson.loads(documents()["email.outbound.schema.json"])
    assert schema["additionalProperties"] is False
