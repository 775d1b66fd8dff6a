"""The fields of a small form, as a browser POSTs them: URL-encoded, in UTF-8."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

MAX_FORM_BYTES = 1_000  # of a page whose longest field is the code of a language


def form_fields(body: bytes) -> Mapping[str, str]:
    """The first value of each field. Law: any bytes give some, and what is no form gives none of ours."""
    fields: dict[str, str] = {}
    for name, value in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True):
        fields.setdefault(name, value)
    return fields
