"""What an operator sets, and what is counted."""

import pytest
from prometheus_client import REGISTRY

from services.profile import metrics
from services.profile.core.reasons import Count
from services.profile.settings import ProfileSettings
from services.runtime.outcome import Misconfigured
from services.runtime.settings import load


def test_a_setting_comes_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """`KINDLING_` and the name in capitals; the demo waits two seconds."""
    monkeypatch.setenv("KINDLING_SECRET", "a secret of a test")
    monkeypatch.setenv("KINDLING_PROGRAM", "examples/academy")
    monkeypatch.setenv("KINDLING_PROFILE_QUIET_PERIOD_S", "2")
    settings = ProfileSettings()
    assert (settings.profile_quiet_period_s, settings.profile_max_packs) == (2, 32)


def test_sources_made_anew_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the short names of raw topics, comma separated; another name is a typo, and 78."""
    monkeypatch.setenv("KINDLING_SECRET", "a secret of a test")
    monkeypatch.setenv("KINDLING_PROGRAM", "examples/academy")
    monkeypatch.setenv("KINDLING_PROFILE_MADE_ANEW", "events.raw, conversions.raw,")
    assert load(ProfileSettings).profile_made_anew == {"events.raw", "conversions.raw"}
    monkeypatch.setenv("KINDLING_PROFILE_MADE_ANEW", "events.clean")
    with pytest.raises(Misconfigured, match=r"PROFILE_MADE_ANEW.*conversions\.raw.*came events\.clean"):
        load(ProfileSettings)


def test_the_counts_of_a_step_are_added() -> None:
    """After each commit, by reason."""
    metrics.count({Count.ASKED: 2})
    metrics.count({Count.ASKED: 1})
    assert REGISTRY.get_sample_value("kindling_profile_outcomes_total", {"reason": "asked"}) == 3
