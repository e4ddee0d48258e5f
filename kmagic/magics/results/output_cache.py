"""IPython's histories of values and of what was shown: what a cell's re-run replaced does not stay there for ever."""

from __future__ import annotations

from IPython.core.getipython import get_ipython

__all__ = ("forget_output",)


def forget_output(value: object) -> None:
    """Takes a value out of ``Out`` and the ``_12`` of its cell, with its looks; variables of the user's own keep it."""
    shell = get_ipython()
    if shell is None:
        return
    outputs = shell.user_ns.get("_oh") or {}
    for number in [number for number, output in outputs.items() if output is value]:
        del outputs[number]
        for names in (shell.user_ns, shell.user_ns_hidden):
            names.pop(f"_{number}", None)
        history = shell.history_manager
        for looks in ("outputs", "output_hist_reprs"):  # IPython 8 has no `outputs`
            getattr(history, looks, {}).pop(number, None)
