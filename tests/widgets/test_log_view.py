"""The log view without a browser: its life, its static text, its pause."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import anyio
import pytest

from kmagic.sync.runtime import Runtime
from kmagic.views.log_line import LogLine, Source
from kmagic.widgets.feed import FeedState
from kmagic.widgets.log_view import LogView


class Feed:
    """Lines that a test writes."""

    def __init__(self) -> None:
        self.sources = [Source(0, "web-0", "main", "running")]
        self.state = FeedState("live")
        self.started = self.stopped = 0
        self.previous: list[int] = []

    def start(self, on_lines: Callable[[Sequence[LogLine]], None], on_state: Callable[[], None]) -> None:
        self.on_lines, self.on_state = on_lines, on_state
        self.started += 1

    def stop(self) -> None:
        self.stopped += 1

    async def read_previous(self, source: int) -> None:
        self.previous.append(source)
        self.write(LogLine(-1, ("", -1), "", "web-0", "main", 0, "", "earlier"))

    def write(self, *lines: LogLine) -> None:
        self.on_lines(lines)


def line(number: int) -> LogLine:
    return LogLine(number, ("", number), "", "web-0", "main", 0, "", f"line {number}")


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    runtime = Runtime("test-loop")
    yield runtime
    runtime.stop()


def test_lines_are_there_as_soon_as_somebody_asks_and_stay_after_the_end(runtime: Runtime) -> None:
    feed = Feed()
    view = LogView(feed, title="deploy/web", runtime=runtime)
    runtime.call(feed.write, line(1), line(2))
    assert [each.text for each in view.lines] == ["line 1", "line 2"]
    assert "line 2" in view.snapshot()["text/plain"]
    view.stop()
    view.stop()
    assert (view.state.word, feed.stopped) == ("stopped", 1)
    assert len(view.lines) == 2
    assert feed.started == 1


def test_a_view_that_nobody_looks_at_pauses_and_goes_on_when_somebody_does(runtime: Runtime) -> None:
    now = [0.0]
    feed = Feed()
    view = LogView(feed, runtime=runtime, clock=lambda: now[0])
    runtime.call(view._pause_if_unseen)
    assert view.state.word == "live"
    now[0] = 61.0
    runtime.call(view._pause_if_unseen)
    assert (view.state.word, feed.stopped) == ("paused", 1)
    assert view.lines == []
    assert (view.state.word, feed.started) == ("live", 2)
    runtime.call(view._receive, {"t": "hello", "vid": "v", "q": 1})
    now[0] = 130.0
    runtime.call(view._pause_if_unseen)  # a page shows it
    assert view.state.word == "live"
    view.stop()


def test_what_comes_too_fast_is_counted(runtime: Runtime) -> None:
    feed = Feed()
    view = LogView(feed, runtime=runtime)
    lines = [line(at) for at in range(60_000)]

    def pour() -> tuple[int, str]:
        feed.write(*lines)
        view._merge()
        return len(view.rows.lines), view.rows.lines[0].text

    assert runtime.call(pour) == (50_000, "line 10000")  # as many as are kept; the mark went with the oldest
    view.stop()


def test_the_earlier_log_is_read_when_a_page_asks(runtime: Runtime) -> None:
    feed = Feed()
    view = LogView(feed, runtime=runtime)
    runtime.call(view._receive, {"t": "hello", "vid": "v", "q": 1})
    runtime.call(view._receive, {"t": "previous", "vid": "v", "q": 2, "source": 0})
    runtime.call(view._receive, {"t": "previous", "vid": "v", "q": 3, "source": 7})

    async def earlier() -> None:
        with anyio.fail_after(30):
            while not view.lines:
                await view.changed()

    runtime.run(earlier())
    assert [each.text for each in view.lines] == ["earlier"]
    assert feed.previous == [0]
    view.stop()
