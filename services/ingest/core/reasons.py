"""Why a request, a call or a record is refused: one list, also the label of the metric and of the dead letter."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Each is somebody's fault outside, and permanent."""

    # the request
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"
    FOREIGN_ORIGIN = "foreign_origin"
    RATE_LIMITED = "rate_limited"
    BAD_ENCODING = "bad_encoding"
    BROKEN_GZIP = "broken_gzip"
    TOO_LARGE = "too_large"
    TOO_MANY_CALLS = "too_many_calls"
    UNKNOWN_PATH = "unknown_path"
    TOO_SLOW = "too_slow"
    BROKEN_DEFLATE = "broken_deflate"
    BAD_METHOD = "bad_method"
    MALFORMED = "malformed"
    # the call
    NOT_JSON = "not_json"
    NOT_AN_OBJECT = "not_an_object"
    CALL_TOO_LARGE = "call_too_large"
    BAD_TYPE = "bad_type"
    BAD_ID = "bad_id"
    NO_NAME = "no_name"
    NOBODY = "nobody"
    ADDRESS_ALONE = "address_alone"
    TOO_MANY_PROPERTIES = "too_many_properties"
    NOTHING_TO_LINK = "nothing_to_link"
    BAD_TOKEN = "bad_token"  # noqa: S105 a reason
    FORBIDDEN_TYPE = "forbidden_type"
    NOT_THE_BUSINESS = "not_the_business"
    BAD_CONTENT = "bad_content"
    # the record
    TOMBSTONE = "unexpected_tombstone"
    NO_RECEIVE_TIME = "no_receive_time"
    BAD_SHAPE = "bad_shape"
    UNKNOWN_PERSON = "unknown_person"
    UNKNOWN_ACTION = "unknown_action"
    ID_CONFLICT = "id_conflict"


class Outcome(StrEnum):
    """What happened to a record on its way, beside its events; a label of the metric."""

    CLAMPED = "clamped"
    PLACEHOLDER = "placeholder_id"
    DOUBT = "withdrawal_in_doubt"
    CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason, and what came instead of what was expected: never a value somebody sent."""

    reason: Reason
    detail: str


class Refused(ValueError):  # noqa: N818 the refusal itself, on its way to the one place that returns it
    """Inside this core only: carries a refusal out of nested steps to the function that returns it."""

    def __init__(self, reason: Reason, detail: str) -> None:
        """Keep the refusal as a value."""
        super().__init__(detail)
        self.refusal = Refusal(reason, detail)
