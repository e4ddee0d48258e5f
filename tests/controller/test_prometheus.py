"""Queue metrics in prometheus_client's registry are the same figures as `MemoryMetrics` writes."""

from __future__ import annotations

import re
import sys

import prometheus_client
import pytest

from kmagic.controller import MemoryMetrics, PrometheusMetrics, WorkQueue
from kmagic.controller.metrics import MetricsProvider
from kmagic.errors import KubeError
from kmagic.testing.clock import FakeClock


async def _work(metrics: MetricsProvider, clock: FakeClock) -> WorkQueue[str]:
    queue = WorkQueue[str](name="foos", metrics=metrics, clock=clock)
    queue.add("a")
    queue.add("b")
    clock.advance(0.5)
    assert await queue.get() == ("a", False)
    clock.advance(2)
    queue.done("a")
    assert await queue.get() == ("b", False)
    clock.advance(3)
    return queue


def _figures(text: str) -> dict[str, float]:
    """The samples by name and labels; the moments of their making are not of the queue."""
    samples = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {_name(name): float(value) for name, _, value in samples if "_created" not in name}


def _name(written: str) -> str:
    """A sample's name with its labels in one order and its bound as one number, however it was written."""
    metric, _, labels = written.rstrip("}").partition("{")
    bounds = (re.sub(r'le="(.+)"', lambda found: f'le="{float(found[1]):g}"', label) for label in labels.split(","))
    return f"{metric}{sorted(bounds)}"


async def test_the_registry_shows_what_memory_metrics_shows() -> None:
    registry, memory = prometheus_client.CollectorRegistry(), MemoryMetrics()
    held = [await _work(PrometheusMetrics(registry), FakeClock()), await _work(memory, FakeClock())]
    served = prometheus_client.generate_latest(registry).decode()
    assert _figures(served)[_name('workqueue_unfinished_work_seconds{name="foos"}')] == 3
    assert _figures(served) == pytest.approx(_figures(memory.text()))
    del held  # until here: figures do not keep a queue


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(KubeError, match=r"kmagic\[metrics\]"):
        PrometheusMetrics()
