"""Headers and targets as text: aiohttp hands on a byte that is no UTF-8 as a lone surrogate, which nothing encodes.

And a path without the slash that some clients write at its end.
"""

from collections.abc import Callable
from typing import Any

from aiohttp.http_parser import RawRequestMessage
from aiohttp.web_request import BaseRequest


def reading_clean(request_of: Callable[..., BaseRequest]) -> Callable[..., BaseRequest]:
    """The maker of requests, given clean text: whoever reads one later need not think of it, aiohttp included."""

    def clean_request(message: RawRequestMessage, *rest: Any) -> BaseRequest:
        return request_of(unslashed(cleaned(message)), *rest)

    return clean_request


def cleaned(message: RawRequestMessage) -> RawRequestMessage:
    """The message with U+FFFD in its headers and its target for each byte that is no UTF-8.

    aiohttp's parser in C refuses such a target itself; the one in Python, where there is no other, does not.
    """
    if message.path.isascii() and all(value.isascii() for value in message.headers.values()):
        return message
    headers = message.headers.copy()
    headers.clear()
    for name, value in message.headers.items():
        headers.add(name, _clean(value))
    path = _clean(message.path)
    url = message.url if path == message.path else type(message.url)(path)
    return message._replace(path=path, url=url, headers=type(message.headers)(headers))


def unslashed(message: RawRequestMessage) -> RawRequestMessage:
    """The message whose path has no slash at its end."""
    path = message.url.raw_path
    if len(path) < 2 or not path.endswith("/"):  # noqa: PLR2004 a slash alone is the root
        return message
    url = message.url.with_path(path[:-1], encoded=True, keep_query=True)
    return message._replace(path=str(url), url=url)


def _clean(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
