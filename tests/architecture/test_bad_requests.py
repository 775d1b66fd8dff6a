"""Each bad request that has a number has a test of its outcome; `test_bad_inputs.py` says that it is there."""

from pathlib import Path
from typing import Any

import pytest
import yaml


@pytest.mark.parametrize("row", range(1, 34))
def test_a_bad_request_has_a_test_of_its_outcome(row: int, root: Path) -> None:
    """By its number."""
    table: dict[int, Any] = yaml.safe_load((root / "tests" / "bad_inputs.yaml").read_text(encoding="utf-8"))
    assert table[row]["shown_by"]
