"""A cell ready to edit, put below the one that runs."""

from __future__ import annotations

from IPython.core.getipython import get_ipython

__all__ = ("offer_cell",)


def offer_cell(text: str) -> None:
    """Asks the front-end for a new cell with this text; a terminal fills its next prompt with it."""
    shell = get_ipython()
    if shell is not None:
        shell.set_next_input(text, replace=False)
