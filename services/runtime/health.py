"""`/live`, `/ready`, `/metrics` and `/version` of a process."""

from collections.abc import Callable, Mapping

import orjson
from aiohttp import web
from prometheus_client import REGISTRY
from prometheus_client.exposition import choose_encoder

from services.runtime.outcome import cannot_listen
from services.runtime.version import version


class Health:
    """What a process says of itself: alive while it gets on, ready when every named part is.

    `stalled` gives the parts that do not get on, and for how many seconds.
    """

    def __init__(self, service: str, stalled: Callable[[], Mapping[str, float]] = dict) -> None:
        self.service = service
        self._stalled = stalled
        self.port = 0
        self._parts: dict[str, bool] = {}
        self._details: dict[str, Mapping[str, int | float | str]] = {}
        self._runner: web.AppRunner | None = None

    def set_ready(self, name: str, is_ready: bool) -> None:  # noqa: FBT001 a fact, not a switch
        """Say whether the part `name` is ready."""
        self._parts[name] = is_ready

    def tell(self, name: str, detail: Mapping[str, int | float | str]) -> None:
        """Say more of the part `name`, ready or not, for `/ready` to show; nothing takes back what was said."""
        self._details.pop(name, None)
        if detail:
            self._details[name] = dict(detail)

    @property
    def parts(self) -> Mapping[str, bool]:
        """What each part said last."""
        return self._parts

    @property
    def is_ready(self) -> bool:
        """True if there is a part and all are ready."""
        return bool(self._parts) and all(self._parts.values())

    async def start(self, host: str, port: int) -> int:
        """Listen; the port it got.

        Raises:
            AddressInUse: somebody else has the port at this moment.
            Misconfigured: the address cannot be had.
        """
        application = web.Application()
        application.add_routes(
            [
                web.get("/live", self._live),
                web.get("/ready", self._ready),
                web.get("/metrics", self._metrics),
                web.get("/version", self._version),
            ]
        )
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            await self._runner.cleanup()
            where = f"KINDLING_HEALTH_HOST and KINDLING_HEALTH_PORT: cannot listen on {host}:{port}"
            raise cannot_listen(error, where) from error
        self.port = int(self._runner.addresses[0][1])
        return self.port

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _live(self, _: web.Request) -> web.Response:
        if not (stalled := self._stalled()):
            return web.Response(text="live\n")
        body = orjson.dumps({"service": self.service, "live": False, "stalled_s": dict(stalled)})
        return web.Response(body=body, content_type="application/json", status=503)

    async def _ready(self, _: web.Request) -> web.Response:
        said = {"service": self.service, "ready": self.is_ready, "parts": self._parts}
        body = orjson.dumps(said | ({"details": self._details} if self._details else {}))
        return web.Response(body=body, content_type="application/json", status=200 if self.is_ready else 503)

    async def _metrics(self, request: web.Request) -> web.Response:
        """As OpenMetrics, with exemplars, for who asks for that; else as plain text."""
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(REGISTRY), headers={"Content-Type": content_type})

    async def _version(self, _: web.Request) -> web.Response:
        body = orjson.dumps({"service": self.service, "version": version()})
        return web.Response(body=body, content_type="application/json")
