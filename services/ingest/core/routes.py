"""The paths of the collector: one table, from which the server routes and the published document is made.

A path has no slash at its end; one that comes with it is the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from services.ingest.core.page_acts import PageAct

BATCH = "batch"
_NO_KINDS: Mapping[str, str] = MappingProxyType({})
_SHORT = {"t": "track", "p": "page", "s": "screen", "i": "identify", "g": "group", "a": "alias", "b": BATCH}
_TYPES = {each: each for each in ("track", "page", "screen", "identify", "group", "alias")}
_EVERY = {**_TYPES, BATCH: BATCH}
_CHOICES = {each.value: each.value for each in PageAct}


class Act(StrEnum):
    """What is done on a path."""

    TAKE = "take"
    PIXEL = "pixel"
    SOURCE = "source"
    PROJECT = "project"
    ASK = "ask"
    UNSUBSCRIBE = "unsubscribe"
    CHOOSE = "choose"
    HOOK = "hook"
    HOOK_CHECK = "hook_check"


@dataclass(frozen=True, slots=True)
class Route:
    """One path and what is done there; `kinds` gives for each word of `{kind}` what the body holds."""

    name: str
    act: Act
    path: str
    summary: str
    source: str
    kinds: Mapping[str, str] = field(default_factory=lambda: _NO_KINDS)

    @property
    def method(self) -> str:
        """The one method of it."""
        return "POST" if self.act in {Act.TAKE, Act.UNSUBSCRIBE, Act.CHOOSE, Act.HOOK} else "GET"

    @property
    def changes_nothing(self) -> bool:
        """True for what a HEAD may ask too."""
        return self.act in {Act.SOURCE, Act.PROJECT, Act.ASK, Act.HOOK_CHECK}


ROUTES = (
    Route(
        "calls",
        Act.TAKE,
        "/v1/{kind}",
        "Take one call of the path's type, or a batch; `import` is a batch of the past",
        "Segment, HTTP Tracking API; RudderStack, HTTP API. The letters are analytics.js's",
        {**_EVERY, **_SHORT, "import": BATCH},
    ),
    Route(
        "jitsu",
        Act.TAKE,
        "/api/s/{kind}",
        "Take what a browser with Jitsu's SDK sends",
        "Jitsu, Events API",
        _EVERY,
    ),
    Route(
        "jitsu_servers",
        Act.TAKE,
        "/api/s/s2s/{kind}",
        "Take what a server with Jitsu's SDK sends; unsigned, so it counts as a browser's word",
        "Jitsu, Events API",
        _EVERY,
    ),
    Route(
        "beacon",
        Act.TAKE,
        "/beacon/v1/{kind}",
        "Take what a page sends as it is left; a beacon has no headers, the key is `?writeKey=`",
        "RudderStack, JavaScript SDK, useBeacon",
        {BATCH: BATCH},
    ),
    Route(
        "pixel",
        Act.PIXEL,
        "/v1/pixel/{kind}",
        "Take one call as `data`, base64 of its JSON; answers an image of one pixel",
        "Segment, Pixel Tracking API",
        _TYPES,
    ),
    Route(
        "flat_pixel",
        Act.PIXEL,
        "/pixel/v1/{kind}",
        "Take one call as its fields by dotted name; answers an image of one pixel",
        "RudderStack, Pixel API",
        {each: each for each in ("track", "page")},
    ),
    Route(
        "source",
        Act.SOURCE,
        "/sourceConfig",
        "Say to a tracker that its source is on",
        "RudderStack, JavaScript SDK, configUrl",
    ),
    Route(
        "project",
        Act.PROJECT,
        "/v1/projects/{key}/settings",
        "Say to a tracker where to send",
        "Segment, analytics-next, cdnURL",
    ),
    Route("ask", Act.ASK, "/u/{token}", "Show what the reader of a mail may choose; changes nothing", "RFC 8058"),
    Route("unsubscribe", Act.UNSUBSCRIBE, "/u/{token}", "Do what the link says, as often as it is asked", "RFC 8058"),
    Route(
        "ask_again",
        Act.ASK,
        "/u/{token}/{kind}",
        "The same page, for who comes back to the address of an act; changes nothing",
        "Kindling, the page behind a mail's link",
        _CHOICES,
    ),
    Route(
        "choose",
        Act.CHOOSE,
        "/u/{token}/{kind}",
        "Do what the form of that page asks; `forget` asks once more unless `sure` is `yes`",
        "Kindling, the page behind a mail's link",
        _CHOICES,
    ),
    Route(
        "webhook",
        Act.HOOK,
        "/webhooks/{esp}",
        "Take what an ESP says of mails, or records of email.feedback as `kindling`; each ESP proves itself in its way",
        "Anymail, tracking webhooks, and each ESP's own documentation",
    ),
    Route(
        "webhook_check",
        Act.HOOK_CHECK,
        "/webhooks/{esp}",
        "Say that the webhook is there, to an ESP that asks before it uses one",
        "Mandrill, Webhooks; Unisender Go, Webhooks",
    ),
)
