"""Faults in Pod templates; the verb's tests play them."""

from __future__ import annotations

from kmagic.magics.work.playing import FAULTS
from kmagic.sandbox.controllers import faults


def test_every_fault_of_the_line_is_one_that_the_sandbox_plays() -> None:
    known = {fault for _, fault in faults.BY_IMAGE}
    assert set(FAULTS.values()) == known
