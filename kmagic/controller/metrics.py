"""The metrics of work queues, under the names every Kubernetes dashboard knows.

A queue reports to a `MetricsProvider`; `MemoryMetrics` keeps the figures and writes them in Prometheus' text form.

Source: k8s.io/client-go/util/workqueue/metrics.go, k8s.io/component-base/metrics/prometheus/workqueue.
"""

from __future__ import annotations

import bisect
import weakref
from collections.abc import Callable, Hashable
from typing import Protocol

from kmagic.api.clock import Clock

__all__ = (
    "ADDS",
    "BUCKETS",
    "DEPTH",
    "LATENCY",
    "LONGEST_RUNNING",
    "QUEUE_METRICS",
    "RETRIES",
    "UNFINISHED",
    "WORK_DURATION",
    "MemoryMetrics",
    "MetricsProvider",
    "QueueMetrics",
)

DEPTH = "workqueue_depth"
ADDS = "workqueue_adds_total"
LATENCY = "workqueue_queue_duration_seconds"
WORK_DURATION = "workqueue_work_duration_seconds"
UNFINISHED = "workqueue_unfinished_work_seconds"
LONGEST_RUNNING = "workqueue_longest_running_processor_seconds"
RETRIES = "workqueue_retries_total"

QUEUE_METRICS = {
    DEPTH: ("gauge", "Current depth of workqueue"),
    ADDS: ("counter", "Total number of adds handled by workqueue"),
    LATENCY: ("histogram", "How long in seconds an item stays in workqueue before being requested"),
    WORK_DURATION: ("histogram", "How long in seconds processing an item from workqueue takes"),
    UNFINISHED: ("gauge", "How many seconds of work is in progress and has not been observed by work_duration"),
    LONGEST_RUNNING: ("gauge", "How many seconds has the longest running processor for workqueue been running"),
    RETRIES: ("counter", "Total number of retries handled by workqueue"),
}
"""The kind and the words of help of each metric."""

# Upstream's buckets: ten powers of ten from 10 ns to 10 s.
BUCKETS = tuple(1e-8 * 10**n for n in range(10))


class MetricsProvider(Protocol):
    """The receiver of metrics; `name` is the queue's name, the label of the metric."""

    def set(self, metric: str, name: str, value: float) -> None:
        """A gauge has this value now."""
        ...

    def increment(self, metric: str, name: str) -> None:
        """A counter goes up by one."""
        ...

    def observe(self, metric: str, name: str, seconds: float) -> None:
        """A histogram sees one duration."""
        ...

    def on_collect(self, refresh: Callable[[], None]) -> None:
        """`refresh` (a bound method) is to be called before figures are read: it sets gauges that grow with time."""
        ...


class QueueMetrics:
    """Turns what happens in one queue into figures; without a provider it does nothing.

    Args:
        name: The queue's name; "" means no metrics.
        provider: Receiver of the metrics.
        clock: Gives the times of which durations are made.
    """

    def __init__(self, name: str, provider: MetricsProvider | None, clock: Clock) -> None:
        self._name = name
        self._provider = provider if name else None
        self._clock = clock
        self._depth = 0
        self._added: dict[Hashable, float] = {}
        self._started: dict[Hashable, float] = {}
        if self._provider is not None:
            self._provider.set(DEPTH, name, 0)
            self._provider.on_collect(self.refresh)

    def add(self, item: Hashable) -> None:
        """The item was accepted: it waits, or will when its present run is over."""
        if self._provider is not None:
            self._provider.increment(ADDS, self._name)
            self._depth += 1
            self._provider.set(DEPTH, self._name, self._depth)
            self._added.setdefault(item, self._clock.now())

    def get(self, item: Hashable) -> None:
        """A worker took the item."""
        if self._provider is not None:
            self._depth -= 1
            self._provider.set(DEPTH, self._name, self._depth)
            now = self._clock.now()
            self._started[item] = now
            if item in self._added:
                self._provider.observe(LATENCY, self._name, now - self._added.pop(item))

    def done(self, item: Hashable) -> None:
        """The worker is finished with it."""
        if self._provider is not None and item in self._started:
            self._provider.observe(WORK_DURATION, self._name, self._clock.now() - self._started.pop(item))
            self.refresh()

    def retry(self) -> None:
        """An item comes back later."""
        if self._provider is not None:
            self._provider.increment(RETRIES, self._name)

    def refresh(self) -> None:
        """Sets the two gauges that grow while workers work."""
        if self._provider is not None:
            now = self._clock.now()
            running = [now - started for started in self._started.values()]
            self._provider.set(UNFINISHED, self._name, sum(running))
            self._provider.set(LONGEST_RUNNING, self._name, max(running, default=0.0))


