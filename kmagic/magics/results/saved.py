"""The saved form of a result: a page's output is a file that people open, send and compare."""

from __future__ import annotations

from typing import Any

from IPython.core.getipython import get_ipython

__all__ = ("MOST_LINES", "capped", "is_notebook")

MOST_LINES = 1_000


def is_notebook(shell: Any = None) -> bool:
    """Returns whether what a shell shows is a notebook's output, and no terminal's; the running shell's by default."""
    return getattr(shell or get_ipython(), "kernel", None) is not None


def capped(text: str, most: int = MOST_LINES) -> str:
    """A text's first lines in a notebook, and how many there are; in a terminal all of them."""
    if not is_notebook() or text.count("\n") < most:
        return text
    end = -1
    for _ in range(most):
        end = text.index("\n", end + 1)
    return f"{text[:end]}\n… {text.count(chr(10), end):,} more lines; the value has them all"
