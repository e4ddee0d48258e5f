"""When cells were sent, whatever the front-end's clock says."""

from __future__ import annotations

import pytest

from kmagic.magics.session.cells import Cells


class Kernel:
    """Cells at times of this machine, dated by a front-end whose clock differs."""

    def __init__(self, skew: float, *, loaded: float = 0.0) -> None:
        self.time = loaded
        self.skew = skew
        self.cells = Cells(lambda: self.time, loaded, loaded + skew)
        self.cells.end()

    def run(self, sent: float, began: float) -> float:
        self.time = began
        self.cells.begin(sent + self.skew)
        found = self.cells.sent
        self.cells.end()
        return found


@pytest.mark.parametrize("skew", [0.0, 300.0, -300.0])
def test_a_cell_that_waited_in_the_queue_was_sent_before(skew: float) -> None:
    kernel = Kernel(skew)
    assert kernel.run(sent=10.0, began=10.001) == pytest.approx(10.0, abs=0.01)
    assert kernel.run(sent=10.002, began=15.0) == pytest.approx(10.002, abs=0.01)
    assert kernel.run(sent=20.0, began=20.001) == pytest.approx(20.0, abs=0.01)


def test_a_front_end_that_does_not_say_is_taken_by_when_the_cell_begins() -> None:
    now = [0.0]
    cells = Cells(lambda: now[0])
    cells.end()
    now[0] = 5.0
    cells.begin()
    now[0] = 9.0
    assert cells.sent == 5.0


def test_a_cell_inside_another_was_sent_with_it() -> None:
    now = [0.0]
    cells = Cells(lambda: now[0])
    cells.end()
    cells.begin()
    now[0] = 9.0
    cells.begin()
    assert cells.sent == 0.0
    cells.end()
    cells.end()
    assert cells.sent == 9.0  # a click between cells


def test_the_cell_that_loads_the_extension_was_sent_before_all_it_does() -> None:
    now = [3.0]
    cells = Cells(lambda: now[0], loaded=1.0)
    assert cells.sent == 1.0
    cells.end()
    assert cells.sent == 3.0
