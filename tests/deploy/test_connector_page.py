"""The page for authors of connectors: its examples fit the schemas, its code tells our mails, its proofs exist."""

import re
from collections.abc import Callable
from typing import Any

import jsonschema
import orjson
import pytest

from schemas import topics
from schemas.codec import decode
from schemas.identity import derived_key
from schemas.publish import FOLDER
from schemas.signing import signature
from tests.deploy.image import ROOT

PAGE = (ROOT / "docs" / "connector.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)(?: (\w+))?\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
TOPICS = {
    "outbound": topics.EMAIL_OUTBOUND,
    "suppression": topics.EMAIL_SUPPRESSIONS,
    "feedback": topics.EMAIL_FEEDBACK,
}
EXAMPLES = [(kind, text) for language, kind, text in BLOCKS if language == "json"]
PROOFS = re.findall(r"`(tests/[\w/.]+)::(\w+)`", PAGE)
SECRET = b"a secret of this page alone"


@pytest.fixture(scope="module")
def is_ours() -> Callable[..., bool]:
    """The page's own code."""
    (code,) = [text for language, _, text in BLOCKS if language == "python"]
    names: dict[str, Any] = {}
    exec(compile(code, "docs/connector.md", "exec"), names)  # noqa: S102 the page's own
    return names["is_ours"]  # type: ignore[no-any-return] # of a page


@pytest.mark.parametrize(("kind", "text"), EXAMPLES)
def test_example_fits_the_published_schema(kind: str, text: str) -> None:
    """Each says which record it is; validator and codec take it."""
    topic = TOPICS[kind]
    schema = orjson.loads((FOLDER / f"{topic.short}.schema.json").read_bytes())
    jsonschema.Draft202012Validator(schema).validate(orjson.loads(text))
    decode(topic, text.encode())


def test_every_kind_of_record_has_an_example() -> None:
    """What is read, what is asked, and what is said, of a mail that came and of one of which nobody knows."""
    assert [kind for kind, _ in EXAMPLES] == ["outbound", "suppression", "feedback", "feedback"]
    assert {orjson.loads(text)["word"] for kind, text in EXAMPLES if kind == "feedback"} == {"delivered", "unknown"}


def test_code_of_the_page_knows_our_mail(is_ours: Callable[..., bool]) -> None:
    """The example by its secret; with a field that is new where it was signed; and not once anything is changed."""
    mail = orjson.loads(next(text for kind, text in EXAMPLES if kind == "outbound"))
    assert is_ours(SECRET, orjson.dumps(mail))
    assert not is_ours(b"another secret than the page's", orjson.dumps(mail))
    assert not is_ours(SECRET, orjson.dumps(mail | {"subject": "Another"}))
    later = {name: value for name, value in mail.items() if name != "signature"} | {"new": {"ä": [1, 2.5, None]}}
    signed = later | {"signature": signature(derived_key(SECRET, "outbound"), later)}
    assert is_ours(SECRET, orjson.dumps(signed))
    assert not is_ours(SECRET, orjson.dumps(signed), use="suppression")


def test_table_of_words_names_words_of_the_schema() -> None:
    """And all that a connector may say, but what only others do."""
    schema = orjson.loads((FOLDER / "email.feedback.schema.json").read_bytes())
    table = PAGE.partition("| `word` |")[2].partition("\n\n")[0]
    rows = [line.split("|")[1] for line in table.splitlines()[2:]]
    named = {word for row in rows for word in re.findall(r"`(\w+)`", row)}
    known = {*_words(schema)}
    assert named <= known
    assert known - named == {"autoresponded", "subscribed", "converted"}


@pytest.mark.parametrize(("path", "name"), PROOFS)
def test_proof_exists(path: str, name: str) -> None:
    """A claim is shown by a test of that name."""
    assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)


def _words(schema: dict[str, Any]) -> list[str]:
    """The words of feedback as the published schema lists them."""
    return list(schema["properties"]["word"]["enum"])
