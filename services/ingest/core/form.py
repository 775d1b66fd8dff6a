"""The fields of a form: of a small one of a page, and as some webhooks are written, in one line or in parts."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from services.ingest.core.reasons import Reason, Refused

MAX_FORM_BYTES = 1_000  # of a page whose longest field is the code of a language
MAX_FIELDS = 500
MULTIPART = "multipart/form-data"
_BOUNDARY = re.compile(r'boundary=(?:"([^"\r\n]{1,70})"|([^\s";,]{1,70}))', re.IGNORECASE)  # RFC 2046, 5.1.1
_DISPOSITION = re.compile(rb"^content-disposition:\s*form-data\b([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_NAME = re.compile(rb';\s*name="([^"\r\n]{1,200})"')
_FILE = re.compile(rb";\s*filename\*?=")
_BAD = f"expected a form of at most {MAX_FIELDS} fields in UTF-8"


def form_fields(body: bytes) -> Mapping[str, str]:
    """The first value of each field. Law: any bytes give some, and what is no form gives none of ours."""
    fields: dict[str, str] = {}
    for name, value in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True):
        fields.setdefault(name, value)
    return fields


def fields_of(body: bytes, content_type: str) -> dict[str, str]:
    """The fields by name; of one that comes twice the last counts, as Anymail reads it. Files are left out.

    Raises:
        Refused: it is no form, or one of too many fields.
    """
    try:
        if content_type.strip().lower().startswith(MULTIPART):
            return _parts(body, content_type)
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict"))
    except ValueError:
        raise Refused(Reason.BAD_SHAPE, _BAD) from None


def _parts(body: bytes, content_type: str) -> dict[str, str]:
    """The fields of RFC 7578, flat: a part in a part is text.

    Raises:
        ValueError: there is no boundary, too many parts, or no text in UTF-8.
    """
    named = _BOUNDARY.search(content_type)
    if named is None:
        raise ValueError(_BAD)
    parts = (b"\r\n" + body).split(b"\r\n--" + (named[1] or named[2]).encode())
    if len(parts) > MAX_FIELDS:
        raise ValueError(_BAD)
    found: dict[str, str] = {}
    for part in parts[1:]:
        head, _, content = part.partition(b"\r\n\r\n")
        said = _DISPOSITION.search(head)
        name = _NAME.search(said[1]) if said else None
        if said and name and not _FILE.search(said[1]):
            found[name[1].decode()] = content.decode()
    return found
