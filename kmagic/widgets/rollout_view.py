"""A rollout in the browser while it goes on, and its chart beside it, which the saved notebook keeps."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import anyio
import anywidget

from kmagic.api.terminal import escape_terminal
from kmagic.sync.runtime import Runtime
from kmagic.views import rollout_html
from kmagic.views.rollout_state import RolloutState, Sample
from kmagic.widgets.feed import FeedState
from kmagic.widgets.outputs import FORGET_WITHOUT_SUBSHELLS, Outputs, fallback
from kmagic.widgets.page import script, style
from kmagic.widgets.pages import Message, Page, Pages

__all__ = ("RolloutChannel", "RolloutView")

_MOST_SAMPLES = 400


class _Model(anywidget.AnyWidget):
    """The widget's model: code and style, no data."""

    _esm = script("rollout")
    _css = style("rollout")


class RolloutChannel(Pages[Page]):
    """The messages between a rollout's kernel side and its pages: the whole state whenever it changes.

    Up: hello · hb · resync · bye. Down: win {text, done, failed, paused, steps, wanted, new, old, troubles, deadline,
    samples, head} · tick · who.
    """

    def __init__(
        self,
        now: Callable[[], tuple[RolloutState, list[Sample]]],
        send: Callable[[Message], None],
        *,
        head: Mapping[str, Any],
        clock: Callable[[], float],
        wall: Callable[[], datetime],
    ) -> None:
        super().__init__(send, clock=clock, wall=wall)
        self._now_, self._head = now, dict(head)

    def _open(self, now: float) -> Page:
        return Page(now)

    def _news(self, page: Page) -> Message | None:
        state, samples = self._now_()
        sides = {
            side: [getattr(state, side).name, getattr(state, side).current, getattr(state, side).ready]
            for side in ("new", "old")
        }
        return {
            "head": self._head, "text": escape_terminal(state.text), "done": state.done, "failed": state.failed,
            "paused": state.paused, "wanted": state.wanted, "steps": [list(each) for each in state.steps], **sides,
            "troubles": [[name, escape_terminal(text)[:600]] for name, text in state.troubles[:20]],
            "deadline": state.deadline, "samples": [[each.at, each.new, each.old] for each in samples],
        }  # fmt: skip


class RolloutView:
    """A rollout that is told its state and shows it.

    Args:
        state: The first state.
        title: Name of what is rolled out, "deploy/web".
        target: Name of the cluster and namespace.
        level: The target's protection level.
        runtime: The loop thread.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        state: RolloutState,
        *,
        title: str,
        target: str = "",
        level: str = "",
        runtime: Runtime,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.title: str = title
        self.target: str = target
        self._runtime, self._clock = runtime, clock
        self._began = clock()
        self.state: RolloutState = state
        self.samples: list[Sample] = []
        self._outputs = Outputs(
            _Model, snapshot=self.snapshot, receive=self._receive, runtime=runtime, unheard=self._never_forget
        )
        self._channel = RolloutChannel(
            lambda: (self.state, self.samples),
            self._outputs.send,
            head={"title": title, "target": target, "level": level},
            clock=clock,
            wall=lambda: datetime.now(UTC),
        )
        self._channel.become(FeedState("live"))
        self._stopped = False
        self._scope = runtime.spawn(self._pump, name=f"rollout:{title}")
        runtime.call(self.become, state)

    # -- from any thread

    def show(self) -> None:
        """Displays the view and its static form."""
        self._outputs.show()

    @property
    def widget(self) -> anywidget.AnyWidget:
        """The widget by itself, for front-ends that show one as it is."""
        return self._outputs.widget()

    def snapshot(self) -> dict[str, str]:
        """The view as it is now, static: a bundle of HTML and plain text."""
        moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        took = f"{self.samples[-1].at:.0f} s" if self.samples else ""
        footer = " · ".join(part for part in (took, self.target, f"as of {moment}") if part)
        html, text = rollout_html.rollout_html(self.state, self.samples, title=self.title, footer=footer)
        return {"text/html": fallback(html), "text/plain": text}

    def stop(self, word: str = "stopped") -> None:
        """Changes no more; pages keep what they show. Safe to call twice."""
        if self._runtime.running:
            self._runtime.call(self._end, word)
        self._outputs.save()

    def close(self) -> None:
        """Stops, and takes the widget off every page; the chart stays."""
        self.stop()
        self._outputs.close()

    # -- on the loop's thread

    def become(self, state: RolloutState) -> None:
        """Takes the state as it is now, and tells the pages at once."""
        at = round(self._clock() - self._began, 1)
        sample = Sample(at, state.new.ready, state.old.ready)
        if not self.samples or (sample.new, sample.old) != (self.samples[-1].new, self.samples[-1].old) or state.done:
            self.samples.append(sample)
        if len(self.samples) > _MOST_SAMPLES:
            self.samples = self.samples[::2]
        self.state = state
        self._channel.touch()
        self._channel.flush()

    def _end(self, word: str) -> None:
        if self._stopped:
            return
        self._stopped = True
        self.samples.append(Sample(round(self._clock() - self._began, 1), self.state.new.ready, self.state.old.ready))
        self._channel.become(FeedState(word))
        self._channel.flush()
        self._scope.cancel()

    async def _pump(self) -> None:
        while True:
            await anyio.sleep(1.0)
            self._channel.flush()
            self._outputs.save_when_due()

    def _receive(self, message: Mapping[str, Any]) -> None:
        self._channel.receive(message)

    def _never_forget(self) -> None:
        self._channel.forget_seconds = FORGET_WITHOUT_SUBSHELLS
