"""What a part of a process says beside being ready or not."""

from collections.abc import Mapping

import aiohttp

from services.runtime.health import Health


async def test_a_part_may_say_more_until_there_is_nothing_to_say() -> None:
    """Ready or not is as before; what was said is replaced, and taken back by nothing."""
    health = Health("a-service")
    health.set_ready("index", is_ready=True)
    port = await health.start("127.0.0.1", 0)
    told: list[object] = []
    details: tuple[Mapping[str, int | float | str], ...]
    details = {"behind": 5, "left_s": 0.5}, {"behind": 4, "reason": "away"}, {}, {}
    try:
        async with aiohttp.ClientSession() as session:
            for detail in details:
                health.tell("index", detail)
                async with session.get(f"http://127.0.0.1:{port}/ready") as answer:
                    body = await answer.json()
                    assert (answer.status, body["ready"], body["parts"]) == (200, True, {"index": True})
                    told.append(body.get("details"))
    finally:
        await health.stop()
    assert told == [{"index": {"behind": 5, "left_s": 0.5}}, {"index": {"behind": 4, "reason": "away"}}, None, None]
