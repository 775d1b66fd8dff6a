"""What a person declares: facts under one name each, consent, language, and the address they count for."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

from pydantic import JsonValue

from schemas.clean import AddressClaim, Consent
from schemas.identity import MAX_ADDRESS_LENGTH, address_key, normalised_address
from schemas.suppression import EVERY_PURPOSE
from services.ingest.core.call import Call, part
from services.ingest.core.flat import flattened, text

MAX_PURPOSES = 20  # of one call, and one more for every purpose
MAX_PURPOSE = 50
MAX_SOURCE = 100
MAX_LOCALE = 35  # characters. Source: RFC 5646, 4.4.1
KNOWN_LOCALES = 1_024
NOT_TRAITS = frozenset({"email", "consent", "company"})
_RENAMED = {
    "firstName": "first_name",
    "firstname": "first_name",
    "lastName": "last_name",
    "lastname": "last_name",
    "companySize": "company_size",
    "employees": "company_size",
    "title": "role",
    "jobTitle": "role",
    "job_title": "role",
}
_OF_COMPANY = {
    "name": "company",
    "industry": "industry",
    "employees": "company_size",
    "size": "company_size",
    "website": "website",
}
# In properties `name` and `title` are those of a product or a page.
_IN_PROPERTIES = frozenset(
    {"company", "role", "industry", "company_size", "companySize", "goal", "website", "firstName", "first_name"}
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?=$|[-_])")


def address_claim(claimed: str | None, key: bytes) -> AddressClaim | None:
    """The normalised address and its key, or None where it is no plain address."""
    if claimed is None or len(claimed) > 2 * MAX_ADDRESS_LENGTH:
        return None
    address = normalised_address(claimed)
    return None if address is None else {"value": address, "key": address_key(key, address)}


def declared(traits: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, JsonValue]:
    """The traits with each fact under its one name; facts of a form's properties too, traits winning."""
    facts: dict[str, JsonValue] = {}
    if not _IN_PROPERTIES.isdisjoint(properties):
        facts.update(_company(properties.get("company")))
        stated = {name: properties[name] for name in _IN_PROPERTIES & properties.keys() - {"company"}}
        facts.update(_renamed(flattened(stated, frozenset())))
    if traits:
        facts.update(_company(traits.get("company")))
        facts.update(_renamed(flattened(traits, NOT_TRAITS)))
    return facts


def language(call: Call) -> str | None:
    """The two or three letters of the language in the traits, else of the browser's locale."""
    for value in (call.traits.get("language"), call.context.get("locale")):
        if isinstance(value, str) and (found := _language(value[:MAX_LOCALE])):
            return found
    return None


@lru_cache(maxsize=KNOWN_LOCALES)
def _language(locale: str) -> str | None:
    found = _LANGUAGE.match(locale)
    return found[0].lower() if found else None


def consents(call: Call, address: AddressClaim | None, name: str, *, is_trusted: bool) -> list[Consent]:
    """What the call grants and withdraws: a grant only for the address in the same call, a withdrawal always.

    A server's grant without an address is one for the person, whatever the address turns out to be.

    Within one call a withdrawal wins. What a consent manager says of cookies, in `context.consent`, is no consent to
    mail. Nor is what a browser's SDK remembers of an identify and carries in each later call: somebody may have
    withdrawn it elsewhere since.
    """
    given: dict[str, bool] = {}
    version = None
    for said in (call.properties.get("consent"), _of_traits(call, is_trusted=is_trusted)):
        if isinstance(said, dict):
            version = version or text(said.get("text_version"), MAX_PURPOSE)
            _gather(given, said)
    if not given:
        return []
    proof: dict[str, Any] = {"source": f"{call.kind}:{text(call.properties.get('form')) or name}"[:MAX_SOURCE]}
    if version:
        proof["text_version"] = version
    if address:
        proof["address_key"] = address["key"]
    return [
        cast("Consent", {"purpose": purpose, "given": is_given, **proof})
        for purpose, is_given in given.items()
        if address or is_trusted or not is_given
    ]


def _of_traits(call: Call, *, is_trusted: bool) -> Any:
    """The consent among the traits; of one that is only remembered, what it withdraws."""
    said = call.traits.get("consent")
    is_said_now = is_trusted or call.kind == "identify" or said is part(call.body, "traits").get("consent")
    if is_said_now or not isinstance(said, dict):
        return said
    return {name: each for name, each in said.items() if each is False}


def _gather(given: dict[str, bool], said: Mapping[str, Any]) -> None:
    for name, value in said.items():
        if isinstance(value, bool) and (purpose := text(name, MAX_PURPOSE)):
            _note(given, purpose.lower(), is_given=value)


def _note(given: dict[str, bool], purpose: str, *, is_given: bool) -> None:
    """Note one purpose; beyond the most, a withdrawal takes a grant's place, or stands for every purpose."""
    if purpose in given or len(given) < MAX_PURPOSES:
        given[purpose] = given.get(purpose, True) and is_given
    elif not is_given:
        grant = next((each for each in reversed(given) if given[each]), None)
        if grant is not None:
            del given[grant]
        given[EVERY_PURPOSE if grant is None else purpose] = False


def _company(value: object) -> dict[str, JsonValue]:
    if isinstance(value, dict):
        inner = flattened(value, frozenset())
        return {fact: inner[name] for name, fact in _OF_COMPANY.items() if name in inner}
    name = text(value)
    return {"company": name} if name else {}


def _renamed(values: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {_RENAMED.get(name, name): value for name, value in values.items()}