class _Histogram:
    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.sum = 0.0
        self.count = 0

    def observe(self, seconds: float) -> None:
        self.counts[bisect.bisect_left(BUCKETS, seconds)] += 1
        self.sum += seconds
        self.count += 1


class MemoryMetrics:
    """Keeps the figures of any number of queues, to read them in a notebook or serve them to Prometheus.

    ```python
    metrics = MemoryMetrics()
    queue = WorkQueue(name="foos", metrics=metrics)
    metrics.value("workqueue_depth", "foos")
    print(metrics.text())
    ```
    """

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], float] = {}
        self._histograms: dict[tuple[str, str], _Histogram] = {}
        # Weak: figures do not keep a queue of a re-run cell alive.
        self._refresh: list[weakref.ref[Callable[[], None]]] = []

    def set(self, metric: str, name: str, value: float) -> None:
        """A gauge has this value now."""
        self._values[metric, name] = value

    def increment(self, metric: str, name: str) -> None:
        """A counter goes up by one."""
        self._values[metric, name] = self._values.get((metric, name), 0) + 1

    def observe(self, metric: str, name: str, seconds: float) -> None:
        """A histogram sees one duration."""
        self._histograms.setdefault((metric, name), _Histogram()).observe(seconds)

    def on_collect(self, refresh: Callable[[], None]) -> None:
        """`refresh` is called before figures are read."""
        self._refresh.append(weakref.WeakMethod(refresh))

    def value(self, metric: str, name: str) -> float:
        """A gauge's or counter's value, a histogram's sum of seconds; 0 when nothing was reported."""
        self._collect()
        histogram = self._histograms.get((metric, name))
        return histogram.sum if histogram else self._values.get((metric, name), 0.0)

    def count(self, metric: str, name: str) -> int:
        """Returns the number of durations that a histogram has seen."""
        histogram = self._histograms.get((metric, name))
        return histogram.count if histogram else 0

    def text(self) -> str:
        """All figures in Prometheus' text exposition format."""
        self._collect()
        lines: list[str] = []
        for metric, (kind, words) in QUEUE_METRICS.items():
            rows = [
                *(f'{metric}{{name="{name}"}} {value:g}' for (m, name), value in self._values.items() if m == metric),
                *(
                    row
                    for (m, name), histogram in self._histograms.items()
                    if m == metric
                    for row in _histogram_rows(metric, name, histogram)
                ),
            ]
            if rows:
                lines += [f"# HELP {metric} {words}", f"# TYPE {metric} {kind}", *rows]
        return "\n".join(lines) + "\n" if lines else ""

    def _collect(self) -> None:
        alive = [(ref, refresh) for ref in self._refresh if (refresh := ref()) is not None]
        self._refresh = [ref for ref, _ in alive]
        for _, refresh in alive:
            refresh()


def _histogram_rows(metric: str, name: str, histogram: _Histogram) -> list[str]:
    rows, seen = [], 0
    for bound, count in zip((*(f"{b:g}" for b in BUCKETS), "+Inf"), histogram.counts, strict=True):
        seen += count
        rows.append(f'{metric}_bucket{{name="{name}",le="{bound}"}} {seen}')
    rows.append(f'{metric}_sum{{name="{name}"}} {histogram.sum:g}')
    rows.append(f'{metric}_count{{name="{name}"}} {histogram.count}')
    return rows
