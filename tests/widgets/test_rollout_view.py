"""The rollout view without a browser: what its pages are told, its chart, its end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from kmagic.sync.runtime import Runtime
from kmagic.views.rollout_state import RolloutState, Sample, Side
from kmagic.widgets.rollout_view import RolloutChannel, RolloutView


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    runtime = Runtime("test-loop")
    yield runtime
    runtime.stop()


def at(new: int, old: int, **more: Any) -> RolloutState:
    return RolloutState(
        "waiting", wanted=3, new=Side("web-2", new, new, new, new), old=Side("", old, old, old, old), **more
    )


def test_a_page_is_told_the_whole_state_made_harmless() -> None:
    inbox: list[dict[str, Any]] = []
    state = at(1, 2, troubles=(("pod/a", "\x1b[2Jbad"),))
    channel = RolloutChannel(
        lambda: (state, [Sample(0.0, 0, 3)]),
        inbox.append,
        head={"title": "deploy/web"},
        clock=lambda: 0.0,
        wall=lambda: datetime(2026, 1, 1, tzinfo=UTC),
    )
    channel.receive({"t": "hello", "vid": "v", "q": 1})
    (frame,) = inbox
    assert frame["troubles"] == [["pod/a", "^[[2Jbad"]]
    assert (frame["new"], frame["old"], frame["wanted"]) == (["web-2", 1, 1], ["", 2, 2], 3)
    assert frame["samples"] == [[0.0, 0, 3]]


def test_every_change_of_ready_pods_is_in_the_chart_and_the_end_stays(runtime: Runtime) -> None:
    now = [0.0]
    view = RolloutView(at(0, 3), title="deploy/web", target="dev", runtime=runtime, clock=lambda: now[0])
    for seconds, state in ((1.0, at(1, 3)), (1.5, at(1, 3)), (2.0, at(3, 0)), (2.5, at(3, 0, done=True))):
        now[0] = seconds
        runtime.call(view.become, state)
    now[0] = 3.0
    view.stop("ended")
    view.stop()
    assert [(each.at, each.new, each.old) for each in view.samples] == [
        (0.0, 0, 3),
        (1.0, 1, 3),
        (2.0, 3, 0),
        (2.5, 3, 0),
        (3.0, 3, 0),
    ]
    shot = view.snapshot()
    assert "<svg" in shot["text/html"]
    assert "3 s · dev · as of" in shot["text/html"]
    assert shot["text/plain"] == "✓ deploy/web: waiting"


def test_a_long_rollout_keeps_a_bounded_chart(runtime: Runtime) -> None:
    view = RolloutView(at(0, 3), title="deploy/web", runtime=runtime)
    for number in range(2_000):
        runtime.call(view.become, at(number % 2, 3))
    assert len(view.samples) <= 401
    view.stop()
