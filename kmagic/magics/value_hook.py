"""A cell's value in a terminal: a table gets no ``Out[3]:`` in front, which would stand there on an empty line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.magics.results.saved import is_notebook

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ("ValueHook",)


class ValueHook:
    """A shell's `sys.displayhook`: as the shell's own, but for the prompt before values of ours.

    A kernel's hook writes no prompts, and is left to do everything.

    Args:
        shell: The shell whose values are shown.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def __call__(self, value: object = None) -> None:
        """Shows a cell's value and remembers it as ``_`` and in ``Out``."""
        hook = self._shell.displayhook
        if is_notebook(self._shell) or not type(value).__module__.startswith("kmagic.magics.") or hook.quiet():
            hook(value)
            return
        hook.check_for_underscore()
        bundle, metadata = hook.compute_format_data(value)
        hook.update_user_ns(value)
        hook.fill_exec_result(value)
        if not bundle:  # it has shown itself
            return
        if "\n" not in bundle.get("text/plain", ""):
            hook.write_output_prompt()
        hook.write_format_data(bundle, metadata)
        hook.finish_displayhook()
