"""IPython's history of values, ``Out``: what a cell's re-run replaced does not stay in it for ever."""

from __future__ import annotations

from IPython.core.getipython import get_ipython

__all__ = ("forget_output",)


def forget_output(value: object) -> None:
    """Takes a value out of ``Out`` and the ``_12`` of its cell; variables of the user's own keep it."""
    shell = get_ipython()
    if shell is None:
        return
    outputs = shell.user_ns.get("_oh") or {}
    for number in [number for number, output in outputs.items() if output is value]:
        del outputs[number]
        for names in (shell.user_ns, shell.user_ns_hidden):
            names.pop(f"_{number}", None)
