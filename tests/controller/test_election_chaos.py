"""Election under a slow and lossy server and clocks that differ; `make chaos-election` tries thousands of seeds more."""

from __future__ import annotations

import pytest

from tests.controller.election_chaos import simulate


@pytest.mark.parametrize("seed", range(12))
def test_LE_07_never_two_leaders_whatever_the_server_and_the_clocks_do(seed: int) -> None:
    outcome = simulate(seed)
    assert not outcome.together
    assert outcome.terms >= 5, "candidates did lead"
