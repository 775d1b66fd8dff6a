"""Whatever ingest lets in and a program may say, the one-click link fits its header."""

from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from schemas.email import Header
from schemas.identity import MAX_ID_BYTES, person_of
from schemas.program import MAX_PUBLIC_URL, Brand, Playbook
from schemas.raw import Call as RawCall
from schemas.recommendation import Recommendation
from services.composer.core.headers import headers
from services.composer.core.letter import unsubscribe_url
from services.ingest.core.call import checked
from services.ingest.core.reasons import Reason, Refused
from services.runtime.program import read_program
from services.runtime.siv_seal import SivSeal

ROOT = Path(__file__).parents[2]
PROGRAM = read_program(ROOT / "examples" / "academy")
EXAMPLE = Recommendation.model_validate_json(
    (ROOT / "schemas" / "examples" / "recommendations" / "course.json").read_bytes()
)
SEAL = SivSeal(b"k" * 32)
FIELDS = ("userId", "anonymousId", "previousId")
HEADERS = TypeAdapter(dict[str, Header])
WIDE = st.sampled_from("\U0001f600\U00020000\U00010348\U0001f680")  # four bytes each
LONGEST = st.text(WIDE, min_size=63, max_size=63).map(lambda text: text + "abc")
PURPOSES = st.text(st.sampled_from("az09._-"), min_size=99, max_size=99).map(lambda text: "a" + text)
PATHS = st.text(st.sampled_from("az09.-/~%"), min_size=MAX_PUBLIC_URL - 9, max_size=MAX_PUBLIC_URL - 9)
BASES = PATHS.map(lambda text: f"https://{text}a")


def _call(field: str, value: str) -> dict[str, str]:
    return {"type": "page", "messageId": "m", "anonymousId": "b", field: value}


@settings(deadline=None)
@given(LONGEST, PURPOSES, BASES, st.sampled_from("ua"))
def test_longest_of_everything_fits(value: str, purpose: str, base: str, kind: str) -> None:
    """The longest id, purpose, language and base URL together."""
    assert len(value.encode()) == MAX_ID_BYTES
    call = checked(_call("userId" if kind == "u" else "anonymousId", value), is_trusted=False)
    person = person_of(user_id=call.user, email_key=None, anonymous_id=call.anonymous)
    assert person == f"{kind}:{value}"
    playbook = Playbook.model_validate({**PROGRAM.playbooks[0].model_dump(), "consent": purpose})
    brand = Brand.model_validate({**PROGRAM.brand.model_dump(), "public_url": base})
    request = EXAMPLE.request.model_copy(
        update={"person": person, "consent": EXAMPLE.request.consent.model_copy(update={"purpose": playbook.consent})}
    )
    url = unsubscribe_url(EXAMPLE.model_copy(update={"request": request}), brand, "fil", SEAL)
    HEADERS.validate_python(headers(request, brand, url))


@pytest.mark.parametrize("field", FIELDS)
@settings(deadline=None)
@given(value=LONGEST, more=st.sampled_from(["x", "é", "😀"]))
def test_id_of_one_byte_more_is_refused_by_name(field: str, value: str, more: str) -> None:
    """At the collector it is a 400, behind it a dead letter; the published shape refuses it, too."""
    with pytest.raises(Refused, match=rf"{field} to be at most {MAX_ID_BYTES} bytes") as refused:
        checked(_call(field, value + more), is_trusted=False)
    assert refused.value.refusal.reason is Reason.BAD_ID
    assert value not in refused.value.refusal.detail
    with pytest.raises(ValueError, match=rf"{MAX_ID_BYTES} (bytes|characters)"):
        RawCall.model_validate_json(orjson.dumps(_call(field, value + more)))


@pytest.mark.parametrize("field", FIELDS)
@settings(deadline=None)
@given(value=LONGEST)
def test_id_of_just_so_many_bytes_is_taken(field: str, value: str) -> None:
    """By ingest and by the published shape."""
    assert checked(_call(field, value), is_trusted=False).body[field] == value
    assert RawCall.model_validate_json(orjson.dumps(_call(field, value))).model_dump()[field] == value
