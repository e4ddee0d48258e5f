"""A text in a terminal that is written again in place as it changes, until Ctrl-C."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from typing import Any

from IPython.core.getipython import get_ipython

from kmagic.sync.interrupts import Interrupts

__all__ = ("can_refresh", "frame", "refresh")

_UP_AND_CLEAR = "\x1b[{0}F\x1b[J"


def can_refresh(shell: Any = None) -> bool:
    """Returns whether a person looks at IPython's own terminal, where what is written can be written over."""
    made = type(shell or get_ipython()).__module__
    return made.startswith("IPython.terminal.") and sys.stdin.isatty() and sys.stdout.isatty()


def refresh(text: Callable[[], str], wait: Callable[[], bool]) -> None:
    """Writes a text again and again in its place; Ctrl-C ends that, and only that.

    Args:
        text: Returns the text as it is now.
        wait: Waits for the next change; False where there will be none.
    """
    written = 0
    with Interrupts() as interrupts:
        try:
            while True:
                size = shutil.get_terminal_size()
                shown, height = frame(text(), written, size.columns, size.lines)
                sys.stdout.write(shown)
                sys.stdout.flush()
                written = height
                if not wait():
                    return
        except KeyboardInterrupt:
            interrupts.taken()
            sys.stdout.write("\n")


def frame(text: str, written: int, columns: int, lines: int) -> tuple[str, int]:
    """Returns what to send to a terminal, and how many lines of it that takes.

    Args:
        text: The text, without anything that a terminal obeys.
        written: Number of lines written before, which it replaces.
        columns: Width of the terminal.
        lines: Height of the terminal.
    """
    found = text.split("\n")
    room = max(2, lines - 2)  # the prompt and a line of air stay
    if len(found) > room:
        found = [*found[: room - 1], f"… {len(found) - room + 1} more lines"]
    cut = [line if len(line) < columns else line[: columns - 1] for line in found]
    back = _UP_AND_CLEAR.format(written) if written else ""
    return back + "".join(f"{line}\n" for line in cut), len(cut)
