"""The outputs of a live view: a model that pages talk to, and the static output beside it that the notebook saves."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from IPython.display import DisplayHandle, display

if TYPE_CHECKING:
    from anywidget import AnyWidget

    from kmagic.sync.runtime import Runtime

__all__ = ("FORGET_WITHOUT_SUBSHELLS", "Outputs", "answer_while_busy", "bundle_of", "fallback")

FORGET_WITHOUT_SUBSHELLS = 1800.0
"""Seconds after which a silent page counts as closed where a long cell keeps heartbeats from arriving."""

_FALLBACK_SECONDS = 15.0  # how old the saved output may be

# JupyterLab says of a widget whose kernel is gone that its model is not found; the static output says all there is.
_ALONE = (
    "<style>.jp-OutputArea-child:has(.kmg-fallback)+.jp-OutputArea-child"
    ">.jp-OutputArea-output.jupyter-widgets:not(:has(*)){display:none}</style>"
)


def fallback(body: str) -> str:
    """The static HTML of a view, which its live form hides while there is one."""
    return f'{_ALONE}<div class="kmg-fallback">{body}</div>'


class Outputs:
    """Shows a view: the static output, and the live one where there is a front-end.

    Args:
        make: Makes the model, code and style without data; called by the first `show`.
        snapshot: The view as it is now, static: a bundle of HTML and plain text.
        receive: Takes what a page says, on the loop's thread.
        runtime: The loop.
        aside: Takes what a page says first, in the kernel's thread, where it may block; returns whether that was all.
        unheard: Called on the loop's thread where pages' messages wait until the running cell ends.
    """

    def __init__(
        self,
        make: Callable[[], AnyWidget],
        *,
        snapshot: Callable[[], dict[str, str]],
        receive: Callable[[Mapping[str, Any]], object],
        runtime: Runtime,
        unheard: Callable[[], object] = lambda: None,
        aside: Callable[[Mapping[str, Any]], bool] = lambda message: False,
    ) -> None:
        self._make, self._snapshot, self._receive = make, snapshot, receive
        self._runtime, self._unheard, self._aside = runtime, unheard, aside
        self.model: AnyWidget | None = None
        self._fallback: DisplayHandle | None = None
        self._due = 0.0

    def show(self, *, headless: bool = False) -> None:
        """Displays the static output and, unless `headless`, the live one."""
        self._fallback = display(self._snapshot(), raw=True, display_id=True)
        if not headless:
            # Without a model there is nothing to see of it: the static output is beside it.
            display({**bundle_of(self.widget()), "text/plain": ""}, raw=True)

    def widget(self) -> AnyWidget:
        """Returns the model, which is a widget by itself, for front-ends that show one as it is."""
        if self.model is None:
            self.model = self._make()
            if not answer_while_busy(self.model.comm):
                self._runtime.call(self._unheard)

            def on_message(_: object, content: Mapping[str, Any], buffers: object) -> None:
                if not self._aside(content):
                    self._runtime.post(self._receive, content)

            self.model.on_msg(on_message)
        return self.model

    def send(self, content: dict[str, Any]) -> None:
        """Sends a message to all pages."""
        if self.model is not None:
            self.model.send(content)

    def save(self) -> None:
        """Refreshes what the notebook saves; the display's identity finds it, whichever cell runs."""
        self._due = time.monotonic() + _FALLBACK_SECONDS
        if self._fallback is not None:
            self._fallback.update(self._snapshot(), raw=True)

    def save_when_due(self) -> bool:
        """Refreshes what the notebook saves unless that was done a moment ago; returns whether it did."""
        due = self.model is not None and time.monotonic() > self._due
        if due:
            self.save()
        return due

    def close(self) -> None:
        """Takes the live output off every page together with its comms; the static one stays."""
        model, self.model = self.model, None
        if model is not None:
            model.layout.close()
            model.close()


def bundle_of(model: AnyWidget) -> dict[str, Any]:
    """Returns the mime bundle of a widget's view."""
    made: Any = model._repr_mimebundle_()
    return dict(made[0] if isinstance(made, tuple) else made or {})


def answer_while_busy(comm: Any) -> bool:
    """Lets pages' messages through while a cell runs; returns whether the kernel can do that at all.

    ipykernel 7.4 sends a page's message to the shell that last sent on the comm: for a widget that a cell made, the
    busy one. Before 7.4 the attribute does not exist and messages go to a subshell by themselves.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = lambda data, default: default
    kernel = getattr(comm, "kernel", None)
    return bool(getattr(kernel, "_supports_kernel_subshells", False))
