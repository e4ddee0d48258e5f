"""Errors of ours that leave a cell: a card with the user's own line, not a traceback through our code."""

from __future__ import annotations

import linecache
import os
import sys
import sysconfig
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from kmagic.views import errors as error_views

if TYPE_CHECKING:
    from types import TracebackType

    from IPython.core.interactiveshell import InteractiveShell

    from kmagic.errors import KubeError

__all__ = ("is_coloured", "own_line", "show")

_OURS = str(Path(__file__).parents[1])
# What is installed is not what the user is working on.
_INSTALLED = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})


def show(shell: InteractiveShell, error: KubeError, trace: TracebackType | None) -> list[str]:
    """Shows an error that left a cell as its card; ``%tb`` and ``%debug`` find it as ever.

    Returns:
        The card's lines.
    """
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, trace
    if not hasattr(error, "_render_traceback_"):
        error_views.show_as_card(error, at=own_line(trace))
    lines: list[str] = error._render_traceback_(color=is_coloured(shell))  # type: ignore[attr-defined]
    # Not `showtraceback`: with a group of exceptions in its past it prints the whole of them.
    shell._showtraceback(type(error), error, lines)
    if shell.call_pdb:
        shell.debugger(force=True)
    return lines


def is_coloured(shell: InteractiveShell) -> bool:
    """Whether what the shell shows may be coloured: not where its user, the terminal or a file it goes to says no."""
    if os.environ.get("NO_COLOR") or shell.colors.lower() == "nocolor":
        return False
    return getattr(shell, "kernel", None) is not None or (os.environ.get("TERM") != "dumb" and sys.stdout.isatty())


def own_line(trace: TracebackType | None) -> str:
    """The last line of a traceback that is the user's own: ``line 3, in helper: pods.get("x")``; "" if none is."""
    for frame, number in reversed(list(traceback.walk_tb(trace))):
        name = frame.f_code.co_filename
        if name.startswith((_OURS, *_INSTALLED, "<frozen")):
            continue
        function = "" if frame.f_code.co_name == "<module>" else f", in {frame.f_code.co_name}"
        source = linecache.getline(name, number, frame.f_globals).strip()
        return f"line {number}{function}{f': {source}' if source else ''}"
    return ""
