"""What is taken out of Out is gone from it, and from nowhere else."""

from __future__ import annotations

from kmagic.magics.results.output_cache import forget_output
from tests.magics.conftest import Notebook


def test_a_forgotten_value_is_gone_from_out_and_stays_in_variables(offline: Notebook) -> None:
    names = offline.shell.user_ns
    offline.ok("one, other = [1], [1]")
    kept = offline.ok("other").value
    number = offline.shell.execution_count
    value = offline.ok("one").value
    assert names["_oh"][number] is value
    forget_output(value)
    assert number not in names["_oh"]
    assert f"_{number}" not in names
    assert names["one"] is value
    assert any(each is kept for each in names["_oh"].values())


def test_the_looks_of_a_forgotten_value_are_gone_as_well(offline: Notebook) -> None:
    history = offline.shell.history_manager
    offline.ok("one = [1]")
    number = offline.shell.execution_count
    value = offline.ok("one").value
    # As a kernel keeps what it shows.
    history.output_hist_reprs[number] = "[1]"
    history.outputs[number] = ["looks"]
    history.outputs[number + 1] = ["of another"]
    forget_output(value)
    assert number not in history.output_hist_reprs
    assert number not in history.outputs
    assert history.outputs[number + 1] == ["of another"]
