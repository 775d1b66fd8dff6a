"""Google Analytics 4 in our words: its page view is a page, and its parameters land in the fields that ours use.

Law: a field that is there keeps what it says. Who speaks decides what is a conversion, whatever it is called.
Sources: Google Analytics 4, "Automatically collected", "Enhanced measurement" and "Recommended events".
"""

from collections.abc import Mapping
from typing import Any

from services.ingest.core.call import Call, Values, part
from services.ingest.core.names import PAGE

_ITEM = {"item_name": "title", "item_id": "product_id"}
_FIELDS: Mapping[str, Mapping[str, str]] = {
    PAGE: {"page_location": "url", "page_title": "title", "page_referrer": "referrer"},
    "Form Submitted": {"form_id": "form"},
    "File Downloaded": {"file_name": "title"},
    "Products Searched": {"search_term": "title"},
    "Product Viewed": _ITEM,
    "Product Added": _ITEM,
    "Order Completed": {"transaction_id": "order_id"},
}
_OF_PAGE = _FIELDS[PAGE]


def put_in_our_words(call: Call, name: str) -> None:
    """Change a track of this canonical name: what it is, what its properties are called, which page it was on."""
    if name == PAGE:
        call.kind = "page"
        call.properties = _renamed(call.properties, _OF_PAGE)
        return
    properties = call.properties
    if "page_location" in properties or "page_title" in properties:
        call.context, call.properties = _with_page(call.context, properties), _without_page(properties)
    if fields := _FIELDS.get(name):
        call.properties = _renamed(_with_item(call.properties) if fields is _ITEM else call.properties, fields)


def fields_of(name: str) -> Mapping[str, str]:
    """What the parameters of an event of this canonical name are called here; none where all keep their names."""
    return _FIELDS.get(name, {})


def _renamed(values: Values, fields: Mapping[str, str]) -> Values:
    """The values with GA4's parameters under our names; under its own where ours is taken."""
    if fields.keys().isdisjoint(values):
        return values
    taken = {field for field in fields.values() if values.get(field)}
    return {
        fields[name] if name in fields and fields[name] not in taken else name: value for name, value in values.items()
    }


def _with_item(properties: Values) -> Values:
    """With name and id of the one item, where there is one."""
    items = properties.get("items")
    if not isinstance(items, list) or len(items) != 1 or not isinstance(items[0], dict):
        return properties
    return {**{name: items[0][name] for name in _ITEM if name in items[0]}, **properties}


def _with_page(context: Values, properties: Values) -> Values:
    """The context with the page that the properties name, where it names none."""
    said: dict[str, Any] = {_OF_PAGE[name]: properties[name] for name in _OF_PAGE if name in properties}
    return {**context, "page": {**said, **part(context, "page")}}


def _without_page(properties: Values) -> Values:
    return {name: value for name, value in properties.items() if name not in _OF_PAGE}
