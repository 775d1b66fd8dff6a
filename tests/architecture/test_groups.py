"""Tests that share something costly, or must not run beside each other, really run in one worker."""

import pytest


@pytest.mark.xdist_group("one")
def test_a_group_is_one_workers(request: pytest.FixtureRequest) -> None:
    """The scheduler groups by what stands behind the name's last @; a pytest that drops it spreads groups unseen."""
    if not getattr(request.config.option, "loadgroup", False):
        pytest.skip("this run is not spread by groups: make test is")
    assert request.node.nodeid.endswith("@one")
