"""Who a call is about, and which keys turn out to be one person.

Laws: what a browser does belongs to the user id or the anonymous id it gives, never to an address; it links an
anonymous person to a known one, never two known ones; a link leads from the weaker key to the stronger.
"""

from schemas.clean import AddressClaim
from schemas.identity import person_of
from schemas.speaker import Speaker, browser_of
from services.ingest.core.call import Call
from services.rules.claims import Claim, is_heard

_SERVER = Speaker.SERVER.value
_BROWSERS = {prefix: browser_of(prefix).value for prefix in ("a:", "u:", "e:")}
MAX_PERSON = 300  # characters, of schemas.recommendation.Person
_BY_ADDRESS = {  # may an address alone name who did something: where a server says it, and where a browser does
    True: is_heard(Claim.BEHAVIOUR, Speaker.SERVER),
    False: is_heard(Claim.BEHAVIOUR, Speaker.ADDRESS_BROWSER),
}


def person(call: Call, address: AddressClaim | None, *, is_trusted: bool) -> str | None:
    """The person key of a call: the user id's, else of a server's the address's, else the browser's."""
    email_key = address["key"] if address is not None and _BY_ADDRESS[is_trusted] else None
    return person_of(user_id=call.user, email_key=email_key, anonymous_id=call.anonymous or None)


def speaker_word(person_key: str, *, is_trusted: bool) -> str:
    """The word of the speaker."""
    return _SERVER if is_trusted else _BROWSERS[person_key[:2]]


def speaker(person_key: str, *, is_trusted: bool) -> Speaker:
    """Who makes a call about this person: a server where its topic says so, else a browser of the key's kind."""
    return Speaker.SERVER if is_trusted else browser_of(person_key)


def links(call: Call, address: AddressClaim | None, *, is_trusted: bool) -> tuple[str, ...]:
    """The persons who turn out to be the known person of this call; none where the call is about an anonymous one.

    What a call says of anonymous keys counts in an identify, an alias, or from a server; what it says of an address
    only from a server: whoever knows a lead's address must not steer that lead's mail. A server's alias may mean an
    anonymous id or a known one by its previous id, so it links both.
    """
    if not (call.user or (address and is_trusted)):
        return ()
    weaker: list[str] = []
    if call.anonymous and (is_trusted or call.kind in {"identify", "alias"}):
        weaker.append(f"a:{call.anonymous}")
    if call.previous and call.kind == "alias":
        weaker += [f"a:{call.previous}"] * (call.previous != call.anonymous)
        weaker += [f"u:{call.previous}"] * (is_trusted and bool(call.user) and call.previous != call.user)
    if is_trusted and call.user and address:
        weaker.append(f"e:{address['key']}")
    return tuple(weaker)


def is_person(key: str) -> bool:
    """True for a person key of the schemas' shape, with something after its prefix."""
    return key[:2] in {"u:", "e:", "a:"} and 2 < len(key) <= MAX_PERSON and key.isprintable()  # noqa: PLR2004 the prefix
