"""Whether a call says that its visitor refuses to be measured: then what they do is nobody's business.

A category that means analytics refuses by any other word than true; one that is absent says nothing, and of several
one is enough. Sources: Segment, "Consent in Segment Connections" (a list of preferences that is empty refuses every
category); RudderStack, "consentManagement"; OneTrust's default categories, of which C0002 is performance; Cookiebot's,
of which one is statistics.
"""

from collections.abc import Iterable

from schemas.clean import Consent
from services.ingest.core.call import Values, part

ANALYTICS = ("analytics", "performance", "statistics", "measurement", "c0002")


def refuses(context: Values, own: Iterable[Consent], categories: frozenset[str]) -> bool:
    """True where the context, or a consent of the call's own, refuses one of these categories in small letters."""
    preferences = part(context, "consent").get("categoryPreferences")
    if isinstance(preferences, dict):
        said = {name.casefold(): given for name, given in preferences.items()}
        if not said or any(said.get(each, True) is not True for each in categories):
            return True
    denied = part(context, "consentManagement").get("deniedConsentIds")
    if isinstance(denied, list) and any(isinstance(each, str) and each.casefold() in categories for each in denied):
        return True
    return any(not each["given"] and each["purpose"] in categories for each in own)
