"""A cell ready to edit."""

from __future__ import annotations

from typing import Any

from kmagic.magics.results.next_cell import offer_cell


def test_the_shell_is_asked_for_it(shell: Any) -> None:
    offer_cell("%%kapply\nkind: Pod")
    assert shell.rl_next_input == "%%kapply\nkind: Pod"
