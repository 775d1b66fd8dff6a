"""Names of domains as the name system has them, by IDNA 2008; and as an older standard had them."""

import re
import unicodedata

MOST_LABEL = 63  # RFC 1035, 2.3.4
_STOPS = re.compile("[.\u3002\uff0e\uff61]")  # RFC 3490, 3.1
_KEPT = frozenset({"Ll", "Lo", "Lm", "Mn", "Mc", "Nd"})  # RFC 5892, 2: letters and digits, after mapping to small ones


def ascii_domain(domain: str) -> str | None:
    """The domain in lower case and ASCII; `straße.de` is `xn--strae-oqa.de` and not `strasse.de`.

    None where a label is empty, too long, begins with a mark, or holds a character that no name may hold.
    Laws: idempotent; case, width and ideographic stops change nothing. Source: RFC 5891, 5; UTS #46, non-transitional.
    """
    mapped = unicodedata.normalize("NFKC", _STOPS.sub(".", domain).lower()).lower()
    labels = [_ascii(label) for label in mapped.split(".")]
    kept = [label for label in labels if label is not None]
    return ".".join(kept) if len(kept) == len(labels) else None


def former_domain(domain: str) -> str | None:
    """What IDNA 2003 made of an ASCII domain of ours; None where the same.

    Source: the deviations of UTS #46, section 7.
    """
    former = ".".join(_former(label) for label in domain.split("."))
    return former if former != domain else None


def _former(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode().decode("punycode").encode("idna").decode("ascii")
    except UnicodeError:
        return label  # no name that the older standard could write


def _ascii(label: str) -> str | None:
    if label.isascii():
        return label if 0 < len(label) <= MOST_LABEL else None
    categories = [unicodedata.category(each) for each in label if each != "-"]
    if not set(categories) <= _KEPT or categories[0].startswith("M"):
        return None
    written = f"xn--{label.encode('punycode').decode('ascii')}"
    return written if len(written) <= MOST_LABEL else None
