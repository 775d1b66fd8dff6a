"""The headers that rules for bulk mail ask for, and tags that any ESP takes."""

import hashlib
import re

from schemas.identity import message_id_of
from schemas.program import Brand
from schemas.recommendation import RecommendationRequest

LABEL, HASH = 8, 6  # with the hyphen at most 15 characters; 24 bits tell the lists of one postmaster apart
_NO_TAG = re.compile(r"[^A-Za-z0-9_-]+")  # what an ESP's tag may not hold
_NO_ID = re.compile(r"[^a-z0-9]+")


def headers(request: RecommendationRequest, brand: Brand, unsubscribe_url: str) -> dict[str, str]:
    """RFC 8058 one-click unsubscribe, RFC 2919 list id, Gmail's feedback id, RFC 3834 auto-submitted."""
    return {
        "Message-ID": f"<{message_id_of(request.decision_id)}@{brand.list_id}>",
        "List-Unsubscribe": f"<{unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-ID": f"<{brand.list_id}>",
        "Feedback-ID": ":".join(
            (tag(request.trigger.playbook), request.arm, tag(brand.category), sender_id(brand.list_id))
        ),
        "Auto-Submitted": "auto-generated",
    }


def sender_id(list_id: str) -> str:
    """The sender as Gmail's Feedback-ID ends with it: the list's first letters and a hash of the whole.

    Units: 5 to 15 characters. Law: one list has one id; it changes with nothing else of the brand.

    Source: Google, "Feedback Loop" (support.google.com/mail/answer/6254652).
    """
    label = _NO_ID.sub("", list_id.partition(".")[0])[:LABEL]
    return f"{label}-{hashlib.sha256(list_id.encode()).hexdigest()[:HASH]}"


def tag(text: str) -> str:
    """The text as a tag: letters, digits, hyphen and underscore."""
    return _NO_TAG.sub("-", text)[:100]
