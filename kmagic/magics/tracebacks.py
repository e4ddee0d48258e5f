"""The errors that leave a cell through our code: a card with the user's own line; an interrupt as one line."""

from __future__ import annotations

import functools
import linecache
import os
import re
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from IPython.core.error import UsageError as UnknownMagic

from kmagic.api.words import did_you_mean
from kmagic.errors import KubeError
from kmagic.magics.language.registry import KUBECTL, VERBS
from kmagic.magics.results.saved import is_notebook
from kmagic.views import errors as error_views

if TYPE_CHECKING:
    from types import TracebackType

    from IPython.core.interactiveshell import InteractiveShell

__all__ = ("is_coloured", "own_line", "show")

_OURS = str(Path(__file__).parents[1])
# What IPython says of a magic that does not exist.
_NOT_FOUND = re.compile(r"(?:Line|Cell) magic(?: function)? `(?P<signs>%%?)(?P<name>\w+)` not found")
_WORDS = {"%": "line", "%%": "cell"}
# What IPython makes of a line magic.
_MAGIC = re.compile(r"get_ipython\(\)\.run_line_magic\('(\w+)', '(.*)'\)")


def show(shell: InteractiveShell, error: BaseException, trace: TracebackType | None) -> object:
    """Shows what left a cell: an error of ours as its card, an interrupt of our code as one line, others as IPython does.

    IPython's own error for a magic that does not exist names the one of ours that was meant.
    """
    if isinstance(error, KubeError):
        return _show_error(shell, error, trace)
    if isinstance(error, KeyboardInterrupt) and _ends_in_ours(trace):
        return _show_interrupt(shell, error, trace)
    if isinstance(error, UnknownMagic):
        _suggest_magic(error)
    return shell.showtraceback((type(error), error, trace), running_compiled_code=True)


def _suggest_magic(error: UnknownMagic) -> None:
    found = _NOT_FOUND.match(str(error))
    if found is None:
        return
    signs = found["signs"]
    prompts = [f"{signs}{verb.magic}" for verb in (*VERBS.values(), KUBECTL) if _WORDS[signs] in verb.kinds]
    if close := did_you_mean(f"{signs}{found['name']}", prompts, 1):
        error.args = (f"{error} {close[0].upper()}{close[1:]}",)


def _show_error(shell: InteractiveShell, error: KubeError, trace: TracebackType | None) -> list[str]:
    """Shows an error that left a cell as its card; ``%tb`` and ``%debug`` find it as always.

    Returns:
        The card's lines.
    """
    if not hasattr(error, "_render_traceback_"):
        error_views.show_as_card(error, at=own_line(trace))
    lines: list[str] = error._render_traceback_(color=is_coloured(shell))  # type: ignore[attr-defined]
    return _show(shell, error, trace, lines)


def _show_interrupt(shell: InteractiveShell, error: KeyboardInterrupt, trace: TracebackType | None) -> list[str]:
    """Shows an interrupt that found our code at work as one line with the user's own."""
    what = " ".join(map(str, error.args)) or " at ".join(filter(None, ("interrupted", own_line(trace))))
    return _show(shell, error, trace, [f"KeyboardInterrupt: {what}"])


def _ends_in_ours(trace: TracebackType | None) -> bool:
    """Returns whether our code was called, by the cell or by the shell to show a value, when a traceback began."""
    return any(frame.f_code.co_filename.startswith(_OURS) for frame, _ in traceback.walk_tb(trace))


def _show(shell: InteractiveShell, error: BaseException, trace: TracebackType | None, lines: list[str]) -> list[str]:
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, trace
    # Not `showtraceback`: with a group of exceptions in its past it prints the whole of them.
    shell._showtraceback(type(error), error, lines)
    if shell.call_pdb:
        shell.debugger(force=True)
    return lines


def is_coloured(shell: InteractiveShell) -> bool:
    """Returns whether output may be coloured: not where the user, the terminal or a file it goes to says no."""
    if os.environ.get("NO_COLOR") or shell.colors.lower() == "nocolor":
        return False
    return is_notebook(shell) or (os.environ.get("TERM") != "dumb" and sys.stdout.isatty())


@functools.cache
def _installed() -> tuple[str, ...]:
    """Returns the folders of what is installed, which is not what the user is working on."""
    # Imported by the first error, and not with the extension: it reads how Python was built.
    import sysconfig

    return tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})


def own_line(trace: TracebackType | None) -> str:
    """The last line of a traceback that is the user's own: ``line 3, in helper: pods.get("x")``; "" if none is."""
    for frame, number in reversed(list(traceback.walk_tb(trace))):
        name = frame.f_code.co_filename
        if name.startswith((_OURS, *_installed(), "<frozen")):
            continue
        function = "" if frame.f_code.co_name == "<module>" else f", in {frame.f_code.co_name}"
        source = _MAGIC.sub(r"%\1 \2", linecache.getline(name, number, frame.f_globals).strip())
        return f"line {number}{function}{f': {source}' if source else ''}"
    return ""
