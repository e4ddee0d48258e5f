"""Queue metrics: client-go's names, values by a clock that only tests move."""

from __future__ import annotations

import gc

import pytest

from kmagic.controller.metrics import (
    ADDS,
    DEPTH,
    LATENCY,
    LONGEST_RUNNING,
    RETRIES,
    UNFINISHED,
    WORK_DURATION,
    MemoryMetrics,
)
from kmagic.controller.rate_limiting_queue import RateLimitingQueue
from kmagic.controller.workqueue import WorkQueue
from kmagic.testing.clock import FakeClock


async def test_WQ_12_A24_a_queue_reports_what_happens_in_it() -> None:
    clock, metrics = FakeClock(), MemoryMetrics()
    queue = WorkQueue[str](name="test", metrics=metrics, clock=clock)

    def value(metric: str) -> float:
        return metrics.value(metric, "test")

    queue.add("foo")
    assert (value(ADDS), value(DEPTH)) == (1, 1)
    clock.advance(0.000050)
    assert await queue.get() == ("foo", False)
    assert value(LATENCY) == pytest.approx(0.000050)
    assert metrics.count(LATENCY, "test") == 1
    assert value(DEPTH) == 0

    queue.add("foo")  # while it is processed
    assert (value(ADDS), value(DEPTH)) == (2, 1)
    clock.advance(0.000025)
    assert value(UNFINISHED) == pytest.approx(0.000025)
    assert value(LONGEST_RUNNING) == pytest.approx(0.000025)
    queue.done("foo")
    assert value(WORK_DURATION) == pytest.approx(0.000025)
    assert value(UNFINISHED) == 0

    clock.advance(0.000010)
    assert await queue.get() == ("foo", False)
    assert metrics.count(LATENCY, "test") == 2
    assert value(LATENCY) == pytest.approx(0.000085)


async def test_WQ_12_unfinished_work_adds_up_and_the_longest_stands_out() -> None:
    clock, metrics = FakeClock(), MemoryMetrics()
    queue = WorkQueue[str](name="test", metrics=metrics, clock=clock)
    queue.add("a")
    queue.add("b")
    await queue.get()
    clock.advance(2)
    await queue.get()
    clock.advance(1)
    assert metrics.value(UNFINISHED, "test") == 4
    assert metrics.value(LONGEST_RUNNING, "test") == 3


async def test_WQ_12_each_delayed_add_is_a_retry() -> None:
    metrics = MemoryMetrics()
    queue = RateLimitingQueue[str](name="test", metrics=metrics, clock=FakeClock())
    queue.add_rate_limited("a")
    queue.add_after("b", 0)
    assert metrics.value(RETRIES, "test") == 2


async def test_WQ_11_a_queue_without_a_name_reports_nothing() -> None:
    metrics = MemoryMetrics()
    queue = WorkQueue[str](metrics=metrics)
    queue.add("a")
    await queue.get()
    queue.done("a")
    assert metrics.text() == ""


async def test_WQ_12_the_text_is_what_prometheus_reads() -> None:
    clock, metrics = FakeClock(), MemoryMetrics()
    queue = WorkQueue[str](name="foos", metrics=metrics, clock=clock)
    queue.add("a")
    clock.advance(0.5)
    await queue.get()
    lines = metrics.text().splitlines()
    assert "# TYPE workqueue_depth gauge" in lines
    assert 'workqueue_depth{name="foos"} 0' in lines
    assert 'workqueue_adds_total{name="foos"} 1' in lines
    assert 'workqueue_queue_duration_seconds_bucket{name="foos",le="0.1"} 0' in lines
    assert 'workqueue_queue_duration_seconds_bucket{name="foos",le="1"} 1' in lines
    assert 'workqueue_queue_duration_seconds_bucket{name="foos",le="+Inf"} 1' in lines
    assert 'workqueue_queue_duration_seconds_count{name="foos"} 1' in lines


def test_figures_do_not_keep_a_queue_alive() -> None:
    metrics = MemoryMetrics()
    queue = WorkQueue[str](name="foos", metrics=metrics)
    queue.add("a")
    del queue
    gc.collect()
    assert metrics.value(DEPTH, "foos") == 1
