"""Whoever looks for what is not there makes no series of the console's."""

from typing import Any
from urllib.parse import quote

from tests.series import Series, series, strange


async def test_paths_of_strangers_make_no_series(client: Any) -> None:
    """Pages, ids, queries and methods that nobody knows."""
    shown: list[Series] = []
    for number in (1, 2):
        for word in map(quote, strange(number)):
            for path in (f"/{word}", f"/decisions/{word}", f"/?q={word}", f"/api/decisions/{word}"):
                await (await client.get(path)).read()
            await (await client.request("BREW", f"/{word}")).read()
        shown.append(series())
    assert shown[1] - shown[0] == frozenset()
